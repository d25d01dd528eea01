// A line to a server on this machine that carries so many bytes a second over each connection, as hosts and wide-area lines limit them: a
// process of its own, so that it takes none of the turns of who is measured.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

/** Bytes a second: what a host gives each connection of a lease, or a fast line over a distance. */
export const lineRate = 100_000_000;

export interface Line {
  /** The server's URL, by the line. */
  readonly url: string;
  stop(): Promise<void>;
}

/** Each connection has `bytesPerSecond` for either direction. */
export async function startLine(to: string, bytesPerSecond: number): Promise<Line> {
  const url = new URL(to);
  const words = [fileURLToPath(import.meta.url), url.port, String(bytesPerSecond)];
  const child = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'inherit'] });
  const [port] = await once(createInterface(child.stdout), 'line');
  url.port = port;
  return {
    url: url.origin,
    async stop() {
      const exit = once(child, 'exit');
      child.kill();
      await exit;
    },
  };
}

/** A connection that was idle begins with no more than this at once. */
const burstMs = 10;

/** Passes bytes on at the pace of the line; who is held up stops reading, and that holds up the sender. */
async function carry(from: Socket, into: Socket, bytesPerSecond: number): Promise<void> {
  let free = 0; // the time at which the line has carried all so far
  for await (const chunk of from as AsyncIterable<Buffer>) {
    free = Math.max(free, performance.now() - burstMs) + (1000 * chunk.length) / bytesPerSecond;
    const wait = free - performance.now();
    if (wait > 1) await sleep(wait);
    if (!into.write(chunk)) await once(into, 'drain');
  }
  into.end();
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [port, bytesPerSecond] = process.argv.slice(2).map(Number);
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (near) => {
    const far = connect({ port: port ?? 0, host: '127.0.0.1', allowHalfOpen: true, noDelay: true });
    const drop = (): void => {
      near.destroy();
      far.destroy();
    };
    for (const [from, into] of [
      [near, far],
      [far, near],
    ] as const)
      carry(from, into, bytesPerSecond ?? 0).catch(drop);
    for (const each of [near, far]) each.on('error', drop);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  console.log(typeof address === 'object' && address !== null ? address.port : 0);
}
