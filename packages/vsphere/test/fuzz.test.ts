import { expect, test } from 'vitest';
import { fuzz } from '../../package-format/fuzz/fuzz.ts';
import { vimReaders, vimSeeds } from '../fuzz/targets.ts';

test('damaged answers make every reader give a SessionError or a value, soon and in little memory', async () => {
  const { runs, failures } = await fuzz({ targets: vimReaders, seeds: vimSeeds, seed: 1, rounds: 2_000 });
  expect(failures.map(({ target, reason }) => `${target}: ${reason}`)).toEqual([]);
  expect([...runs.keys()]).toEqual(vimReaders.map(({ name }) => name));
  expect(Math.min(...runs.values())).toBe(2_000);
});
