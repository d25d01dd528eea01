import type { OvfParams } from '@ovfkit/domain';
import { expect, test } from 'vitest';
import type { Choices } from '../../src/import/choices.ts';
import { servicesParams } from '../../src/import/services.ts';
import { createNotes } from '../../src/plan/notes.ts';

const choicesBy = (via: Choices['via']): Choices => ({
  networks: [],
  properties: [],
  eula: 'open',
  signer: 'trusted',
  via,
});

function judge(found: readonly OvfParams[], via: Choices['via'] = 'session') {
  const notes = createNotes();
  const params = servicesParams(found, { choices: choicesBy(via), notes });
  return { params, problems: notes.problems().map(({ check, exitCode, message }) => ({ check, exitCode, message })) };
}

const service = (fields: object): OvfParams => ({
  type: 'VServiceParams',
  dependencies: [{ id: 'audit', name: 'Audit', required: true, ...fields }],
});

test('a service that is required is bound to the provider that the target chose, or to the only one', () => {
  const bound = [{ type: 'VServiceParams', dependencies: [{ id: 'audit', selectedProviderKey: 'p1' }] }];
  expect(judge([service({ selectedProviderKey: 'p1' })])).toEqual({ params: bound, problems: [] });
  expect(judge([service({ availableProviders: [{ key: 'p1', name: 'One' }] })])).toEqual({
    params: bound,
    problems: [],
  });
});

test('a service that is required and has no provider, or several, is told before anything is sent', () => {
  expect(judge([service({})]).problems).toEqual([
    {
      check: 'package',
      exitCode: 5,
      message: 'The package requires the vService Audit, of which the target has no provider',
    },
  ]);
  const several = { availableProviders: [{ key: 'p1' }, { key: 'p2' }] };
  expect(judge([service(several)]).problems).toMatchObject([
    { message: expect.stringContaining('nothing says which') },
  ]);
  expect(judge([service({ required: false })])).toEqual({ params: [], problems: [] });
});

test('an extension of vCenter that a package requires is told before anything is sent', () => {
  const extension = (required: boolean): readonly OvfParams[] => [{ type: 'VcenterExtensionParams', required }];
  expect(judge(extension(true)).problems).toMatchObject([{ check: 'package', exitCode: 5 }]);
  expect(judge(extension(false))).toEqual({ params: [], problems: [] });
});

test('parts that are made several times are refused where a lease makes each once, and nowhere else', () => {
  const groups = (instanceCount: number): readonly OvfParams[] => [
    { type: 'ScaleOutParams', groups: [{ id: 'web', instanceCount }] },
  ];
  expect(judge(groups(2), 'lease').problems).toMatchObject([
    { check: 'package', exitCode: 5, message: expect.stringContaining('a lease makes each once') },
  ]);
  expect(judge(groups(1), 'lease').problems).toEqual([]);
  expect(judge(groups(2), 'session').problems).toEqual([]);
});
