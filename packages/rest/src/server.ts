import { SessionError } from '@ovfkit/domain';
import type { Dispatcher } from 'undici';
import { createAgent, type Trust } from './certificate.ts';
import { placeOf } from './errors.ts';

/** The server that is talked to: where it is, how to reach it, whom to trust. */
export interface Server {
  /** Without a slash at the end. */
  readonly base: URL;
  /** `host:port`, for messages. */
  readonly place: string;
  readonly stallTimeoutMs: number;
  readonly userAgent: string;
  /** What every request to `path` has in common. */
  request(path: string): {
    readonly url: URL;
    readonly agent: Dispatcher;
    readonly userAgent: string;
    readonly timeoutMs: number;
  };
  /** The client for a file's URL, and whether the URL is the server's own. `thumbprint` pins another host, never this one. */
  agentFor(url: URL, thumbprint: string | undefined): { readonly agent: Dispatcher; readonly isOwn: boolean };
  close(): Promise<void>;
}

export interface ServerOptions extends Pick<Trust, 'thumbprint' | 'ca' | 'connectTimeoutMs'> {
  /** `https://vc.example.com`, with a port or a path prefix where there is one. */
  readonly url: string;
  /** Silence that ends a transfer or a call. */
  readonly stallTimeoutMs: number;
  readonly userAgent: string;
}

/** @throws SessionError INVALID_ARGUMENT when the URL or the thumbprint cannot be read */
export function createServer({ url, stallTimeoutMs, userAgent, ...trust }: ServerOptions): Server {
  const base = readBase(url);
  const agent = createAgent(trust);
  const others = new Map<string, Dispatcher>();
  const otherAgent = (pin: string | undefined): Dispatcher => {
    const key = pin ?? '';
    const known = others.get(key);
    if (known) return known;
    const made = createAgent({ ...trust, thumbprint: pin });
    others.set(key, made);
    return made;
  };
  return {
    base,
    place: placeOf(base),
    stallTimeoutMs,
    userAgent,
    request: (path) => ({
      url: new URL(`${base.href.replace(/\/$/, '')}${path}`),
      agent,
      userAgent,
      timeoutMs: stallTimeoutMs,
    }),
    agentFor(target, thumbprint) {
      if (target.origin === base.origin) return { agent, isOwn: true };
      // another port of the same host is the server's too, but not over plain HTTP when the server is on HTTPS
      const isOwn = target.hostname === base.hostname && target.protocol === base.protocol;
      const pin = thumbprint === undefined || thumbprint === '' ? (isOwn ? trust.thumbprint : undefined) : thumbprint;
      return { agent: otherAgent(pin), isOwn };
    },
    async close() {
      await Promise.all([agent, ...others.values()].map((each) => each.destroy()));
    },
  };
}

function readBase(text: string): URL {
  const url = URL.parse(text);
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:'))
    throw new SessionError(
      'INVALID_ARGUMENT',
      `${JSON.stringify(text)} is not an http or https URL, such as https://vc.example.com.`,
    );
  if (url.username !== '' || url.password !== '')
    throw new SessionError('INVALID_ARGUMENT', 'The URL holds a user or a password; give them as options instead.');
  url.search = '';
  url.hash = '';
  return url;
}
