import { checkVmdk, createVmdkCheck, randomAccessOf } from '@ovfkit/package-format';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cutAt } from './source.ts';
import { makeSparseDisk, sparseDisk } from './sparse-disk.ts';

const { redundant, redundantTable, directory, table, overhead } = sparseDisk;
const check = (bytes: Uint8Array) => checkVmdk(randomAccessOf(bytes));

/** A copy with a number of 32 bits put in at a byte. */
function patched(at: number, value: number): Uint8Array {
  const bytes = makeSparseDisk();
  new DataView(bytes.buffer).setUint32(at, value, true);
  return bytes;
}

test('a sparse disk that is whole has no problem', async () => {
  expect(await check(makeSparseDisk())).toEqual({ kind: 'sparse', capacity: 3 * 65_536, problems: [] });
});

test.each([
  ['an entry of the table that names another place', patched(table * 512 + 4, overhead + 64), /overlap there/],
  ['a grain twice', patched(table * 512 + 4, overhead), new RegExp(`both at sector ${overhead}`)],
  ['a grain within the tables', patched(table * 512, 30), /sector 30, which is no grain/],
  ['a grain beyond the end of the file', patched(table * 512 + 8, 9000), /beyond the end of the file/],
  ['a grain beyond the end of the disk', patched(table * 512 + 12, overhead + 512), /beyond the end of the disk/],
  ['a redundant table that says something else', patched(redundantTable * 512, 400), /redundant grain table 0 differs/],
  ['a table that the directory no longer names', patched(directory * 512, 0), /Only the redundant .* table 0/],
  ['a redundant table that its directory no longer names', patched(redundant * 512, 0), /Only the primary .* table 0/],
  ['a directory that names its own place', patched(directory * 512, directory), /primary grain table 0 .* overlaps/],
  ['a directory that names a place far away', patched(directory * 512, 2 ** 31), /beyond the end of the file/],
  ['a directory outside its space', patched(56, overhead), /primary grain directory at sector 128 is not within/],
  ['a redundant directory outside its space', patched(48, 5000), /redundant grain directory at sector 5000/],
  ['a disk with more tables than there can be', patched(16, 2 ** 8), /needs \d+ grain tables/],
])('%s is found, with its offset', async (_, bytes, message) => {
  const { problems } = await check(bytes);
  expect(problems.find((problem) => message.test(problem.message))).toMatchObject({
    severity: 'error',
    offset: expect.any(Number),
  });
});

test('where chunks of a sparse disk are cut does not matter', async () => {
  const bytes = patched(redundantTable * 512, 400);
  const whole = await check(bytes);
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 9000 }), { minLength: 1, maxLength: 4 }), async (sizes) => {
      const running = createVmdkCheck();
      for await (const part of cutAt(bytes, sizes)) running.push(part);
      expect(running.end()).toEqual(whole);
    }),
    { numRuns: 20 },
  );
});

test('a sparse disk that is cut off is found, wherever it is cut', async () => {
  const bytes = makeSparseDisk();
  for (const end of [100, 600, directory * 512, table * 512 + 100, overhead * 512, bytes.length - 1])
    expect((await check(bytes.subarray(0, end))).problems, `cut at ${end}`).not.toEqual([]);
});
