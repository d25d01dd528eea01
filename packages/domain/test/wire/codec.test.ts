import {
  ImportCreateSpec,
  LocalizableMessage,
  OvfParams,
  OvfSummary,
  Ref,
  StandardError,
  VmFilter,
} from '@ovfkit/domain';
import { type Dialect, fromWire, toWire } from '@ovfkit/domain/wire';
import { describe, expect, test } from 'vitest';
import { VcenterGuestCustomizationParams } from '../../src/ovf-params.ts';

const keys = (value: unknown) => Object.keys(Object(value));
const spec = 'com.vmware.vcenter.ovf.import_session.create_spec';

describe('@class', () => {
  test('is the first key of what is written', () => {
    const wire = toWire(ImportCreateSpec, { importFlags: [], sourceType: 'PUSH_SOURCE' }, 'rest');
    expect(wire).toEqual({ '@class': spec, import_flags: [], source_type: 'PUSH_SOURCE' });
    expect(keys(wire)[0]).toBe('@class');
  });

  test('is accepted at any place, with null, and not at all where only one structure is possible', () => {
    const value = { sourceType: 'PUSH_SOURCE' };
    for (const wire of [
      { source_type: 'PUSH_SOURCE', '@class': spec },
      { '@class': null, source_type: 'PUSH_SOURCE' },
      { source_type: 'PUSH_SOURCE' },
    ])
      expect(fromWire(ImportCreateSpec, wire, 'rest')).toEqual(value);
  });

  test('that names another structure than the one possible there is refused', () => {
    for (const className of ['com.vmware.vcenter.ovf.export_session.create_spec', '', 5])
      expect(() => fromWire(ImportCreateSpec, { '@class': className, source_type: 'PUSH_SOURCE' }, 'rest')).toThrow(
        expect.objectContaining({ kind: 'INVALID_ARGUMENT', message: expect.stringContaining(spec) }),
      );
  });

  test('tells parameter structures apart, else their type does', () => {
    const value = { type: 'EulaParams', allEulaAccepted: true };
    const className = 'com.vmware.vcenter.ovf.eula_params';
    for (const wire of [
      { all_EULA_accepted: true, '@class': className },
      { '@class': className, type: 'SomethingElse', all_EULA_accepted: true },
      { type: 'EulaParams', all_EULA_accepted: true },
      { '@class': null, type: 'EulaParams', all_EULA_accepted: true },
    ])
      expect(fromWire(OvfParams, wire, 'rest')).toEqual(value);
    expect(JSON.stringify(toWire(OvfParams, value, 'rest'))).toBe(
      `{"@class":"${className}","type":"EulaParams","all_EULA_accepted":true}`,
    );
  });

  test('of a structure nobody knows survives with all its fields, and comes first again', () => {
    const wire = { new_field: [1, { a_b: null }], '@class': 'com.vmware.vcenter.ovf.newer_params' };
    const value = fromWire(OvfParams, wire, 'rest');
    expect(JSON.stringify(toWire(OvfParams, value, 'rest'))).toBe(
      '{"@class":"com.vmware.vcenter.ovf.newer_params","new_field":[1,{"a_b":null}]}',
    );
  });

  test('says the type of an error from a server that has no error_type', () => {
    const read = (className: string) =>
      fromWire(StandardError, { '@class': `com.vmware.vapi.std.errors.${className}`, messages: [] }, 'rest');
    expect(read('not_found')).toEqual({ messages: [], errorType: 'NOT_FOUND' });
    expect(read('newer_error')).toEqual({ messages: [], errorType: 'NEWER_ERROR' });
    expect(read('error')).toEqual({ messages: [] });
    expect(keys(toWire(StandardError, { messages: [], errorType: 'NOT_FOUND' }, 'rest'))[0]).toBe('@class');
  });
});

describe('a map', () => {
  const value = {
    type: 'VcenterGuestCustomizationParams',
    customizations: [
      { key: '__proto__', value: { type: 'XML', xml: '<a/>' } },
      { key: 'vm.1', value: { type: 'SPECIFICATION', specificationId: 'linux' } },
    ],
  };
  const list = [
    { key: '__proto__', value: { type: 'XML', xml: '<a/>' } },
    { key: 'vm.1', value: { type: 'SPECIFICATION', specification_id: 'linux' } },
  ];
  const object: unknown = JSON.parse(
    '{"__proto__":{"type":"XML","xml":"<a/>"},"vm.1":{"type":"SPECIFICATION","specification_id":"linux"}}',
  );

  test('is a list in /rest and an object in /api, whatever its keys are called', () => {
    expect(toWire(VcenterGuestCustomizationParams, value, 'rest')).toMatchObject({ customizations: list });
    const wire = toWire(VcenterGuestCustomizationParams, value, 'api');
    expect(JSON.stringify(Object(wire).customizations)).toBe(JSON.stringify(object));
  });

  test.each<Dialect>(['rest', 'api'])('is read in either form from %s', (dialect) => {
    for (const customizations of [list, object])
      expect(fromWire(VcenterGuestCustomizationParams, { ...value, customizations }, dialect)).toEqual(value);
  });

  test('may hold messages that hold maps', () => {
    const message = {
      id: 'a',
      defaultMessage: '',
      args: [],
      params: [
        { key: 'k', value: { l: { id: 'b', params: [{ key: 'n', value: { dt: '2015-01-01T22:13:05.651Z' } }] } } },
      ],
    };
    expect(toWire(LocalizableMessage, message, 'api')).toEqual({
      id: 'a',
      default_message: '',
      args: [],
      params: { k: { l: { id: 'b', params: { n: { dt: '2015-01-01T22:13:05.651Z' } } } } },
    });
  });
});

test('spellings that differ between the dialects are written as each has them and read in both', () => {
  const value = { eulas: ['text'] };
  expect(toWire(OvfSummary, value, 'rest')).toEqual({ EULAs: ['text'] });
  expect(toWire(OvfSummary, value, 'api')).toEqual({ eulas: ['text'] });
  expect(fromWire(OvfSummary, { eulas: ['text'] }, 'rest')).toEqual(value);
  expect(fromWire(OvfSummary, { EULAs: ['text'] }, 'api')).toEqual(value);
});

test('null counts as absent, and undefined is not written', () => {
  expect(fromWire(VmFilter, { names: null, folders: ['f'] }, 'rest')).toEqual({ folders: ['f'] });
  expect(toWire(VmFilter, { names: undefined, folders: ['f'] }, 'rest')).toEqual({ folders: ['f'] });
});

test('a foreign field called like one of ours is not taken for it', () => {
  const read = fromWire(ImportCreateSpec, { source_type: 'PULL_SOURCE', sourceType: 'PUSH_SOURCE' }, 'rest');
  expect(read).toEqual({ sourceType: 'PULL_SOURCE' });
});

test('names of Object.prototype are fields like others, and __proto__ sets no prototype', () => {
  const wire: unknown = JSON.parse('{"type":"VirtualMachine","id":"vm-1","toString":1,"__proto__":{"polluted":true}}');
  const read = fromWire(Ref, wire, 'rest');
  expect(Object.hasOwn(read, 'toString')).toBe(true);
  expect(Object.getPrototypeOf(read)).toBe(Object.prototype);
  expect('polluted' in read).toBe(false);
});

test('what does not fit is refused with the name of the field as the wire spells it', () => {
  const wire = { source_type: 'PUSH_SOURCE', push_source_content_type: 5 };
  expect(() => fromWire(ImportCreateSpec, wire, 'rest')).toThrow(
    expect.objectContaining({ kind: 'INVALID_ARGUMENT', message: expect.stringContaining('push_source_content_type') }),
  );
  expect(() => fromWire(Ref, 'text', 'rest')).toThrow(expect.objectContaining({ kind: 'INVALID_ARGUMENT' }));
});

test('a number that cannot be held exactly is refused, not rounded', () => {
  const wire: unknown = JSON.parse(
    '{"messages":[{"id":"","default_message":"","args":[],"params":[{"key":"k","value":{"i":9007199254740993}}]}]}',
  );
  expect(() => fromWire(StandardError, wire, 'rest')).toThrow(expect.objectContaining({ kind: 'INVALID_ARGUMENT' }));
});
