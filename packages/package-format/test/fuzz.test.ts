import { expect, test } from 'vitest';
import { fuzz } from '../fuzz/fuzz.ts';
import { createRandom, mutate } from '../fuzz/mutate.ts';
import { readSeeds } from '../fuzz/seeds.ts';
import { targets } from '../fuzz/targets.ts';

test('damaged files make every reader give a PackageError or an answer, soon and in little memory', async () => {
  const { runs, failures } = await fuzz({ targets, seeds: await readSeeds(undefined), seed: 1, rounds: 300 });
  expect(failures.map(({ target, reason }) => `${target}: ${reason}`)).toEqual([]);
  expect([...runs.keys()]).toEqual(targets.map(({ name }) => name));
  expect(Math.min(...runs.values())).toBe(300);
}, 120_000);

test('the same seed damages in the same way, another one otherwise', () => {
  const bytes = new Uint8Array(1000).fill(7);
  const damage = (seed: number) => mutate(bytes, { random: createRandom(seed), other: Uint8Array.of(1, 2, 3) });
  expect(damage(1)).toEqual(damage(1));
  expect(damage(1)).not.toEqual(damage(2));
});
