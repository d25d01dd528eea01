import {
  type DeployLibraryItem,
  type DeploymentResult,
  type Entity,
  findParams,
  type NewEntity,
  type OvfParams,
  type Ref,
} from '@ovfkit/domain';
import { failedInLibrary } from './library-failure.ts';

type DeploymentSpec = DeployLibraryItem['deploymentSpec'];

/** What a deployment says in fields of its own, or is only told. */
const ownTypes: ReadonlySet<unknown> = new Set([
  'NameAndProductParams',
  'EulaParams',
  'NetworkMappingParams',
  'DatastoreMappingParams',
  'StorageMappingParams',
  'SizeParams',
  'UnknownSectionParams',
  'CertificateParams',
]);

/** Where an item is deployed to, and how: the import's own choices (reference: what a session API request is on the public paths). */
export function deploymentOf({
  entity,
  parameters,
}: Pick<NewEntity, 'entity' | 'parameters'>): Pick<DeployLibraryItem, 'target' | 'deploymentSpec'> {
  const { name, placement, networks } = entity;
  const { resourcePool, folder, host, datastore } = placement;
  const annotation = findParams(parameters, 'NameAndProductParams')?.annotation;
  return {
    target: { resourcePoolId: resourcePool, folderId: folder, ...(host === undefined ? {} : { hostId: host }) },
    deploymentSpec: {
      name,
      ...(annotation === undefined ? {} : { annotation }),
      acceptAllEula: findParams(parameters, 'EulaParams')?.allEulaAccepted ?? false,
      networkMappings: networks.map((each) => ({ key: each.name, value: each.target })),
      defaultDatastoreId: datastore,
      ...storageOf(entity, parameters),
      additionalParameters: parameters.filter(({ type }) => !ownTypes.has(type)),
    },
  };
}

function storageOf(
  { placement: { storageProfile } }: Entity,
  parameters: readonly OvfParams[],
): Pick<DeploymentSpec, 'storageProfileId' | 'storageProvisioning' | 'storageMappings'> {
  const { targetProvisioningType, diskGroups = [] } = findParams(parameters, 'DatastoreMappingParams') ?? {};
  const storageMappings = diskGroups.flatMap(mappingOf);
  return {
    ...(storageProfile === undefined ? {} : { storageProfileId: storageProfile }),
    ...(targetProvisioningType === undefined ? {} : { storageProvisioning: targetProvisioningType }),
    ...(storageMappings.length === 0 ? {} : { storageMappings }),
  };
}

type Group = NonNullable<NonNullable<ReturnType<typeof findParams<'DatastoreMappingParams'>>>['diskGroups']>[number];

/** Where a group has a place of its own. */
function mappingOf(group: Group): NonNullable<DeploymentSpec['storageMappings']> {
  const { id: key = '', targetDatastore, targetProfile, targetProvisioningType } = group;
  const how = targetProvisioningType === undefined ? {} : { provisioning: targetProvisioningType };
  if (targetProfile) return [{ key, value: { type: 'STORAGE_PROFILE', storageProfileId: targetProfile, ...how } }];
  return targetDatastore ? [{ key, value: { type: 'DATASTORE', datastoreId: targetDatastore, ...how } }] : [];
}

/** What a deployment made. A failed one is an answer, not an error. @throws SessionError with the server's reasons in `data.errors` */
export function deployedEntity({ succeeded, resourceId, error }: DeploymentResult): Ref {
  if (succeeded && resourceId !== undefined) return resourceId;
  throw failedInLibrary('deployment from', error);
}
