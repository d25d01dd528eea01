import { message } from '@ovfkit/domain';
import { expect, test } from 'vitest';

test('arguments stand where the text says, as often as it says, and are kept', () => {
  expect(message('a.b', '{1} and {0}, {1}', 'x', 'y')).toEqual({
    id: 'a.b',
    defaultMessage: 'y and x, y',
    args: ['x', 'y'],
  });
});

test('a place without an argument stays, and an argument that looks like a place is left alone', () => {
  expect(message('a', '{0} {2}', '{1}', 'y').defaultMessage).toBe('{1} {2}');
});
