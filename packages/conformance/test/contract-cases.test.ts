import { expect, test } from 'vitest';
import { casesOf, contractCases, contractSections } from '../src/index.ts';

test('every case has an id of its own, made of words and dots', () => {
  const ids = contractCases.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids.filter((id) => !/^[a-z][a-z\d_]*(?:[.-][a-z\d_]+)*$/.test(id))).toEqual([]);
});

test('the sections of the cases are those that have a name, in order', () => {
  const sections = [...new Set(contractCases.map(({ section }) => section))];
  expect(sections).toEqual([...contractSections.keys()]);
});

test('a case is found by its id, by the beginning of it, and by its section', () => {
  const idsOf = (...only: readonly string[]) => casesOf(only).map(({ id }) => id);
  expect(idsOf('import.progress.lower')).toEqual(['import.progress.lower']);
  expect(idsOf('import.progress')).toContain('import.progress.lower');
  expect(idsOf('import.prog')).toEqual([]);
  expect(idsOf('3')).toContain('import.progress.lower');
  expect(idsOf('3.5')).toContain('import.progress.lower');
  expect(idsOf('3.6')).not.toContain('import.progress.lower');
  expect(idsOf('3.5', 'import.get')).toEqual(expect.arrayContaining(['import.progress.lower', 'import.get.safe']));
  expect(casesOf(undefined)).toEqual(contractCases);
});
