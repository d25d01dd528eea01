import { expect, test } from 'vitest';
import { readFlags } from '../src/torture/flags.ts';

test('a torture without flags plays fifty runs of any form, four at a time, from a seed of its own', () => {
  const { seed, ...flags } = readFlags([]) ?? expect.fail('no flags');
  expect(Number.isSafeInteger(seed)).toBe(true);
  expect(flags).toEqual({ runs: 50, jobs: 4, minutes: Infinity, form: 'any', hardships: false, keep: false });
});

test('flags are read', () => {
  const args = [
    '--seed',
    '7',
    '--runs',
    '3',
    '--jobs',
    '2',
    '--minutes',
    '0.5',
    '--form',
    'ova',
    '--hardships',
    '--keep',
  ];
  expect(readFlags(args)).toEqual({
    seed: 7,
    runs: 3,
    jobs: 2,
    minutes: 0.5,
    form: 'ova',
    hardships: true,
    keep: true,
  });
});

test('help is no torture', () => {
  expect(readFlags(['--help'])).toBeUndefined();
});

test.each([
  [['--runs', 'many'], '--runs is a whole number from 1 on'],
  [['--runs', '0'], '--runs is a whole number from 1 on'],
  [['--jobs', '1.5'], '--jobs is a whole number from 1 on'],
  [['--seed', '-1'], '--seed'],
  [['--minutes', 'long'], '--minutes is a number above 0'],
  [['--form', 'zip'], '--form is one of any, ova, folder'],
  [['--speed', '9'], '--speed'],
])('%j is refused and named', (args, text) => {
  expect(() => readFlags(args)).toThrow(text);
});
