import { expect, onTestFinished, test } from 'vitest';
import { createWireClient, type WireClient } from '../src/index.ts';
import { answer, bodyOf, serve } from './support/http-server.ts';

function clientOf(url: string): WireClient {
  const client = createWireClient({ url });
  onTestFinished(() => client.close());
  return client;
}

test('a request goes out as it is given, escapes and all, and nothing is added but the user agent', async () => {
  const seen: unknown[] = [];
  const { url } = await serve((request, response) => {
    const { connection: _, host: __, ...headers } = request.headers;
    seen.push(request.method, request.url, headers);
    answer(response, { body: {} });
  });
  await clientOf(url).send({ method: 'REPORT', url: `${url}/a/id:%2D%zz?~action=b`, headers: { 'x-a': '1' } });
  expect(seen).toEqual(['REPORT', '/a/id:%2D%zz?~action=b', { 'user-agent': 'ovfkit', 'x-a': '1' }]);
});

test('an answer comes as it is, whatever its status, and is not followed', async () => {
  const { url } = await serve((_, response) => {
    response.writeHead(307, { location: '/elsewhere', 'set-cookie': ['a=1', 'b=2'] });
    response.end('see there');
  });
  const { status, headers, body } = await clientOf(url).send({ method: 'GET', url: `${url}/`, headers: {} });
  expect([status, headers['location'], headers['set-cookie']]).toEqual([307, '/elsewhere', 'a=1, b=2']);
  expect(new TextDecoder().decode(body)).toBe('see there');
});

test.each([
  ['a text', 'abc'],
  ['bytes', new TextEncoder().encode('abc')],
  [
    'a stream',
    (async function* () {
      yield new TextEncoder().encode('ab');
      yield new TextEncoder().encode('c');
    })(),
  ],
])('a body may be %s', async (_, body) => {
  let got = '';
  const { url } = await serve(async (request, response) => {
    got = (await bodyOf(request)).toString();
    answer(response, { body: {} });
  });
  await clientOf(url).send({ method: 'PUT', url: `${url}/`, headers: { 'content-length': '3' }, body });
  expect(got).toBe('abc');
});

test('a server that is not there is a SessionError', async () => {
  const client = clientOf('http://127.0.0.1:9');
  const sent = client.send({ method: 'GET', url: 'http://127.0.0.1:9/', headers: {} });
  await expect(sent).rejects.toMatchObject({ name: 'SessionError', kind: 'SERVICE_UNAVAILABLE' });
});

test('a request that is given up rejects with the reason', async () => {
  const { url } = await serve(() => {}); // never answers
  const reason = new Error('enough');
  const controller = new AbortController();
  const sent = clientOf(url).send({ method: 'GET', url: `${url}/`, headers: {}, signal: controller.signal });
  controller.abort(reason);
  await expect(sent).rejects.toBe(reason);
});
