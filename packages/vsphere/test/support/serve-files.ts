import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

/** Serves files by their names until the test ends. */
export async function serveFiles(files: ReadonlyMap<string, Uint8Array>) {
  const asked: string[] = [];
  let onAsked: (() => void) | undefined;
  const http = createServer((request, response) => {
    const name = (request.url ?? '').slice(1);
    asked.push(name);
    if (onAsked !== undefined) return onAsked(); // and never an answer
    const bytes = files.get(name);
    response.writeHead(bytes === undefined ? 404 : 200).end(bytes);
  });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  onTestFinished(() => {
    http.closeAllConnections();
    http.close();
  });
  // the one cast: a server that listens on a port has an address of this kind
  const { port } = http.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    asked,
    hang(told: () => void) {
      onAsked = told;
    },
  };
}
