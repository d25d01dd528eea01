import { createHash, randomBytes, randomInt } from 'node:crypto';
import { readdir, stat } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { type Running, start, temporaryFolder } from './support/process.ts';
import { descriptorFor, logIn, send } from './support/wire.ts';

const password = 'correct horse';
const size = 24 * 1024 * 1024;
const partSize = 1024 * 1024;

/** Appends parts one by one, noting what each answer acknowledged, until the service is gone. */
async function sendParts(url: string, bytes: Uint8Array, acknowledge: (offset: number) => void): Promise<void> {
  const state = await send({ url, method: 'HEAD' });
  let offset = Number(state.headers['upload-offset']);
  // all bytes may be here of a file that is not complete: an empty part says that it is
  for (let isComplete = state.headers['upload-complete'] === '?1'; !isComplete; isComplete = offset === size) {
    const end = Math.min(size, offset + partSize);
    const answer = await send({
      url,
      method: 'PATCH',
      headers: {
        'content-type': 'application/partial-upload',
        'upload-offset': String(offset),
        'upload-complete': end === size ? '?1' : '?0',
        'upload-length': String(size),
      },
      body: bytes.subarray(offset, end),
    });
    expect(answer.headers['upload-offset']).toBe(String(end));
    offset = end;
    acknowledge(offset);
  }
}

const begin = (data: string): Promise<Running> =>
  start({
    argv: ['--data', data, '--listen', '127.0.0.1:0', '--plain-http'],
    environment: { OVFKITD_ADMIN_PASSWORD: password },
  });

/** An import session that waits for the bytes of its disk. */
async function waitingForDisk(service: Running): Promise<string> {
  const client = await logIn(service.url, password);
  const id = await client.create();
  await client.upload(await client.fileUrl(id, 'descriptor.ovf'), descriptorFor(size));
  await client.until(id, 'IMPORT_SELECTING_OVF_PARAMS');
  await client.instantiate(id);
  await client.until(id, 'IMPORT_FILE_TRANSFER');
  return id;
}

const diskUrl = async (service: Running, id: string): Promise<string> =>
  (await logIn(service.url, password)).fileUrl(id, 'disk.vmdk');

const keptBytes = async (url: string): Promise<number> =>
  Number((await send({ url, method: 'HEAD' })).headers['upload-offset']);

async function expectComplete(service: Running, id: string, bytes: Uint8Array): Promise<void> {
  const client = await logIn(service.url, password);
  const { files } = await client.until(id, 'IMPORT_COMPLETED');
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  expect(files).toContainEqual(expect.objectContaining({ name: 'disk.vmdk', size, bytes_transferred: size, sha256 }));
}

test('after kill -9 at any moment every acknowledged byte is there, and the import goes on to its end', async () => {
  const data = await temporaryFolder();
  const bytes = randomBytes(size);
  let service = await begin(data);
  const id = await waitingForDisk(service);
  let acknowledged = 0;
  for (let kills = 0; kills < 4; kills++) {
    const sending = sendParts(await diskUrl(service, id), bytes, (offset) => {
      acknowledged = offset;
    }).catch(() => {}); // the service dies under it
    await delay(randomInt(20, 120));
    await service.stop('SIGKILL');
    await sending;
    service = await begin(data);
    expect(await keptBytes(await diskUrl(service, id))).toBeGreaterThanOrEqual(acknowledged);
  }
  await sendParts(await diskUrl(service, id), bytes, () => {});
  await expectComplete(service, id, bytes);
});

test('one long PUT goes on after kill -9 from what had reached the disk', async () => {
  const data = await temporaryFolder();
  const bytes = randomBytes(size);
  const service = await begin(data);
  const id = await waitingForDisk(service);
  const url = await diskUrl(service, id);
  const open = request(url, { method: 'PUT', agent: false, headers: { 'content-length': size } });
  const broken = new Promise((resolve) => open.once('error', resolve));
  open.write(bytes.subarray(0, size / 2));
  while ((await keptOnDisk(data)) < partSize) await delay(5);
  await service.stop('SIGKILL');
  await broken;
  const again = await begin(data);
  const kept = await keptBytes(await diskUrl(again, id));
  expect(kept).toBeGreaterThanOrEqual(partSize);
  expect(kept).toBeLessThanOrEqual(size / 2);
  await sendParts(await diskUrl(again, id), bytes, () => {});
  await expectComplete(again, id, bytes);
});

/** Bytes of the largest blob, which is the disk, as the file system has them. */
async function keptOnDisk(data: string): Promise<number> {
  const entries = await readdir(join(data, 'blobs'), { withFileTypes: true, recursive: true });
  const files = entries.filter((entry) => entry.isFile());
  const sizes = await Promise.all(files.map(async ({ parentPath, name }) => (await stat(join(parentPath, name))).size));
  return Math.max(0, ...sizes);
}
