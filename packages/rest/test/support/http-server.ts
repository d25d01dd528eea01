import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import type { Identity } from './certificate.ts';

export type Handle = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>;

export interface RawServer {
  readonly url: string;
  /** `METHOD path` of each request that reached HTTP. */
  readonly seen: readonly string[];
  /** Connections, even those on which nothing was asked. */
  connections(): number;
}

/** A real server on loopback, closed with everything on it when the test ends. */
export async function serve(handle: Handle, { identity }: { readonly identity?: Identity } = {}): Promise<RawServer> {
  const seen: string[] = [];
  const sockets = new Set<Socket>();
  const onRequest = (request: IncomingMessage, response: ServerResponse): void => {
    seen.push(`${request.method} ${request.url}`);
    Promise.resolve(handle(request, response)).catch((error: unknown) => response.destroy(new Error(String(error))));
  };
  const server: Server = identity
    ? createTlsServer({ key: identity.key, cert: identity.cert }, onRequest)
    : createServer(onRequest);
  let connections = 0;
  server.on('connection', (socket: Socket) => {
    connections += 1;
    sockets.add(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  // the one cast: a server that listens on TCP has an address of this shape
  const { port } = server.address() as AddressInfo;
  return { url: `${identity ? 'https' : 'http'}://127.0.0.1:${port}`, seen, connections: () => connections };
}

/** Answers with JSON. */
export function answer(
  response: ServerResponse,
  { status = 200, body, headers = {} }: { status?: number; body?: unknown; headers?: Record<string, string> } = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(body === undefined ? undefined : JSON.stringify(body));
}

/** The error envelope of `/rest` (contract, section 1.4). */
export const vapiError = (kind: string, text = kind): unknown => ({
  type: `com.vmware.vapi.std.errors.${kind.toLowerCase()}`,
  value: { error_type: kind, messages: [{ id: 'test', default_message: text, args: [] }] },
});

/** Everything a request has in its body. */
export async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(Buffer.from(part));
  return Buffer.concat(parts);
}
