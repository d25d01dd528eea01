import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { request } from 'node:http';
import { describe, expect, test } from 'vitest';
import { names } from './support/file-backend.ts';
import { send } from './support/http.ts';
import { newFile, state } from './support/uploads.ts';

describe('Expect: 100-continue', () => {
  const expecting = (url: string, headers: Record<string, string> = {}) =>
    request(url, { method: 'PUT', agent: false, headers: { expect: '100-continue', 'content-length': 5, ...headers } });

  test('the client is told to go on when the body is wanted', async () => {
    const open = expecting(await newFile());
    open.flushHeaders();
    await once(open, 'continue');
    open.end('hello');
    const [answer] = await once(open, 'response');
    expect(answer.statusCode).toBe(201);
    answer.resume();
  });

  test('a refusal comes instead of the go-ahead', async () => {
    const open = expecting(`${await newFile()}x`);
    let isTold = false;
    open.on('continue', () => {
      isTold = true;
    });
    open.flushHeaders();
    const [answer] = await once(open, 'response');
    expect(answer.statusCode).toBe(404);
    expect(isTold).toBe(false);
    answer.resume();
    open.on('error', () => {}).destroy();
  });
});

describe('an answer before the end of the body', () => {
  test('of a part of an archive reaches a client that goes on sending to the end', async () => {
    const url = await newFile(names.archive);
    const answer = await send({ url, method: 'PUT', body: randomBytes(20_000_000) });
    expect(answer.status).toBe(201);
    expect(await state(url)).toMatchObject({ offset: '1000', complete: '?1' });
  });

  test('comes at once, while the client is still sending', async () => {
    const open = request(await newFile(names.archive), {
      method: 'PUT',
      agent: false,
      headers: { 'content-length': 9_000_000 },
    });
    open.write(randomBytes(100_000));
    const [answer] = await once(open, 'response');
    expect(answer.statusCode).toBe(201);
    expect(answer.headers.connection).toBe('close');
    answer.resume();
    open.on('error', () => {}).destroy();
  });

  test('of a refused upload is readable too', async () => {
    const answer = await send({ url: `${await newFile()}x`, method: 'PUT', body: randomBytes(600_000) });
    expect(answer.status).toBe(404);
    expect(answer.json.value.error_type).toBe('NOT_FOUND');
  });
});
