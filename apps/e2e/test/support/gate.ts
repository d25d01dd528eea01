import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A server of files that lets those through who have a signature, as stores of objects do for a while. */
export interface Gate {
  /** With a slash at its end. */
  readonly url: string;
  /** From now on this signature is good, and for so many bytes. */
  letThrough(signature: string, bytes: number): void;
  close(): Promise<void>;
}

/** Opens a gate before a server of files by plain HTTP, closed to everybody. */
export async function openGate(target: string): Promise<Gate> {
  let good = '';
  let left = 0;
  const relay = (from: IncomingMessage, to: ServerResponse): void => {
    const url = new URL(from.url ?? '/', target);
    if (left <= 0 || url.searchParams.get('X-Amz-Signature') !== good) return void to.writeHead(403).end();
    request(url, { method: from.method, headers: { range: from.headers.range ?? '' } }, (answer) => {
      to.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.on('data', (bytes: Buffer) => {
        left -= bytes.length;
        if (left <= 0) to.destroy();
      });
      answer.pipe(to);
    }).end();
  };
  const server = createServer(relay);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  // the one cast: a server that listens on a port has an address with one
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/`,
    letThrough: (signature, bytes) => {
      good = signature;
      left = bytes;
    },
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
