import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';

/** What a server is to do wrong. */
export interface Behaviour {
  /** Ignores Range. */
  readonly ranges?: 'ignored';
  /** Destroys the connection after so many bytes of each of the first answers. */
  readonly breaks?: { readonly after: number; readonly times: number };
  /** Only GET, and only with this query, as a store of objects has it for an address that was signed. */
  readonly signature?: string;
  /** After so many requests as many as it says are answered with 503. */
  readonly busyAfter?: { readonly requests: number; readonly times: number };
  /** Sends everything by gzip, asked or not. */
  readonly encoding?: 'gzip';
  /** Paths that lead elsewhere. */
  readonly redirects?: Readonly<Record<string, string>>;
}

/** A server of files in memory that counts what it sends. */
export interface FileServer {
  readonly url: string;
  readonly requests: readonly {
    readonly path: string;
    readonly range: string | undefined;
    readonly authorization: string | undefined;
  }[];
  /** Bytes of bodies so far. */
  sent(): number;
  /** Puts other content in place. */
  replace(path: string, bytes: Uint8Array): void;
  close(): Promise<void>;
}

const rangeOf = ({ headers }: IncomingMessage): readonly [number, number] | undefined => {
  const [, start, end] = /^bytes=(\d+)-(\d+)$/.exec(headers.range ?? '') ?? [];
  return start === undefined || end === undefined ? undefined : [Number(start), Number(end) + 1];
};

export async function startFileServer(
  files: Readonly<Record<string, Uint8Array>>,
  behaviour: Behaviour = {},
): Promise<FileServer> {
  const content = new Map(Object.entries(files));
  const requests: { path: string; range: string | undefined; authorization: string | undefined }[] = [];
  let sent = 0;
  let breaksLeft = behaviour.breaks?.times ?? 0;
  const send = (response: ServerResponse, bytes: Uint8Array): void => {
    const { breaks } = behaviour;
    if (breaks !== undefined && breaksLeft > 0 && bytes.length > breaks.after) {
      breaksLeft -= 1;
      response.write(bytes.subarray(0, breaks.after), () => response.destroy());
      return;
    }
    sent += bytes.length;
    response.end(bytes);
  };
  const server = createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url ?? '/', 'http://x').pathname);
    requests.push({ path, range: request.headers.range, authorization: request.headers.authorization });
    const { busyAfter, signature } = behaviour;
    const sinceFree = requests.length - (busyAfter?.requests ?? 0);
    if (busyAfter !== undefined && sinceFree > 0 && sinceFree <= busyAfter.times)
      return void response.writeHead(503).end();
    const isSigned = request.method === 'GET' && request.url?.endsWith(`?${signature}`);
    if (signature !== undefined && !isSigned) return void response.writeHead(403).end();
    const location = behaviour.redirects?.[path];
    if (location !== undefined) return void response.writeHead(302, { location }).end();
    const bytes = content.get(path);
    if (bytes === undefined) return void response.writeHead(404).end();
    const range = behaviour.ranges === 'ignored' ? undefined : rangeOf(request);
    if (behaviour.encoding !== undefined) {
      response.writeHead(200, { 'content-encoding': behaviour.encoding });
      return send(response, gzipSync(bytes));
    }
    if (range === undefined) {
      response.writeHead(200, { 'content-length': bytes.length });
      return send(response, bytes);
    }
    if (range[0] >= bytes.length)
      return void response.writeHead(416, { 'content-range': `bytes */${bytes.length}` }).end();
    const part = bytes.subarray(range[0], Math.min(range[1], bytes.length));
    response.writeHead(206, {
      'content-length': part.length,
      'content-range': `bytes ${range[0]}-${range[0] + part.length - 1}/${bytes.length}`,
    });
    send(response, part);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    sent: () => sent,
    replace: (path, bytes) => content.set(path, bytes),
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
