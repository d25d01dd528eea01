import { z } from 'zod';
import { ResultInfo } from './ovf-message.ts';
import { DiskProvisioningType } from './ovf-params.ts';
import { OvfParamsList } from './ovf-params-list.ts';
import { entries, Id, openEnum, Ref, structure } from './structure.ts';

const text = z.exactOptional(z.string());

/** Exactly one of the two: a new item in a library, or the item to overwrite. */
export const LibraryItemTarget = structure({ libraryId: z.exactOptional(Id), libraryItemId: z.exactOptional(Id) });
export const LibraryItemCreateSpec = structure({
  name: text,
  description: text,
  flags: z.exactOptional(z.array(z.string())),
});
export const CreateLibraryItem = structure({
  clientToken: text,
  source: Ref,
  target: LibraryItemTarget,
  createSpec: LibraryItemCreateSpec,
});
export type CreateLibraryItem = z.infer<typeof CreateLibraryItem>;
export const CreateLibraryItemResult = structure({
  succeeded: z.boolean(),
  ovfLibraryItemId: z.exactOptional(Id),
  error: z.exactOptional(ResultInfo),
});
export type CreateLibraryItemResult = z.infer<typeof CreateLibraryItemResult>;

export const DeploymentTarget = structure({
  resourcePoolId: Id,
  hostId: z.exactOptional(Id),
  folderId: z.exactOptional(Id),
});
export type DeploymentTarget = z.infer<typeof DeploymentTarget>;
export const StorageGroupMappingType = z.enum(['DATASTORE', 'STORAGE_PROFILE']);
export const StorageGroupMapping = structure({
  type: openEnum(StorageGroupMappingType),
  datastoreId: z.exactOptional(Id),
  storageProfileId: z.exactOptional(Id),
  provisioning: z.exactOptional(openEnum(DiskProvisioningType)),
});
export const VmConfigSpec = structure({ provider: z.string(), xml: z.string() });

/** How to deploy a library item into a pool (contract, section 6.4). */
export const ResourcePoolDeploymentSpec = structure(
  {
    name: text,
    annotation: text,
    acceptAllEula: z.boolean(),
    networkMappings: z.exactOptional(entries(Id)),
    storageMappings: z.exactOptional(entries(StorageGroupMapping)),
    storageProvisioning: z.exactOptional(openEnum(DiskProvisioningType)),
    storageProfileId: z.exactOptional(Id),
    locale: text,
    flags: z.exactOptional(z.array(z.string())),
    additionalParameters: z.exactOptional(OvfParamsList),
    defaultDatastoreId: z.exactOptional(Id),
    vmConfigSpec: z.exactOptional(VmConfigSpec),
  },
  { wireNames: { acceptAllEula: { rest: 'accept_all_EULA', api: 'accept_all_eula' } } },
);
export type ResourcePoolDeploymentSpec = z.infer<typeof ResourcePoolDeploymentSpec>;

export const DeployLibraryItem = structure({
  ovfLibraryItemId: Id,
  clientToken: text,
  target: DeploymentTarget,
  deploymentSpec: ResourcePoolDeploymentSpec,
});
export type DeployLibraryItem = z.infer<typeof DeployLibraryItem>;
/** A failed deployment is an answer, not an error: `succeeded` is false and `error` has the reasons. */
export const DeploymentResult = structure({
  succeeded: z.boolean(),
  resourceId: z.exactOptional(Ref),
  error: z.exactOptional(ResultInfo),
});
export type DeploymentResult = z.infer<typeof DeploymentResult>;

export const FilterLibraryItem = structure({ ovfLibraryItemId: Id, target: DeploymentTarget });
export type FilterLibraryItem = z.infer<typeof FilterLibraryItem>;
export const OvfSummary = structure(
  {
    name: text,
    annotation: text,
    eulas: z.array(z.string()),
    networks: z.exactOptional(z.array(z.string())),
    storageGroups: z.exactOptional(z.array(z.string())),
    additionalParams: z.exactOptional(OvfParamsList),
  },
  { wireNames: { eulas: { rest: 'EULAs', api: 'eulas' } } },
);
export type OvfSummary = z.infer<typeof OvfSummary>;
