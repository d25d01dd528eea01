import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Upload } from '@ovfkit/domain';
import { expect, test } from 'vitest';
import { connect } from './support/backend.ts';
import { makeIdentity } from './support/certificate.ts';
import { answer, serve } from './support/http-server.ts';
import { vcenter } from './support/vcenter.ts';

/** Chunks in as little memory as `release` allows: what is given back is overwritten at once, then used for the next. */
function createReusing(sizes: readonly number[]) {
  const idle: Uint8Array[] = [];
  const made: Uint8Array[] = [];
  const expected = createHash('sha256');
  async function* bytes(): AsyncGenerator<Uint8Array, void, undefined> {
    for (const [index, size] of sizes.entries()) {
      const memory = idle.pop() ?? new Uint8Array(1024 * 1024);
      if (!made.includes(memory)) made.push(memory);
      const chunk = memory.subarray(0, size).fill(index);
      expected.update(chunk);
      yield chunk;
    }
  }
  const release = (chunk: Uint8Array): void => {
    chunk.fill(0xff);
    for (const memory of made.filter(({ buffer }) => buffer === chunk.buffer)) idle.push(memory);
  };
  return { bytes, release, memories: () => made.length, digest: () => expected.digest('hex') };
}

async function send({ isTls, sizes }: { readonly isTls: boolean; readonly sizes: readonly number[] }) {
  let digest = '';
  const { serve: handle } = vcenter(async (request, response) => {
    const hash = createHash('sha256');
    for await (const part of request) {
      hash.update(part);
      await sleep(1); // the sender is faster, so chunks wait in its socket
    }
    digest = hash.digest('hex');
    answer(response);
  });
  const identity = isTls ? await makeIdentity() : undefined;
  const { url } = await serve(handle, identity === undefined ? {} : { identity });
  const backend = await connect(url, identity === undefined ? {} : { ca: identity.cert });
  const source = createReusing(sizes);
  const size = sizes.reduce((sum, each) => sum + each, 0);
  const input: Upload = {
    kind: 'import',
    sessionId: 's',
    file: { name: 'd', fileType: 'DISK', optionalUpload: false, bytesTransferred: 0, fileUrl: '/up/disk' },
    offset: 0,
    size,
    bytes: source.bytes(),
    release: source.release,
  };
  expect(await backend.files.upload(input)).toEqual({ offset: size, isComplete: true });
  return { source, digest };
}

test.each([
  ['', false],
  [' over TLS', true],
])('a chunk is released once it is sent and no earlier%s', async (_, isTls) => {
  const { source, digest } = await send({ isTls, sizes: new Array(24).fill(1024 * 1024) });
  expect(digest).toBe(source.digest());
  expect(source.memories()).toBeLessThanOrEqual(2);
});

test('a chunk so small that the socket takes several is not released while it may wait there', async () => {
  const { source, digest } = await send({ isTls: false, sizes: new Array(400).fill(30_000) });
  expect(digest).toBe(source.digest());
});
