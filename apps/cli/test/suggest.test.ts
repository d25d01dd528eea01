import { expect, test } from 'vitest';
import { didYouMean, suggestionsFor } from '../src/suggest.ts';

test('the closest names come first, foreign ones not at all', () => {
  expect(suggestionsFor('hostnam', ['port', 'hostname', 'hostnames', 'password'])).toEqual(['hostname', 'hostnames']);
});

test('case does not matter, and a part of a name is enough', () => {
  expect(suggestionsFor('NETWORK', ['VM Network', 'Storage'])).toEqual(['VM Network']);
});

test('nothing alike gives no suggestion', () => {
  expect(didYouMean('zzzzzz', ['hostname'])).toBeUndefined();
});
