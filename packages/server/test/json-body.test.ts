import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { createJsonReader } from '../src/json-body.ts';

const pace = { stallTimeoutMs: 5_000, minimumRate: 1, totalMs: 5_000 };

/** Reads bodies as `ann`, or as whom the path names; answers with the value's type, or the error's kind. */
async function startReader(limit: number) {
  const reader = createJsonReader(limit);
  const server = createServer((request, response) => {
    const user = request.url?.slice(1) || 'ann';
    const told = reader.read({ request, response, pace }, user).then(
      (value) => typeof value,
      (error: { readonly kind?: string }) => String(error.kind),
    );
    void told.then((text) => response.setHeader('connection', 'close').end(text));
  }).listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo; // a server of TCP has one
  const begin = (body: string, { user = '', length = Buffer.byteLength(body) } = {}) => {
    const socket = connect(port, '127.0.0.1');
    onTestFinished(() => void socket.destroy());
    socket.write(`POST /${user} HTTP/1.1\r\nHost: a\r\nContent-Length: ${length}\r\n\r\n${body}`);
    let text = '';
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
    return { socket, answer: once(socket, 'close').then(() => text.split('\r\n\r\n')[1]) };
  };
  return { begin, answerTo: (body: string) => begin(body).answer };
}

test('what has too many values or levels is refused, and what only looks like it is not', async () => {
  const { answerTo } = await startReader(10_000_000);
  expect(await answerTo(`[${'0,'.repeat(200_000)}0]`)).toBe('INVALID_REQUEST');
  expect(await answerTo(`{${'"a":[],'.repeat(150_000)}"b":0}`)).toBe('INVALID_REQUEST');
  expect(await answerTo(`${'['.repeat(101)}${']'.repeat(101)}`)).toBe('INVALID_REQUEST');
  expect(await answerTo(`${'['.repeat(100)}${']'.repeat(100)}`)).toBe('object');
  expect(await answerTo(JSON.stringify(`\\"${'[,{'.repeat(200_000)}`))).toBe('string');
  expect(await answerTo(`["\\\\",${'[],'.repeat(200_000)}0]`)).toBe('INVALID_REQUEST');
});

test('one user cannot have the service hold many large bodies at once, and others are not held up by it', async () => {
  const { begin, answerTo } = await startReader(1000);
  const half = `"${'a'.repeat(900)}`;
  const [first, second] = [begin(half, { length: 902 }), begin(half, { length: 902 })];
  await expect.poll(() => begin(`"${'b'.repeat(800)}"`).answer).toBe('SERVICE_UNAVAILABLE');
  expect(await begin(`"${'b'.repeat(800)}"`, { user: 'bob' }).answer).toBe('string');
  for (const { socket } of [first, second]) socket.write('"');
  expect([await first.answer, await second.answer]).toEqual(['string', 'string']);
  expect(await answerTo(`"${'b'.repeat(800)}"`)).toBe('string');
});

test('a text with half of a surrogate pair is none', async () => {
  const { answerTo } = await startReader(1000);
  expect(await answerTo('{"name":"\\ud83d"}')).toBe('INVALID_REQUEST');
  expect(await answerTo('{"\\uDE00":1}')).toBe('INVALID_REQUEST');
  expect(await answerTo('["\\ud83d\\ude00", "\\\\ud83d"]')).toBe('object');
});
