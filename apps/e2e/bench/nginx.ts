// nginx with WebDAV as a peer that takes and gives files, hashes nothing and flushes nothing.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { makeCertificate } from './certificate.ts';

export interface Nginx {
  readonly plainUrl: string;
  readonly tlsUrl: string;
  stop(): Promise<void>;
}

/** Whether a command is there. */
export const has = (command: string, argument: string): boolean =>
  spawnSync(command, [argument], { stdio: 'ignore' }).status === 0;

const ports = { plain: 18_090, tls: 18_493 };

const isListening = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });

/** Serves `files` for reading below `/files/`, and takes uploads below `/up/` into a folder of its own. */
export async function startNginx(folder: string, files: string): Promise<Nginx> {
  const root = join(folder, 'nginx');
  await mkdir(join(root, 'up'), { recursive: true, mode: 0o777 });
  await makeCertificate(root);
  await writeFile(
    join(root, 'nginx.conf'),
    `daemon off; pid ${root}/pid; error_log ${root}/error.log; worker_processes 1; user root;
events {}
http {
  access_log off; client_max_body_size 0; client_body_temp_path ${root}/body; client_body_buffer_size 1m; sendfile on;
  server {
    listen 127.0.0.1:${ports.plain}; listen 127.0.0.1:${ports.tls} ssl;
    ssl_certificate ${root}/cert.pem; ssl_certificate_key ${root}/key.pem;
    location /up/ { alias ${root}/up/; dav_methods PUT DELETE; create_full_put_path on; }
    location /files/ { alias ${files}/; }
  }
}
`,
  );
  const child = spawn('nginx', ['-c', join(root, 'nginx.conf'), '-e', join(root, 'error.log')], { stdio: 'ignore' });
  for (let tries = 0; !(await isListening(ports.plain)); tries += 1) {
    if (tries > 50) throw new Error('nginx did not start');
    await delay(100);
  }
  return {
    plainUrl: `http://127.0.0.1:${ports.plain}`,
    tlsUrl: `https://127.0.0.1:${ports.tls}`,
    async stop() {
      child.kill('SIGQUIT');
      await once(child, 'exit');
    },
  };
}
