import { createHash, randomBytes } from 'node:crypto';
import { createServer, type ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { run, start, temporaryFolder } from './support/process.ts';
import { descriptorFor, logIn } from './support/wire.ts';

const password = 'correct horse';
const size = 24 * 1024 * 1024;
const pieceSize = 256 * 1024;

/** Serves a package whose disk comes slowly, with ranges and a strong validator; tells where each fetch of the disk began. */
async function slowSource(disk: Uint8Array) {
  const starts: number[] = [];
  let sent = 0;
  const sendDisk = async (response: ServerResponse, begin: number): Promise<void> => {
    for (let at = begin; at < size && !response.destroyed; at += pieceSize) {
      const piece = disk.subarray(at, at + pieceSize);
      response.write(piece);
      sent += piece.length;
      await delay(10);
    }
    response.end();
  };
  const server = createServer((request, response) => {
    if (request.url !== '/disk.vmdk') {
      const text = request.url === '/app.ovf' ? descriptorFor(size) : undefined;
      response.writeHead(text === undefined ? 404 : 200).end(text);
      return;
    }
    const [, first] = /^bytes=(\d+)-/.exec(request.headers.range ?? '') ?? [];
    const begin = Number(first ?? 0);
    starts.push(begin);
    const range = first === undefined ? {} : { 'content-range': `bytes ${begin}-${size - 1}/${size}` };
    response.writeHead(first === undefined ? 200 : 206, { etag: '"1"', 'content-length': size - begin, ...range });
    void sendDisk(response, begin);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  return { url: `http://127.0.0.1:${port}/app.ovf`, starts, sent: () => sent };
}

test('a pull goes on after each kill -9 with the bytes it had, to its end, and leaves nothing over', async () => {
  const data = await temporaryFolder();
  const disk = randomBytes(size);
  const source = await slowSource(disk);
  const begin = () =>
    start({
      argv: ['--data', data, '--listen', '127.0.0.1:0', '--plain-http'],
      environment: { OVFKITD_ADMIN_PASSWORD: password },
    });
  let service = await begin();
  let client = await logIn(service.url, password);
  const id = await client.create({ source_type: 'PULL_SOURCE', pull_source: source.url });
  await client.until(id, 'IMPORT_SELECTING_OVF_PARAMS');
  await client.instantiate(id);
  for (let kills = 1; kills <= 3; kills++) {
    await expect.poll(() => source.sent(), { timeout: 20_000 }).toBeGreaterThan((kills * size) / 5);
    await service.stop('SIGKILL');
    service = await begin();
  }
  client = await logIn(service.url, password);
  const { files } = await client.until(id, 'IMPORT_COMPLETED');
  const sha256 = createHash('sha256').update(disk).digest('hex');
  expect(files).toContainEqual(expect.objectContaining({ name: 'disk.vmdk', sha256 }));
  expect(source.starts.length).toBeGreaterThan(1);
  expect(source.starts).toEqual(source.starts.toSorted((a, b) => a - b));
  expect(source.starts[1]).toBeGreaterThan(0);
  expect(await client.listVms()).toHaveLength(1);
  await service.stop();
  expect((await run({ argv: ['gc', '--data', data] })).output).toBe('');
}, 120_000);
