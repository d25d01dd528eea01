import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { gzipped } from '@ovfkit/package-format/node';
import { expect, test } from 'vitest';
import { collect, cutAt } from './source.ts';

const mib = 1024 ** 2;

/** Stretches that repeat what came before, and noise. */
function mixed(size: number): Uint8Array {
  let seed = 1;
  return Uint8Array.from({ length: size }, (_, at) => {
    seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
    return at % 90_000 < 45_000 ? at % 97 : seed % 251;
  });
}

test.each([0, 1, mib - 1, mib, mib + 1, 3 * mib + 12_345])(
  '%i bytes become one member that inflates to the same bytes',
  async (size) => {
    const raw = mixed(size);
    const packed = await collect(gzipped(cutAt(raw, [70_001, mib, 3])));
    // RFC 1952, 2.3.1: the length of a member stands at its end, so two members would not hold the whole
    expect(Buffer.from(packed).readUInt32LE(packed.length - 4)).toBe(size);
    const back = gunzipSync(packed);
    expect(createHash('sha256').update(back).digest('hex')).toBe(createHash('sha256').update(raw).digest('hex'));
  },
);

test('passing chunks, made of chunks whose memory is used again, inflate to the same bytes, and nothing keeps their memory', async () => {
  const raw = mixed(7 * mib + 1);
  async function* reused(): AsyncGenerator<Uint8Array, void, undefined> {
    const memory = new Uint8Array(300_000);
    for (let at = 0; at < raw.length; at += memory.length) {
      const part = raw.subarray(at, at + memory.length);
      memory.set(part);
      yield memory.subarray(0, part.length);
    }
  }
  const [copies, chunks]: [Uint8Array[], Uint8Array[]] = [[], []];
  for await (const chunk of gzipped(reused(), { chunks: 'passing' })) {
    copies.push(chunk.slice());
    chunks.push(chunk);
  }
  const back = gunzipSync(Buffer.concat(copies));
  expect(createHash('sha256').update(back).digest('hex')).toBe(createHash('sha256').update(raw).digest('hex'));
  expect(chunks.reduce((kept, { length }) => kept + length, 0)).toBeLessThan(100);
});

test('what repeats across the border of a stretch is found', async () => {
  const noise = mixed(mib).map((byte, at) => (byte * 31 + at * at) % 256);
  const twice = new Uint8Array(2 * 30_000);
  twice.set(noise.subarray(0, 30_000), 0);
  twice.set(noise.subarray(0, 30_000), 30_000);
  const before = mixed(mib - 30_000);
  const alone = await collect(gzipped(cutAt(new Uint8Array([...before, ...twice.subarray(0, 30_000)]), [mib])));
  const both = await collect(gzipped(cutAt(new Uint8Array([...before, ...twice]), [mib])));
  expect(both.length - alone.length).toBeLessThan(1000);
});

test('a source that fails fails the stream with its own error', async () => {
  async function* broken(): AsyncGenerator<Uint8Array, void, undefined> {
    yield new Uint8Array(mib);
    throw new Error('gone');
  }
  await expect(collect(gzipped(broken()))).rejects.toThrow('gone');
});
