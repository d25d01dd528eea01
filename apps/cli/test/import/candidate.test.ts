import { describe, expect, test } from 'vitest';
import { CliError } from '../../src/errors.ts';
import { choose, chooseOrOnly } from '../../src/import/candidate.ts';

const candidates = [
  { id: 'network-7', name: 'VM Network' },
  { id: 'network-8', name: 'Storage' },
  { id: 'network-9', name: 'Storage' },
  { id: 'network-10', name: 'network-7' },
];
const choice = { what: 'network', flag: '--net', candidates };

function errorOf(run: () => unknown): CliError {
  try {
    run();
  } catch (error) {
    if (error instanceof CliError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('choose', () => {
  test('a name gives its object, an id too, and the id comes first', () => {
    expect(choose('VM Network', choice).id).toBe('network-7');
    expect(choose('network-9', choice).name).toBe('Storage');
    expect(choose('network-7', choice).name).toBe('VM Network');
  });

  test('a name of several is refused with the ids of all of them', () => {
    const error = errorOf(() => choose('Storage', choice));
    expect(error.details).toEqual(['Storage (network-8)', 'Storage (network-9)']);
    expect(error.exitClass).toBe('usage');
  });

  test('an unknown name is refused with what there is, and what is meant perhaps', () => {
    const error = errorOf(() => choose('Storag', choice));
    expect(error.details).toContain('VM Network (network-7)');
    expect(error.hint).toContain('Storage');
  });
});

describe('chooseOrOnly', () => {
  test('the only one is the default, with several one has to be named', () => {
    const [only] = candidates;
    expect(chooseOrOnly(undefined, { ...choice, candidates: candidates.slice(0, 1) })).toBe(only);
    expect(errorOf(() => chooseOrOnly(undefined, choice)).hint).toContain('--net');
  });

  test('none at all is told as a matter of privileges', () => {
    expect(errorOf(() => chooseOrOnly(undefined, { ...choice, candidates: [] })).exitClass).toBe('targetRefused');
  });
});
