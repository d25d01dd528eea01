import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

/** One request as the server saw it. */
export interface Seen {
  readonly path: string;
  readonly range: string | undefined;
}

export interface FileServer {
  readonly url: string;
  readonly files: Map<string, Uint8Array>;
  readonly seen: Seen[];
  /** How it behaves from now on. */
  readonly mood: {
    ranges: boolean;
    /** Breaks the connection of the next answers to this path after so many bytes; each break uses one up. */
    breaks: Map<string, number[]>;
    /** Answers to this path wait for this promise after their first byte. */
    hold: Map<string, Promise<void>>;
    version: string;
    /** Status of every answer, instead of a file. */
    refusal: number | undefined;
  };
}

/** Serves `files` by name over HTTP until the test ends, with strong validators, and ranges unless told otherwise. */
export async function serveFiles(files: Iterable<readonly [string, Uint8Array]>): Promise<FileServer> {
  const mood: FileServer['mood'] = {
    ranges: true,
    breaks: new Map<string, number[]>(),
    hold: new Map<string, Promise<void>>(),
    version: 'v1',
    refusal: undefined,
  };
  const kept = new Map(files);
  const seen: Seen[] = [];
  const server = createServer((request, response) => {
    answer({ request, response, kept, mood, seen }).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    return new Promise<void>((resolve) => server.close(() => resolve()));
  });
  const address = server.address();
  return { url: `http://127.0.0.1:${portOf(address)}`, files: kept, seen, mood };
}

const portOf = (address: AddressInfo | string | null): number =>
  address !== null && typeof address === 'object' ? address.port : 0;

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly kept: ReadonlyMap<string, Uint8Array>;
  readonly mood: FileServer['mood'];
  readonly seen: Seen[];
}

async function answer({ request, response, kept, mood, seen }: Exchange): Promise<void> {
  const path = decodeURIComponent((request.url ?? '/').slice(1));
  seen.push({ path, range: request.headers.range });
  const bytes = kept.get(path);
  if (bytes === undefined || mood.refusal !== undefined) {
    response.writeHead(mood.refusal ?? 404).end();
    return;
  }
  const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? [];
  const etag = `"${mood.version}-${path}"`;
  if (mood.ranges && first !== undefined && Number(first) >= bytes.length) {
    response.writeHead(416, { 'Content-Range': `bytes */${bytes.length}` }).end();
    return;
  }
  const start = mood.ranges ? Number(first ?? 0) : 0;
  const end = mood.ranges && last !== undefined ? Math.min(Number(last) + 1, bytes.length) : bytes.length;
  const isPart = mood.ranges && first !== undefined;
  response.writeHead(isPart ? 206 : 200, {
    'Content-Length': end - start,
    ETag: etag,
    ...(isPart ? { 'Content-Range': `bytes ${start}-${end - 1}/${bytes.length}` } : {}),
  });
  const breakAt = mood.breaks.get(path)?.shift();
  if (breakAt !== undefined) {
    // later: what a client has not read when the connection breaks is lost to it
    response.write(bytes.subarray(start, start + breakAt), () => setTimeout(() => response.destroy(), 300));
    return;
  }
  const hold = mood.hold.get(path);
  if (hold !== undefined) {
    response.write(bytes.subarray(start, start + 1000));
    await hold;
    response.end(bytes.subarray(start + 1000, end));
    return;
  }
  response.end(bytes.subarray(start, end));
}
