import { checkVmdk, createVmdkCheck, type DiskReport, randomAccessOf } from '@ovfkit/package-format';
import { writeStreamOptimized } from '@ovfkit/package-format/node';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { collect, cutAt, sourceOf, utf8 } from './source.ts';

const size = 40 * 1024 ** 2;

async function disk(): Promise<Uint8Array> {
  const raw = new Uint8Array(size);
  for (let at = 0; at < size; at += 3 * 65_536) raw.fill(at % 251, at, at + 65_536);
  return collect(writeStreamOptimized(sourceOf(raw), { capacity: size, level: 1, contentId: '12345678' }));
}

const good = await disk();
const messages = ({ problems }: DiskReport) => problems.map(({ message }) => message);
const check = (bytes: Uint8Array) => checkVmdk(randomAccessOf(bytes));

/** A copy with bytes put in at a place. */
function patched(at: number, bytes: readonly number[]): Uint8Array {
  const copy = good.slice();
  copy.set(bytes, at < 0 ? copy.length + at : at);
  return copy;
}

test('a disk that is whole has no problem', async () => {
  expect(await check(good)).toEqual({
    kind: 'streamOptimized',
    capacity: size,
    problems: [],
  });
});

test.each([
  ['another capacity in the header', patched(12, [0, 0, 4]), /disk descriptor tells of 81920 sectors/],
  ['line ends changed by a transfer', patched(75, [0x0a]), /transferred as text/],
  ['the mark of an unclean end', patched(72, [1]), /not closed properly/],
  ['another capacity in the footer', patched(-1024 + 12, [8]), /footer tells of/],
  ['a footer that names another directory', patched(-1024 + 56, [1, 0]), /footer names sector/],
  ['a damaged footer', patched(-1024, [0]), /footer is damaged/],
  ['an entry of the directory that points elsewhere', patched(-2048, [77, 0]), /names a table at sector 77/],
  ['a grain for a sector between grains', patched(65_536, [3]), /boundary/],
  ['a grain beyond the end', patched(65_536 + 4, [9]), /beyond the disk's end/],
  ['a grain of absurd size', patched(65_536 + 8, [0, 0, 0, 1]), /twice its size/],
  ['a grain that says it is another', patched(65_536, [0]), /Grain table 0/],
  ['an unknown marker at the end', patched(-512 + 12, [9]), /unknown type 9/],
])('%s is found', async (_, bytes, message) => {
  expect(messages(await check(bytes)).join('\n')).toMatch(message);
});

test('a disk that is cut off is found, wherever it is cut', async () => {
  for (const end of [100, 512, 3000, 65_536, 66_000, good.length - 512, good.length - 1])
    expect(messages(await check(good.subarray(0, end))), `cut at ${end}`).not.toEqual([]);
});

test('bytes after the end are told with their place, as a warning', async () => {
  const longer = new Uint8Array(good.length + 3);
  longer.set(good);
  expect((await check(longer)).problems).toEqual([
    { severity: 'warning', message: 'There are bytes after the end of the disk', offset: good.length },
  ]);
});

test('a text descriptor is read, and what is no disk is said to be none', async () => {
  const text = '# Disk DescriptorFile\nversion=1\ncreateType="monolithicFlat"\nRW 8 FLAT "a-flat.vmdk" 0\n';
  expect(await check(utf8(text))).toMatchObject({ kind: 'descriptor', capacity: 4096, problems: [] });
  expect(await check(utf8(text.padEnd(2000, '\n')))).toMatchObject({ kind: 'descriptor', problems: [] });
  expect(await check(utf8('x'.repeat(2000)))).toMatchObject({ kind: 'unknown', problems: [{ severity: 'error' }] });
  expect(messages(await check(new Uint8Array()))).toEqual(['The disk ends in the middle']);
});

test('where chunks are cut does not matter', async () => {
  const whole = await check(patched(65_536, [0]));
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 70_000 }), { minLength: 1, maxLength: 4 }), async (sizes) => {
      const running = createVmdkCheck();
      for await (const part of cutAt(patched(65_536, [0]), sizes)) running.push(part);
      expect(running.end()).toEqual(whole);
    }),
    { numRuns: 20 },
  );
});

test('damage anywhere in header, markers and tables never makes the check fail itself', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { minLength: 1, maxLength: 20 }),
      async (damages) => {
        const copy = good.slice();
        for (const [at, byte] of damages) copy[at % 3 === 0 ? at % 512 : at] = byte;
        expect((await check(copy)).problems.length).toBeLessThanOrEqual(200);
      },
    ),
    { numRuns: 100 },
  );
});
