import type { FastifyInstance, FastifyRequest } from 'fastify';

/** What is found out about a request while it is served. */
export interface RequestNote {
  /** Who called; of a login that failed, who it claimed to be. */
  readonly user?: string;
  /** `service.operation`; `file.upload` and `file.download` for bytes, `session.create` and `session.delete` for logins. */
  readonly operation?: string;
  /** What the operation is about, by name: `{ id: '5f3a…' }`. */
  readonly target?: Readonly<Record<string, string>>;
  /** The id of what it made. */
  readonly made?: string;
  /** The kind of the error it was refused with. */
  readonly error?: string;
}

/** One answered request, for logs and audits. */
export interface RequestReport extends RequestNote {
  readonly method: string;
  /** Without query and capabilities. */
  readonly path: string;
  /** 0 when the client went away before it was answered. */
  readonly status: number;
  readonly durationMs: number;
  readonly address: string;
}

/** Adds to what is known of a request. */
export type Note = (request: FastifyRequest, note: RequestNote) => void;

/** Tells of each request when it is over. */
export function reportRequests(app: FastifyInstance, onRequest: ((report: RequestReport) => void) | undefined): Note {
  if (onRequest === undefined) return () => {};
  const notes = new WeakMap<FastifyRequest, RequestNote>();
  app.addHook('onRequest', async (request, { raw }) => {
    const startedAt = performance.now();
    const address = request.ip; // a closed socket has none
    // not when the answer is finished: a client that goes away before it leaves none
    raw.once('close', () => {
      onRequest({
        method: request.method,
        path: loggedPath(request.url),
        status: raw.headersSent ? raw.statusCode : 0,
        durationMs: performance.now() - startedAt,
        address,
        ...notes.get(request),
      });
    });
  });
  return (request, note) => void notes.set(request, { ...notes.get(request), ...note });
}

/**
 * A path as it may be written down: a capability is as good as a password, and a query may hold anything. What is as long as
 * a capability is left out wherever it stands: paths have more spellings than one.
 */
export function loggedPath(url: string): string {
  const [path = ''] = url.split('?');
  return path.replace(/^(\/ovf\/transfer\/)[^/]*/, '$1…').replaceAll(/[^/]{65,}/g, '…');
}
