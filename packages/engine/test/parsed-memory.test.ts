import { expect, test } from 'vitest';
import { createParsedMemory } from '../src/parsed-memory.ts';

test('what was kept is found by its key, and nothing else is', () => {
  const memory = createParsedMemory<readonly string[]>(10);
  const parsed = ['a line'];
  memory.keep('one', parsed, 1);
  expect(memory.find('one')).toBe(parsed);
  expect(memory.find('two')).toBeUndefined();
});

test('the oldest go when together they are too large', () => {
  const memory = createParsedMemory<string>(10);
  for (const key of ['one', 'two', 'two', 'three']) memory.keep(key, key, 5);
  expect(['one', 'two', 'three'].filter((key) => memory.find(key) !== undefined)).toEqual(['two', 'three']);
});

test('what is larger than all may be is not kept, and drives out nothing', () => {
  const memory = createParsedMemory<string>(10);
  memory.keep('small', 'small', 1);
  memory.keep('large', 'large', 11);
  expect(memory.find('large')).toBeUndefined();
  expect(memory.find('small')).toBe('small');
});
