import {
  findParams,
  type OvfParams,
  type OvfSummary,
  type ResourcePoolDeploymentSpec,
  type StorageGroupMapping,
} from '@ovfkit/domain';
import type { z } from 'zod';

/** Parameters that a deployment spec says in fields of its own. */
const ownTypes: ReadonlySet<string> = new Set([
  'NameAndProductParams',
  'EulaParams',
  'NetworkMappingParams',
  'DatastoreMappingParams',
]);

/** A deployment spec as the parameters of an import; those it brings itself come last. */
export function deploymentParameters(spec: ResourcePoolDeploymentSpec): readonly OvfParams[] {
  const { name, annotation, acceptAllEula, networkMappings = [], additionalParameters = [] } = spec;
  return [
    {
      type: 'NameAndProductParams',
      ...(name ? { name } : {}),
      ...(annotation === undefined ? {} : { annotation }),
    },
    { type: 'EulaParams', allEulaAccepted: acceptAllEula },
    {
      type: 'NetworkMappingParams',
      sourceNetworks: networkMappings.map(({ key, value }) => ({ name: key, target: value })),
    },
    storageParameters(spec),
    ...additionalParameters,
  ];
}

function storageParameters(spec: ResourcePoolDeploymentSpec): OvfParams {
  const { defaultDatastoreId, storageProfileId, storageProvisioning, storageMappings = [] } = spec;
  return {
    type: 'DatastoreMappingParams',
    ...(defaultDatastoreId ? { targetDatastore: defaultDatastoreId } : {}),
    ...(storageProfileId ? { targetProfile: storageProfileId } : {}),
    ...(storageProvisioning === undefined ? {} : { targetProvisioningType: storageProvisioning }),
    diskGroups: storageMappings.map(({ key, value }) => ({ id: key, ...groupOf(value) })),
  };
}

const groupOf = ({ type, datastoreId, storageProfileId, provisioning }: z.infer<typeof StorageGroupMapping>) => ({
  ...(type === 'DATASTORE' && datastoreId ? { targetDatastore: datastoreId } : {}),
  ...(type === 'STORAGE_PROFILE' && storageProfileId ? { targetProfile: storageProfileId } : {}),
  ...(provisioning === undefined ? {} : { targetProvisioningType: provisioning }),
});

/** What `filter` tells of the parameters of a package. */
export function summaryOf(parameters: readonly OvfParams[]): OvfSummary {
  const { name, annotation } = findParams(parameters, 'NameAndProductParams') ?? {};
  const networks = findParams(parameters, 'NetworkMappingParams')?.sourceNetworks ?? [];
  const groups = findParams(parameters, 'DatastoreMappingParams')?.diskGroups ?? [];
  return {
    ...(name === undefined ? {} : { name }),
    ...(annotation === undefined ? {} : { annotation }),
    eulas: [...(findParams(parameters, 'EulaParams')?.eulas ?? [])],
    networks: networks.map((each) => each.name ?? ''),
    storageGroups: groups.map(({ id }) => id ?? ''),
    additionalParams: parameters.filter(({ type }) => !ownTypes.has(type ?? '')),
  };
}
