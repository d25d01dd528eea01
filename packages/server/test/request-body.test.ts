import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { requestBytes } from '../src/request-body.ts';

const pieces: Uint8Array[] = [];
async function collect(bytes: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const piece of bytes) pieces.push(piece);
}

test('a body in chunks of a byte arrives whole, and in pieces that are worth a turn', async () => {
  const server = createServer((request, response) => {
    const pace = { stallTimeoutMs: 60_000, minimumRate: 1, totalMs: 60_000 };
    void collect(requestBytes({ request, response, pace })).then(() => response.end());
  }).listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo; // a server of TCP has one
  const text = 'abcdefghij'.repeat(10_000);
  const socket = connect(port, '127.0.0.1');
  onTestFinished(() => void socket.destroy());
  const body = [...text].map((each) => `1\r\n${each}\r\n`).join('');
  socket.write(`PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n${body}0\r\n\r\n`);
  await once(socket, 'data');
  expect(Buffer.concat(pieces).toString()).toBe(text);
  expect(pieces.length).toBeLessThan(2_000);
});

test('all that waits for its reader comes in one piece, in the memory that was given for it', async () => {
  const given = new Set<ArrayBufferLike>();
  const allocate = (size: number) => {
    const memory = new Uint8Array(size);
    given.add(memory.buffer);
    return memory;
  };
  const taken: Uint8Array[] = [];
  const server = createServer((request, response) => {
    const pace = { stallTimeoutMs: 60_000, minimumRate: 1, totalMs: 60_000 };
    const take = async () => {
      for await (const piece of requestBytes({ request, response, pace, allocate })) {
        taken.push(piece);
        await delay(50);
      }
      response.end();
    };
    void take();
  }).listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo; // a server of TCP has one
  const body = Buffer.from(Array.from({ length: 3_000_000 }, (_, index) => index % 251));
  await fetch(`http://127.0.0.1:${port}/`, { method: 'PUT', body });
  expect(Buffer.concat(taken).equals(body)).toBe(true);
  expect(Math.max(...taken.map(({ length }) => length))).toBeGreaterThan(500_000);
  expect(taken.every(({ buffer }) => given.has(buffer))).toBe(true);
});
