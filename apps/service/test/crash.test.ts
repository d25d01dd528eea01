import { randomBytes, randomInt } from 'node:crypto';
import { request } from 'node:http';
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
  while (offset < size) {
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

test('after kill -9 at any moment every acknowledged byte is there, and the import goes on to its end', async () => {
  const data = await temporaryFolder();
  const begin = (): Promise<Running> =>
    start({
      argv: ['--data', data, '--listen', '127.0.0.1:0', '--plain-http'],
      environment: { OVFKITD_ADMIN_PASSWORD: password },
    });
  const bytes = randomBytes(size);
  let service = await begin();
  let client = await logIn(service.url, password);
  const id = await client.create();
  await client.upload(await client.fileUrl(id, 'descriptor.ovf'), descriptorFor(size));
  await client.until(id, 'IMPORT_SELECTING_OVF_PARAMS');
  await client.instantiate(id);
  await client.until(id, 'IMPORT_FILE_TRANSFER');
  let acknowledged = 0;
  for (let kills = 0; kills < 4; kills++) {
    const url = await client.fileUrl(id, 'disk.vmdk');
    const sending = sendParts(url, bytes, (offset) => {
      acknowledged = offset;
    }).catch(() => {}); // the service dies under it
    await delay(randomInt(20, 120));
    await service.stop('SIGKILL');
    await sending;
    service = await begin();
    client = await logIn(service.url, password);
    const { headers } = await send({ url: await client.fileUrl(id, 'disk.vmdk'), method: 'HEAD' });
    expect(Number(headers['upload-offset'])).toBeGreaterThanOrEqual(acknowledged);
  }
  await sendParts(await client.fileUrl(id, 'disk.vmdk'), bytes, () => {});
  const { files } = await client.until(id, 'IMPORT_COMPLETED');
  const { createHash } = await import('node:crypto');
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  expect(files).toContainEqual(expect.objectContaining({ name: 'disk.vmdk', size, bytes_transferred: size, sha256 }));
});

test('what a single long PUT had flushed before kill -9 is there after it', async () => {
  const data = await temporaryFolder();
  const argv = ['--data', data, '--listen', '127.0.0.1:0', '--plain-http'];
  const environment = { OVFKITD_ADMIN_PASSWORD: password };
  const service = await start({ argv, environment });
  const client = await logIn(service.url, password);
  const id = await client.create();
  const url = await client.fileUrl(id, 'descriptor.ovf');
  const open = request(url, { method: 'PUT', agent: false, headers: { 'content-length': size } });
  const broken = new Promise((resolve) => open.once('error', resolve));
  open.write(randomBytes(8 * 1024 * 1024));
  const seen = async (): Promise<number> => Number((await client.get(id)).files[0].bytes_transferred);
  while ((await seen()) === 0) await delay(5);
  const before = await seen();
  await service.stop('SIGKILL');
  await broken;
  const again = await start({ argv, environment });
  const { headers } = await send({ url: `${again.url}${new URL(url).pathname}`, method: 'HEAD' });
  expect(Number(headers['upload-offset'])).toBeGreaterThan(0);
  expect(before).toBeGreaterThan(0);
  expect(headers['upload-complete']).toBe('?0');
});
