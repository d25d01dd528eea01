import { errorKinds, fromStandardError, isErrorKind, SessionError, toStandardError } from '@ovfkit/domain';
import { expect, test } from 'vitest';

test('a structure of an unknown type becomes ERROR, the text in the caller’s language first', () => {
  const error = fromStandardError({
    messages: [{ id: 'x', defaultMessage: 'English', args: [], localized: 'Deutsch' }],
    errorType: 'QUOTA_EXCEEDED',
  });
  expect(error).toMatchObject({ kind: 'ERROR', message: 'Deutsch' });
  expect(fromStandardError({ messages: [] }).message).toBe('The server answered ERROR.');
});

test('an error keeps its cause, and its text is its message when it has no other', () => {
  const cause = new Error('below');
  const error = new SessionError('NOT_FOUND', 'No such session {0}.', { cause });
  expect(error.cause).toBe(cause);
  expect(toStandardError(error)).toEqual({
    errorType: 'NOT_FOUND',
    messages: [
      { id: 'com.ovfkit.error.not_found', defaultMessage: 'No such session {0}.', args: ['No such session {0}.'] },
    ],
  });
  expect(new SessionError('ERROR', 'x')).not.toHaveProperty('cause');
});

test('a kind is one of the table, not one of the names every object has', () => {
  expect(Object.keys(errorKinds).every(isErrorKind)).toBe(true);
  for (const value of ['toString', '__proto__', 'not_found', '', undefined, 5]) expect(isErrorKind(value)).toBe(false);
});

test('what may be repeated is what can pass by itself', () => {
  const retryable = Object.entries(errorKinds).flatMap(([kind, facts]) => (facts.retryable ? [kind] : []));
  expect(retryable.sort()).toEqual([
    'CONCURRENT_CHANGE',
    'INTERNAL_SERVER_ERROR',
    'RESOURCE_BUSY',
    'RESOURCE_INACCESSIBLE',
    'SERVICE_UNAVAILABLE',
    'TIMED_OUT',
  ]);
});
