// The ceiling of what Node.js can receive: a process that takes whatever is sent and keeps nothing of it.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { Server } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeCertificate } from './certificate.ts';

export interface RawServer {
  readonly plainUrl: string;
  readonly tlsUrl: string;
  stop(): Promise<void>;
}

/** Starts it in a process of its own, with a certificate in `folder`. */
export async function startRawServer(folder: string): Promise<RawServer> {
  await makeCertificate(folder);
  const child = spawn(process.execPath, [fileURLToPath(import.meta.url), folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [said] = await once(child.stdout, 'data');
  const [plain, tls] = String(said).trim().split(' ');
  return {
    plainUrl: `http://127.0.0.1:${plain}`,
    tlsUrl: `https://127.0.0.1:${tls}`,
    async stop() {
      child.kill();
      await once(child, 'exit');
    },
  };
}

const discard: RequestListener = (request, response) => {
  request.resume().once('end', () => response.writeHead(201).end());
};

async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const folder = process.argv[2] ?? '';
  const [key, cert] = await Promise.all(['key.pem', 'cert.pem'].map((name) => readFile(join(folder, name))));
  const ports = [await listen(createServer(discard)), await listen(createTlsServer({ key, cert }, discard))];
  console.log(ports.join(' '));
}
