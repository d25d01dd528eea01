import { expect, test } from 'vitest';
import { fuzz } from '../fuzz/fuzz.ts';
import { readSeeds } from '../fuzz/seeds.ts';
import { targets } from '../fuzz/targets.ts';

test('files of the corpus, damaged, make no reader fail in another way than with a PackageError', async () => {
  const { failures } = await fuzz({
    targets,
    seeds: await readSeeds(process.env['OVFKIT_CORPUS']),
    seed: 7,
    seconds: 30,
  });
  expect(failures.map(({ target, reason }) => `${target}: ${reason}`)).toEqual([]);
});
