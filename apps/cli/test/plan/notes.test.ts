import { SessionError } from '@ovfkit/domain';
import { expect, test } from 'vitest';
import { CliError } from '../../src/errors.ts';
import { createNotes, refusalOf, throwErrors } from '../../src/plan/notes.ts';

test('a step that fails keeps no other from being tried, and all are told in the order of the checks', () => {
  const notes = createNotes();
  notes.attempt('storage', () => {
    throw new SessionError('UNAUTHORIZED', 'no such right');
  });
  const found = notes.attempt('networks', () => 'VM Network');
  notes.attempt('place', () => {
    throw new CliError('usage', 'no such pool', { details: ['Resources'], hint: 'Choose one.' });
  });
  expect(found).toBe('VM Network');
  expect(notes.problems().map(({ check, exitCode }) => [check, exitCode])).toEqual([
    ['place', 2],
    ['storage', 5],
  ]);
  expect(() => throwErrors(notes)).toThrow(
    expect.objectContaining({
      exitClass: 'usage',
      message: '2 things stand in the way of the import',
      details: expect.arrayContaining(['no such pool', '  Resources', '  next: Choose one.', 'no such right']),
    }),
  );
});

test('an error that is alone is thrown as it was', () => {
  const notes = createNotes();
  const error = new SessionError('NOT_FOUND', 'gone');
  notes.fail('target', error);
  expect(refusalOf(notes.problems())).toBe(error);
});

test('what nobody threw on purpose is not noted', () => {
  expect(() =>
    createNotes().attempt('target', () => {
      throw new TypeError('a fault of ours');
    }),
  ).toThrow('a fault of ours');
});

test('warnings stand in the way of nothing', () => {
  const notes = createNotes();
  notes.add({ check: 'storage', severity: 'warning', exitCode: 0, message: 'it may get tight', details: [] });
  expect(refusalOf(notes.problems())).toBeUndefined();
});
