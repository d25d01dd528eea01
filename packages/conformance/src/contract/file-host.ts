import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { SampleFile } from '../sample-archive.ts';
import { makeIdentity } from './certificate.ts';
import { closedGate } from './gate.ts';

/** The suite's own web server, from which a target pulls. */
export interface FileHost {
  /** Base URLs, without a slash at the end. The certificate of the second is trusted by nobody. */
  readonly url: string;
  readonly secureUrl: string;
  /** Of the certificate of `secureUrl`. */
  readonly thumbprint: string;
  /** Serves the files below a folder of this name. */
  put(folder: string, files: readonly SampleFile[]): void;
  /** Requests of a file are not answered before the function it gives is called. */
  hold(folder: string, name: string): () => void;
  /** Whether anyone asked for a file. */
  wasAsked(folder: string, name: string): boolean;
  close(): Promise<void>;
}

/** Listens on `address`, which is also how the target reaches it. */
export async function openFileHost(address: string): Promise<FileHost> {
  const files = new Map<string, Uint8Array>();
  const gates = new Map<string, Promise<void>>();
  const asked = new Set<string>();
  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const path = decodeURIComponent(new URL(request.url ?? '/', 'http://any').pathname);
    asked.add(path);
    await gates.get(path);
    const bytes = files.get(path);
    if (bytes === undefined) return void response.writeHead(404, { 'content-length': '0' }).end();
    response.writeHead(200, { 'content-length': String(bytes.length) });
    response.end(request.method === 'HEAD' ? undefined : bytes);
  };
  const { key, cert, thumbprint } = makeIdentity();
  const listener = (request: IncomingMessage, response: ServerResponse): void => void serve(request, response);
  const [plain, secure] = [createServer(listener), createTlsServer({ key, cert }, listener)];
  const [url, secureUrl] = [`http://${await listen(plain, address)}`, `https://${await listen(secure, address)}`];
  return {
    url,
    secureUrl,
    thumbprint,
    put(folder, added) {
      for (const { name, bytes } of added) files.set(`/${folder}/${name}`, bytes);
    },
    hold(folder, name) {
      const gate = closedGate();
      gates.set(`/${folder}/${name}`, gate.opened);
      return gate.open;
    },
    wasAsked: (folder, name) => asked.has(`/${folder}/${name}`),
    async close() {
      await Promise.all([plain, secure].map(close));
    },
  };
}

async function listen(server: Server, address: string): Promise<string> {
  server.listen(0, address);
  await once(server, 'listening');
  const bound = server.address();
  const { port }: Pick<AddressInfo, 'port'> = typeof bound === 'object' && bound !== null ? bound : { port: 0 };
  return `${address.includes(':') ? `[${address}]` : address}:${port}`;
}

async function close(server: Server): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await closed;
}
