import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { request } from 'node:http';
import { describe, expect, test } from 'vitest';
import { send } from './support/http.ts';
import { startService } from './support/service.ts';

const service = await startService();
const bytes = randomBytes(5_000_000);
const url = await service.exportUrl(await service.addExport('Ünit "1"/disk.vmdk', bytes));
const get = (headers: Record<string, string> = {}) => send({ url, headers });

test('GET gives the whole file with its length, name and a strong validator', async () => {
  const answer = await get();
  expect(answer.status).toBe(200);
  expect(answer.body.equals(bytes)).toBe(true);
  expect(answer.headers).toMatchObject({
    'content-length': '5000000',
    'accept-ranges': 'bytes',
    'content-type': 'application/octet-stream',
    etag: '"v1"',
    'content-disposition': `attachment; filename="disk.vmdk"; filename*=UTF-8''disk.vmdk`,
  });
});

test('HEAD gives the same headers and no byte', async () => {
  const answer = await send({ url, method: 'HEAD' });
  expect(answer.status).toBe(200);
  expect(answer.headers).toMatchObject({ 'content-length': '5000000', etag: '"v1"', 'accept-ranges': 'bytes' });
  expect(answer.body).toHaveLength(0);
});

test('a name that is no ASCII is given in the extended form', async () => {
  const odd = await service.exportUrl(await service.addExport(`Ünit "1".vmdk`, bytes));
  const { headers } = await send({ url: odd, method: 'HEAD' });
  expect(headers['content-disposition']).toBe(
    `attachment; filename="_nit _1_.vmdk"; filename*=UTF-8''%C3%9Cnit%20%221%22.vmdk`,
  );
});

describe('Range', () => {
  test.each([
    ['bytes=0-0', 0, 1],
    ['bytes=0-99', 0, 100],
    ['bytes=4999990-', 4_999_990, 5_000_000],
    ['bytes=4999990-9999999', 4_999_990, 5_000_000],
    ['bytes=-7', 4_999_993, 5_000_000],
    ['bytes=-9999999', 0, 5_000_000],
  ])('%s gives exactly these bytes', async (range, start, end) => {
    const answer = await get({ range });
    expect(answer.status).toBe(206);
    expect(answer.headers['content-range']).toBe(`bytes ${start}-${end - 1}/5000000`);
    expect(answer.headers['content-length']).toBe(String(end - start));
    expect(answer.body.equals(bytes.subarray(start, end))).toBe(true);
  });

  test.each(['bytes=5000000-', 'bytes=5000000-5000001', 'bytes=-0'])('%s cannot be satisfied', async (range) => {
    const answer = await get({ range });
    expect(answer.status).toBe(416);
    expect(answer.headers['content-range']).toBe('bytes */5000000');
  });

  test.each(['bytes=5-1', 'bytes=a-b', 'bytes=0-1,4-5', 'lines=0-1', 'bytes=-'])(
    '%s is no range we know, so the whole comes',
    async (range) => {
      const answer = await get({ range });
      expect(answer.status).toBe(200);
      expect(answer.body).toHaveLength(5_000_000);
    },
  );

  test('with If-Range of these bytes gives the part, of others the whole', async () => {
    expect((await get({ range: 'bytes=0-1', 'if-range': '"v1"' })).status).toBe(206);
    expect((await get({ range: 'bytes=0-1', 'if-range': '"v0"' })).status).toBe(200);
    expect((await get({ range: 'bytes=0-1', 'if-range': 'Tue, 15 Nov 1994 12:45:26 GMT' })).status).toBe(200);
  });
});

test.each([
  ['"v1"', 304],
  ['W/"v1"', 304],
  ['"a", "v1"', 304],
  ['*', 304],
  ['"v2"', 200],
])('If-None-Match: %s answers %i', async (value, status) => {
  const answer = await get({ 'if-none-match': value });
  expect(answer.status).toBe(status);
  expect(answer.headers.etag).toBe('"v1"');
});

test('a client that stops reading stops the transfer and leaves the server well', async () => {
  const open = request(url, { agent: false }).end();
  const [answer] = await once(open, 'response');
  answer.once('data', () => open.destroy());
  open.on('error', () => {});
  answer.on('error', () => {});
  await new Promise((resolve) => answer.once('close', resolve));
  expect((await get()).status).toBe(200);
});

test('a file that cannot be read to its end breaks the connection, and is reported', async () => {
  const errors: unknown[] = [];
  const failing = await startService({ onError: ({ error }) => errors.push(error) });
  const short = await failing.exportUrl(await failing.addExport('short.vmdk', bytes));
  failing.fail(new Error('the disk is gone'));
  await expect(send({ url: short })).rejects.toThrow('aborted');
  expect(errors).toEqual([new Error('the disk is gone')]);
});

test('a file of an export takes no upload', async () => {
  for (const method of ['PUT', 'PATCH', 'POST', 'DELETE']) {
    const answer = await send({ url, method, body: 'x' });
    expect([method, answer.status, answer.headers.allow]).toEqual([method, 405, 'GET, HEAD']);
  }
});
