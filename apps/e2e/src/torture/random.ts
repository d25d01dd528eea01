import { createHash } from 'node:crypto';

/** Chance that a seed repeats. */
export interface Random {
  /** At least 0, less than 1. */
  fraction(): number;
  /** A whole number; both ends are possible. */
  between(min: number, max: number): number;
  pick<T>(choices: readonly [T, ...T[]]): T;
}

/** The same seed gives the same numbers, on every machine. */
export function createRandom(seed: number): Random {
  let drawn = 0;
  const fraction = (): number => {
    drawn += 1;
    return createHash('sha256').update(`${seed} ${drawn}`).digest().readUInt32BE() / 2 ** 32;
  };
  const between = (min: number, max: number): number => min + Math.floor(fraction() * (max - min + 1));
  return { fraction, between, pick: (choices) => choices[between(0, choices.length - 1)] ?? choices[0] };
}
