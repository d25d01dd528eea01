import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { Agent, createServer, request } from 'node:http';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, test, vi } from 'vitest';
import { requestBytes } from '../src/request-body.ts';
import { names } from './support/file-backend.ts';
import { send } from './support/http.ts';
import { basic, startService } from './support/service.ts';
import { newFile, reported, requests, service, state } from './support/uploads.ts';

const patchHeaders = { 'content-type': 'application/partial-upload' };
const reprDigest = (bytes: Uint8Array) => `sha-256=:${createHash('sha256').update(bytes).digest('base64')}:`;

/** Sends the head and some bytes of a body, then cuts the connection; anew, and slower, until the server has taken them all before. */
async function sendBroken(url: string, length: number, bytes: Uint8Array): Promise<void> {
  const { hostname, port, pathname } = new URL(url);
  for (let restMs = 50; (await state(url)).offset !== String(bytes.length); restMs *= 2) {
    const socket = connect(Number(port), hostname);
    socket.write(`PUT ${pathname} HTTP/1.1\r\nHost: x\r\nContent-Length: ${length}\r\n\r\n`);
    socket.write(bytes);
    await delay(restMs);
    socket.destroy();
    await delay(restMs);
  }
}

describe('PUT', () => {
  test.each(['PUT', 'POST'])('%s of a whole file answers 201 when all of it is kept', async (method) => {
    const url = await newFile(names.disk);
    const body = randomBytes(3_000_000);
    const answer = await send({ url, method, body });
    expect(answer.status).toBe(201);
    expect(answer.body).toHaveLength(0);
    expect(await state(url)).toEqual({ status: 204, offset: '3000000', complete: '?1' });
  });

  test('an empty file is a file', async () => {
    const url = await newFile();
    expect((await send({ url, method: 'PUT', headers: { 'content-length': '0' } })).status).toBe(201);
    expect(await state(url)).toMatchObject({ offset: '0', complete: '?1' });
  });

  test('a body of unknown length is a whole file', async () => {
    const url = await newFile();
    const answer = await send({ url, method: 'PUT', body: 'hello', headers: { 'transfer-encoding': 'chunked' } });
    expect(answer.status).toBe(201);
    expect(await state(url)).toMatchObject({ offset: '5', complete: '?1' });
  });

  test('what arrived of a broken upload is kept, and PATCH goes on from there', async () => {
    const url = await newFile();
    const body = randomBytes(200_000);
    await sendBroken(url, body.length, body.subarray(0, 150_000));
    await vi.waitFor(() => expect(requests).toContainEqual(expect.objectContaining({ method: 'PUT', status: 0 })));
    expect(reported).toEqual([]);
    expect(await state(url)).toMatchObject({ complete: '?0' });
    const headers = { ...patchHeaders, 'upload-offset': '150000' };
    const answer = await send({ url, method: 'PATCH', headers, body: body.subarray(150_000) });
    expect(answer.status).toBe(201);
    expect(answer.headers).toMatchObject({ 'upload-offset': '200000', 'upload-complete': '?1' });
  });

  test('Content-Range is refused, or a part would pass for the whole', async () => {
    const url = await newFile();
    const answer = await send({ url, method: 'PUT', body: 'part', headers: { 'content-range': 'bytes 0-3/8' } });
    expect(answer.status).toBe(400);
    expect(answer.json.value.error_type).toBe('INVALID_REQUEST');
    expect(await state(url)).toMatchObject({ offset: '0' });
  });

  test('a compressed body is refused', async () => {
    const answer = await send({
      url: await newFile(),
      method: 'PUT',
      body: 'x',
      headers: { 'content-encoding': 'gzip' },
    });
    expect(answer.json.value.error_type).toBe('UNSUPPORTED');
  });

  test('a content type that is none is refused by name', async () => {
    const answer = await send({
      url: await newFile(),
      method: 'PUT',
      body: 'x',
      headers: { 'content-type': 'no type' },
    });
    expect(answer.status).toBe(400);
    expect(answer.json.value.error_type).toBe('INVALID_REQUEST');
  });

  test('any content type is taken', async () => {
    for (const type of ['application/x-vnd.vmware-streamVmdk', 'text/plain; charset=latin1', 'application/json']) {
      const answer = await send({ url: await newFile(), method: 'PUT', body: 'x', headers: { 'content-type': type } });
      expect([type, answer.status]).toEqual([type, 201]);
    }
  });

  test('a silent client is cut off and told so, and what it sent is kept', async () => {
    const impatient = await startService({ limits: { stallTimeoutMs: 100 } });
    const url = await impatient.fileUrl(await impatient.newImport(), names.plain);
    const open = request(url, { method: 'PUT', headers: { 'content-length': 10 } });
    open.write('abc');
    const [answer] = await once(open, 'response');
    expect(answer.statusCode).toBe(500);
    answer.resume();
    open.on('error', () => {}).destroy();
    expect(await state(url)).toMatchObject({ offset: '3', complete: '?0' });
  });
});

test('a backend that is slower than the wire slows the client down, and the memory stays', async () => {
  let arrived = 0;
  const server = createServer((incoming, response) => {
    const take = async () => {
      const pace = { stallTimeoutMs: 10_000, minimumRate: 1, totalMs: 60_000 };
      const body = requestBytes({ request: incoming, response, pace });
      await body.next();
      await delay(300);
      arrived = incoming.socket.bytesRead;
      for await (const _ of body);
      response.end();
    };
    void take();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : 0;
  await send({ url: `http://127.0.0.1:${port}/`, method: 'PUT', body: Buffer.alloc(30_000_000) });
  server.close();
  expect(arrived).toBeLessThan(3_000_000);
});

test('a connection serves one request after another, bodies and refusals included', async () => {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const sockets = new Set<unknown>();
  agent.on('free', (socket) => sockets.add(socket));
  for (const size of [10, 3_000_000, 0, 70_000]) {
    const url = await newFile();
    const body = Buffer.alloc(size);
    expect((await send({ url, method: 'PUT', body, agent })).status).toBe(201);
    expect((await send({ url, method: 'HEAD', agent })).headers['upload-offset']).toBe(String(size));
    expect((await send({ url: `${service.url}/nothing`, agent })).status).toBe(404);
    const login = { url: `${service.url}/api/session`, method: 'POST', agent };
    expect((await send({ ...login, headers: { authorization: basic('ann', "ann's") } })).status).toBe(201);
  }
  agent.destroy();
  expect(sockets.size).toBe(1);
});

describe('a second upload of a file', () => {
  const begin = async () => {
    const id = await service.newImport();
    const url = await service.fileUrl(id, names.plain);
    const open = request(url, { method: 'PUT', agent: false, headers: { 'content-length': 1000 } });
    const broken = new Promise((resolve) => open.once('error', resolve));
    open.write('abc');
    await service.untilTaken(id, 3);
    return { url, open, broken };
  };

  test('is refused while the first one sends', async () => {
    const { url, open, broken } = await begin();
    const answer = await send({
      url,
      method: 'PATCH',
      headers: { ...patchHeaders, 'upload-offset': '3' },
      body: 'def',
    });
    expect(answer.status).toBe(409);
    open.destroy();
    await broken;
  });

  test('goes on from a first one that fell silent, as after a connection that dropped without a word', async () => {
    const { url, broken } = await begin();
    await delay(1100);
    expect(await state(url)).toMatchObject({ offset: '3' });
    const answer = await send({
      url,
      method: 'PATCH',
      headers: { ...patchHeaders, 'upload-offset': '3' },
      body: 'def',
    });
    expect(answer.status).toBe(201);
    expect(answer.headers['upload-offset']).toBe('6');
    await broken;
  });
});

describe('Repr-Digest', () => {
  test('one that is no SHA-256 is refused before the body', async () => {
    const url = await newFile();
    const answer = await send({ url, method: 'PUT', body: 'x', headers: { 'repr-digest': 'sha-256=:abcd:' } });
    expect(answer.status).toBe(400);
    expect(await state(url)).toMatchObject({ offset: '0' });
  });

  test('a right one is taken', async () => {
    const body = randomBytes(1000);
    const headers = { 'repr-digest': `unixsum=:AGs=:, ${reprDigest(body)}` };
    expect((await send({ url: await newFile(), method: 'PUT', body, headers })).status).toBe(201);
  });
});

describe('PATCH', () => {
  test('with Upload-Complete: ?0 appends a part and leaves the file open', async () => {
    const url = await newFile();
    const part = { ...patchHeaders, 'upload-offset': '0', 'upload-complete': '?0' };
    const first = await send({ url, method: 'PATCH', headers: part, body: 'abc' });
    expect(first.status).toBe(200);
    expect(first.headers).toMatchObject({ 'upload-offset': '3', 'upload-complete': '?0' });
    const last = { ...patchHeaders, 'upload-offset': '3', 'upload-complete': '?1' };
    expect((await send({ url, method: 'PATCH', headers: last, body: 'def' })).status).toBe(201);
    expect(await state(url)).toMatchObject({ offset: '6', complete: '?1' });
  });

  test('at another offset is refused with the current one and changes nothing', async () => {
    const url = await newFile();
    await send({
      url,
      method: 'PATCH',
      headers: { ...patchHeaders, 'upload-offset': '0', 'upload-complete': '?0' },
      body: 'abc',
    });
    const answer = await send({ url, method: 'PATCH', headers: { ...patchHeaders, 'upload-offset': '7' }, body: 'x' });
    expect(answer.status).toBe(409);
    expect(answer.headers['upload-offset']).toBe('3');
    expect(answer.json.value.error_type).toBe('CONCURRENT_CHANGE');
    expect(await state(url)).toMatchObject({ offset: '3' });
  });

  test('of another content type is refused', async () => {
    const answer = await send({ url: await newFile(), method: 'PATCH', headers: { 'upload-offset': '0' }, body: 'x' });
    expect(answer.status).toBe(415);
  });

  test.each([undefined, '-1', '1.5', 'x', '99999999999999999999'])('with the offset %s is refused', async (offset) => {
    const headers = { ...patchHeaders, ...(offset === undefined ? {} : { 'upload-offset': offset }) };
    const answer = await send({ url: await newFile(), method: 'PATCH', headers, body: 'x' });
    expect(answer.status).toBe(400);
  });
});
