import { z } from 'zod';
import { LocalizableMessage } from './localizable-message.ts';
import { entries, Id, Long, openEnum, structure } from './structure.ts';

const text = z.exactOptional(z.string());
const long = z.exactOptional(Long);
const flag = z.exactOptional(z.boolean());
const className = (tail: string) => ({ className: `com.vmware.vcenter.ovf.${tail}` });

export const DiskProvisioningType = z.enum(['thin', 'thick', 'eagerZeroedThick']);
export type DiskProvisioningType = z.infer<typeof DiskProvisioningType>;
export const IpAllocationPolicy = z.enum(['DHCP', 'TRANSIENT_IPPOOL', 'STATIC_MANUAL', 'STATIC_IPPOOL']);
export const IpAllocationScheme = z.enum(['DHCP', 'OVF_ENVIRONMENT']);
export const IpProtocol = z.enum(['IPV4', 'IPV6']);
export const DatastoreInaccessibleReason = z.enum([
  'NOT_CONNECTED',
  'MAINTENANCE_MODE',
  'READ_ONLY',
  'NO_ALLOCATE_RIGHT',
]);
export const NetworkInaccessibleReason = z.enum(['NO_ASSIGN_RIGHT']);
export const BindingStatus = z.enum(['RED', 'YELLOW', 'GREEN']);
export const GuestCustomizationType = z.enum(['SPECIFICATION', 'XML']);
export const WarningType = z.enum([
  'SELF_SIGNED_CERTIFICATE',
  'EXPIRED_CERTIFICATE',
  'NOT_YET_VALID_CERTIFICATE',
  'UNTRUSTED_CERTIFICATE',
]);

export const DeploymentOption = structure({ key: text, label: text, description: text, defaultChoice: flag });
export const DeploymentOptionParams = structure(
  {
    type: z.literal('DeploymentOptionParams'),
    deploymentOptions: z.exactOptional(z.array(DeploymentOption)),
    selectedKey: text,
  },
  className('deployment_option_params'),
);

export const ExtraConfig = structure({ key: text, value: text, virtualSystemId: text });
export const ExtraConfigParams = structure(
  {
    type: z.literal('ExtraConfigParams'),
    extraConfigs: z.exactOptional(z.array(ExtraConfig)),
    excludeKeys: z.exactOptional(z.array(z.string())),
    includeKeys: z.exactOptional(z.array(z.string())),
  },
  className('extra_config_params'),
);

export const IpAllocationParams = structure(
  {
    type: z.literal('IpAllocationParams'),
    supportedAllocationScheme: z.exactOptional(z.array(openEnum(IpAllocationScheme))),
    supportedIpAllocationPolicy: z.exactOptional(z.array(openEnum(IpAllocationPolicy))),
    ipAllocationPolicy: z.exactOptional(openEnum(IpAllocationPolicy)),
    supportedIpProtocol: z.exactOptional(z.array(openEnum(IpProtocol))),
    ipProtocol: z.exactOptional(openEnum(IpProtocol)),
  },
  className('ip_allocation_params'),
);

/** Identity is `[classId.]id[.instanceId]`. `value` as read is the descriptor's value, else its default. */
export const Property = structure({
  classId: text,
  id: text,
  instanceId: text,
  category: text,
  label: text,
  description: text,
  type: text,
  value: text,
  uiOptional: flag,
});
export type Property = z.infer<typeof Property>;
export const PropertyParams = structure(
  { type: z.literal('PropertyParams'), properties: z.exactOptional(z.array(Property)) },
  className('property_params'),
);

export const ScaleOutGroup = structure({
  id: text,
  instanceCount: long,
  description: text,
  minimumInstanceCount: long,
  maximumInstanceCount: long,
});
export const ScaleOutParams = structure(
  { type: z.literal('ScaleOutParams'), groups: z.exactOptional(z.array(ScaleOutGroup)) },
  className('scale_out_params'),
);

export const SizeParams = structure(
  {
    type: z.literal('SizeParams'),
    approximateDownloadSize: long,
    approximateFlatDeploymentSize: long,
    approximateSparseDeploymentSize: long,
    variableDiskSize: flag,
  },
  className('size_params'),
);

export const UnknownSection = structure({ tag: text, info: text });
export const UnknownSectionParams = structure(
  { type: z.literal('UnknownSectionParams'), unknownSections: z.exactOptional(z.array(UnknownSection)) },
  className('unknown_section_params'),
);

export const VcenterExtensionParams = structure(
  { type: z.literal('VcenterExtensionParams'), required: flag, registrationAccepted: flag },
  className('vcenter_extension_params'),
);

export const WarningInfo = structure({
  type: openEnum(WarningType),
  message: LocalizableMessage,
  ignored: z.boolean(),
});
export const CertificateParams = structure(
  {
    type: z.literal('CertificateParams'),
    issuer: text,
    subject: text,
    isValid: flag,
    isSelfSigned: flag,
    x509: text,
    warnings: z.exactOptional(z.array(WarningInfo)),
  },
  className('certificate_params'),
);

export const NameAndProductParams = structure(
  {
    type: z.literal('NameAndProductParams'),
    name: text,
    annotation: text,
    virtualApp: flag,
    productName: text,
    vendor: text,
    version: text,
    fullVersion: text,
    vendorUrl: text,
    productUrl: text,
  },
  className('name_and_product_params'),
);

export const EulaParams = structure(
  { type: z.literal('EulaParams'), eulas: z.exactOptional(z.array(z.string())), allEulaAccepted: flag },
  {
    ...className('eula_params'),
    wireNames: { allEulaAccepted: { rest: 'all_EULA_accepted', api: 'all_EULA_accepted' } },
  },
);

export const SourceNetwork = structure({ name: text, description: text, target: z.exactOptional(Id) });
export const TargetNetwork = structure({
  id: z.exactOptional(Id),
  name: text,
  accessible: flag,
  inaccessibleReasons: z.exactOptional(z.array(openEnum(NetworkInaccessibleReason))),
});
export const NetworkMappingParams = structure(
  {
    type: z.literal('NetworkMappingParams'),
    sourceNetworks: z.exactOptional(z.array(SourceNetwork)),
    targetNetworks: z.exactOptional(z.array(TargetNetwork)),
  },
  className('network_mapping_params'),
);

export const StorageProfileTarget = structure({ id: z.exactOptional(Id), name: text });
export const DatastoreTarget = structure({
  id: z.exactOptional(Id),
  name: text,
  accessible: flag,
  inaccessibleReasons: z.exactOptional(z.array(openEnum(DatastoreInaccessibleReason))),
  storageProfiles: z.exactOptional(z.array(Id)),
});
const diskGroup = {
  id: text,
  name: text,
  description: text,
  targetProfile: z.exactOptional(Id),
  targetProvisioningType: z.exactOptional(openEnum(DiskProvisioningType)),
};
/** A group's setting overrides the package-wide one. */
export const DatastoreDiskGroup = structure({ ...diskGroup, targetDatastore: z.exactOptional(Id) });
export const DatastoreMappingParams = structure(
  {
    type: z.literal('DatastoreMappingParams'),
    availableStorageProfiles: z.exactOptional(z.array(StorageProfileTarget)),
    storageProfilesEnabled: flag,
    availableDatastores: z.exactOptional(z.array(DatastoreTarget)),
    availableDiskProvisioningTypes: z.exactOptional(z.array(openEnum(DiskProvisioningType))),
    targetProfile: z.exactOptional(Id),
    targetDatastore: z.exactOptional(Id),
    targetProvisioningType: z.exactOptional(openEnum(DiskProvisioningType)),
    diskGroups: z.exactOptional(z.array(DatastoreDiskGroup)),
  },
  className('datastore_mapping_params'),
);

export const StorageDiskGroup = structure(diskGroup);
export const StorageMappingParams = structure(
  {
    type: z.literal('StorageMappingParams'),
    availableStorageProfiles: z.exactOptional(z.array(StorageProfileTarget)),
    availableDiskProvisioningTypes: z.exactOptional(z.array(openEnum(DiskProvisioningType))),
    targetProfile: z.exactOptional(Id),
    targetProvisioningType: z.exactOptional(openEnum(DiskProvisioningType)),
    diskGroups: z.exactOptional(z.array(StorageDiskGroup)),
  },
  className('storage_mapping_params'),
);

/** The vService structures keep capitals in their canonical names (contract, section 9.2). */
export const VServiceProvider = structure({
  key: text,
  name: text,
  description: text,
  validationMessage: text,
  autoBind: flag,
  status: z.exactOptional(openEnum(BindingStatus)),
});
export const VServiceDependency = structure({
  id: text,
  type: text,
  name: text,
  description: text,
  required: flag,
  selectedProviderKey: text,
  availableProviders: z.exactOptional(z.array(VServiceProvider)),
});
export const VServiceParams = structure(
  { type: z.literal('VServiceParams'), dependencies: z.exactOptional(z.array(VServiceDependency)) },
  className('V_Service_Params'),
);

export const VcenterGuestCustomization = structure({
  type: openEnum(GuestCustomizationType),
  specificationId: text,
  xml: text,
});
export type VcenterGuestCustomization = z.infer<typeof VcenterGuestCustomization>;
export const VcenterGuestCustomizationParams = structure(
  {
    type: z.literal('VcenterGuestCustomizationParams'),
    virtualSystems: z.exactOptional(z.array(z.string())),
    customizations: z.exactOptional(entries(VcenterGuestCustomization)),
  },
  className('vcenter_guest_customization_params'),
);
