import { findParams, OvfParamsList } from '@ovfkit/domain';
import { expect, test } from 'vitest';

test('the last parameters of a kind count', () => {
  const list = OvfParamsList.parse([
    { type: 'EulaParams', allEulaAccepted: false },
    { type: 'NameAndProductParams', name: 'a' },
    { type: 'EulaParams', allEulaAccepted: true },
  ]);
  expect(findParams(list, 'EulaParams')).toEqual({ type: 'EulaParams', allEulaAccepted: true });
  expect(findParams(list, 'PropertyParams')).toBeUndefined();
});

test('parameters whose fields are not what their type says are not found', () => {
  const list = OvfParamsList.parse([{ type: 'PropertyParams', properties: 'none' }]);
  expect(findParams(list, 'PropertyParams')).toBeUndefined();
});
