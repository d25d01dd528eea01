import { findParams, type OvfParams } from '@ovfkit/domain';
import { describe, expect, test } from 'vitest';
import { CliError } from '../../src/errors.ts';
import type { Choices } from '../../src/import/choices.ts';
import { parametersFor } from '../../src/import/parameters.ts';

const found: readonly OvfParams[] = [
  {
    type: 'DeploymentOptionParams',
    selectedKey: 'small',
    deploymentOptions: [
      { key: 'small', label: 'Small' },
      { key: 'large', label: 'Large' },
    ],
  },
  { type: 'EulaParams', eulas: ['Line one\nLine two'] },
  {
    type: 'NetworkMappingParams',
    sourceNetworks: [{ name: 'A' }, { name: 'A=B' }],
    targetNetworks: [
      { id: 'network-1', name: 'VM Network' },
      { id: 'network-2', name: 'A' },
    ],
  },
  {
    type: 'PropertyParams',
    properties: [
      { classId: 'app', id: 'hostname', value: 'old', type: 'string' },
      { classId: 'app', id: 'ip', instanceId: '1', type: 'string' },
      { classId: 'app', id: 'ip', instanceId: '2', type: 'string' },
    ],
  },
  {
    type: 'DatastoreMappingParams',
    availableDatastores: [{ id: 'datastore-1', name: 'ds1' }],
    availableDiskProvisioningTypes: ['thin', 'thick'],
  },
];
const nothing: Choices = { networks: [], properties: [], eula: 'accepted', signer: 'trusted', via: 'session' };
const offers = { networks: [], datastores: [] };
const whole: Choices = { ...nothing, networks: ['A=B=VM Network'] };

function parameters(choices: Choices): readonly OvfParams[] {
  return parametersFor(found, { choices, offers });
}

function errorOf(choices: Choices): CliError {
  try {
    parameters(choices);
  } catch (error) {
    if (error instanceof CliError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('networks', () => {
  test('the longest source that fits is meant, and one of the same name needs no mapping', () => {
    expect(findParams(parameters(whole), 'NetworkMappingParams')?.sourceNetworks).toEqual([
      { name: 'A', target: 'network-2' },
      { name: 'A=B', target: 'network-1' },
    ]);
  });

  test('a network that nothing decides is an error naming it and the choices', () => {
    const error = errorOf(nothing);
    expect(error.message).toContain('A=B');
    expect(error.details).toContain('VM Network (network-1)');
  });

  test('a source the package does not have is refused with those it has', () => {
    expect(errorOf({ ...whole, networks: ['Nope=VM Network'] }).details.join()).toContain('A=B');
  });

  test('all that nothing else names go to one with a star, those of the same name too', () => {
    const targetsOf = (networks: readonly string[]) =>
      findParams(parameters({ ...nothing, networks }), 'NetworkMappingParams')?.sourceNetworks?.map(
        ({ target }) => target,
      );
    expect(targetsOf(['*=VM Network'])).toEqual(['network-1', 'network-1']);
    expect(targetsOf(['A=B=A', '*=VM Network'])).toEqual(['network-1', 'network-2']);
    expect(errorOf({ ...nothing, networks: ['*=VM Netwrk'] }).details.join('\n')).toContain('Did you mean VM Network?');
  });

  test('a package with one network takes a bare target', () => {
    const one: OvfParams = {
      type: 'NetworkMappingParams',
      sourceNetworks: [{ name: 'Only' }],
      targetNetworks: [
        { id: 'network-1', name: 'X' },
        { id: 'network-2', name: 'Y' },
      ],
    };
    const result = parametersFor([one], { choices: { ...nothing, networks: ['Y'] }, offers });
    expect(findParams(result, 'NetworkMappingParams')?.sourceNetworks).toEqual([{ name: 'Only', target: 'network-2' }]);
  });
});

describe('properties', () => {
  test('short and full keys set values, all others stay as they are', () => {
    const set = parameters({
      ...whole,
      properties: [
        { key: 'hostname', value: 'web01' },
        { key: 'app.ip.2', value: '10.0.0.2' },
      ],
    });
    const values = findParams(set, 'PropertyParams')?.properties?.map(({ value }) => value);
    expect(values).toEqual(['web01', undefined, '10.0.0.2']);
  });

  test('a short key of several is refused with the full ones', () => {
    expect(errorOf({ ...whole, properties: [{ key: 'ip', value: 'x' }] }).details).toEqual(['app.ip.1', 'app.ip.2']);
  });

  test('an unknown key is refused with a suggestion', () => {
    expect(errorOf({ ...whole, properties: [{ key: 'hostnam', value: 'x' }] }).hint).toContain('hostname');
  });
});

describe('licences, options and storage', () => {
  test('a licence is shown and refused until it is accepted', () => {
    const error = errorOf({ ...whole, eula: 'open' });
    expect(error.details).toEqual(['Line one', 'Line two', '']);
    expect(error.hint).toContain('--accept-eula');
    expect(findParams(parameters(whole), 'EulaParams')).toEqual({ type: 'EulaParams', allEulaAccepted: true });
  });

  test('a signer that the target does not trust is named and refused until any is allowed', () => {
    const warning = {
      type: 'SELF_SIGNED_CERTIFICATE',
      message: { id: 'x', defaultMessage: 'CN=Me signed for itself.', args: [] },
      ignored: false,
    };
    const signed: OvfParams = { type: 'CertificateParams', subject: 'CN=Me', warnings: [warning] };
    const ask = (signer: Choices['signer']) => parametersFor([signed], { choices: { ...nothing, signer }, offers });
    expect(() => ask('trusted')).toThrow(expect.objectContaining({ details: ['CN=Me signed for itself.'] }));
    const { warnings } = findParams(ask('any'), 'CertificateParams') ?? {};
    expect(warnings).toEqual([{ ...warning, ignored: true }]);
  });

  test('an option the package lacks is refused with those it has', () => {
    expect(errorOf({ ...whole, deploymentOption: 'medium' }).details).toEqual(['small  Small', 'large  Large']);
    const chosen = parameters({ ...whole, deploymentOption: 'large' });
    expect(findParams(chosen, 'DeploymentOptionParams')).toMatchObject({ selectedKey: 'large' });
  });

  test('a datastore goes by its name, a disk mode only when the target has it', () => {
    const chosen = parameters({ ...whole, datastore: 'ds1', diskMode: 'thin' });
    expect(findParams(chosen, 'DatastoreMappingParams')).toMatchObject({
      targetDatastore: 'datastore-1',
      targetProvisioningType: 'thin',
    });
    expect(errorOf({ ...whole, diskMode: 'eagerZeroedThick' }).details).toEqual(['it can: thin, thick']);
  });

  test('nothing is said about what was not asked for', () => {
    const kinds = parameters(whole).map(({ type }) => type);
    expect(kinds).toEqual(['PropertyParams', 'NetworkMappingParams', 'EulaParams']);
  });
});
