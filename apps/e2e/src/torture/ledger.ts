import type { IncomingHttpHeaders } from 'node:http';

/** A request for a file of an import, as it goes to the service. */
export interface FileRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
}

/** What the service said to it. */
export interface FileAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
}

/** Keeps book of who sent which file when. */
export interface Ledger {
  /** Before the request goes on. */
  begins(request: FileRequest): void;
  /** As soon as the service answers, whether or not the client hears of it. */
  answered(request: FileRequest, answer: FileAnswer): void;
  /** Bytes of files that passed to the service. */
  count(size: number): void;
  bytes(): number;
  /** Files that were sent again after they were complete. */
  problems(): readonly string[];
}

const transfer = /^\/ovf\/transfer\/([^./]+)\.[^/]+\/([^/?]+)/;

/** Session and name of a file's URL; undefined for another URL. */
function fileOf(path: string): string | undefined {
  const [, claims, name] = transfer.exec(path) ?? [];
  if (claims === undefined || name === undefined) return undefined;
  const parsed: unknown = JSON.parse(Buffer.from(claims, 'base64url').toString());
  const [kind, session] = Array.isArray(parsed) ? parsed : [];
  return `${String(kind)} ${String(session)} ${decodeURIComponent(name)}`;
}

const isComplete = ({ status, headers }: FileAnswer, method: string): boolean =>
  status >= 200 &&
  status < 300 &&
  (method === 'HEAD' ? headers['upload-complete'] === '?1' : headers['upload-complete'] !== '?0');

/** Nothing was sent yet. */
export function createLedger(): Ledger {
  const complete = new Set<string>();
  const problems: string[] = [];
  let bytes = 0;
  return {
    begins({ method, path, headers }) {
      const file = fileOf(path);
      if (file === undefined || !complete.has(file) || method === 'HEAD' || method === 'GET') return;
      if (headers['content-length'] === '0') return;
      problems.push(`${method} sends ${file} again, which was complete`);
    },
    answered({ method, path }, answer) {
      const file = fileOf(path);
      if (file !== undefined && method !== 'GET' && isComplete(answer, method)) complete.add(file);
    },
    count(size) {
      bytes += size;
    },
    bytes: () => bytes,
    problems: () => problems,
  };
}
