import { findParams, type NewEntity } from '@ovfkit/domain';
import { propertiesOf } from '../import/import-params.ts';
import type { UrlOrigin } from '../origin.ts';
import type { VimObject } from '../vim/vim-value.ts';

/** Parameters that the call has a field for, or that are only told. */
const sayable: ReadonlySet<unknown> = new Set([
  'NameAndProductParams',
  'EulaParams',
  'NetworkMappingParams',
  'DatastoreMappingParams',
  'DeploymentOptionParams',
  'PropertyParams',
  'SizeParams',
  'UnknownSectionParams',
  'CertificateParams',
]);

export interface OvfsQuestion {
  readonly request: NewEntity;
  readonly origin: UrlOrigin;
  /** vSphere's type of each network of the target, by its id. */
  readonly networkTypes: ReadonlyMap<string, string>;
}

/** A request as `ovfs` takes it; nothing when it asks for what that call cannot be told. */
export function ovfsSpecOf({ request, origin, networkTypes }: OvfsQuestion): VimObject | undefined {
  const { entity } = request;
  const { placement } = entity;
  const url = 'archive' in origin.at ? origin.at.archive : origin.at.descriptor;
  if (url === undefined || !isSayable(request)) return undefined;
  const storage = findParams(request.parameters, 'DatastoreMappingParams');
  const properties = propertiesOf(entity).map(({ key, value }) => [String(key), value] as const);
  return {
    url,
    resource_pool: placement.resourcePool,
    folder: placement.folder,
    name: entity.name,
    host_system: placement.host,
    network_mapping: Object.fromEntries(
      entity.networks.map(({ name, target }) => [
        name,
        { net_type: networkTypes.get(target) ?? 'Network', network: target },
      ]),
    ),
    vm_home_datastore: { datastore: placement.datastore },
    disk_provisioning: storage?.targetProvisioningType,
    custom_properties: properties.length === 0 ? undefined : Object.fromEntries(properties),
    deployment_option: entity.deploymentOption,
    power_on: false,
  };
}

function isSayable({ entity, parameters, flags = [] }: NewEntity): boolean {
  const { placement, vms } = entity;
  const isTogether = vms.every(({ disks }) => disks.every(({ datastore }) => datastore === placement.datastore));
  const annotation = findParams(parameters, 'NameAndProductParams')?.annotation;
  return (
    flags.length === 0 &&
    annotation === undefined &&
    placement.storageProfile === undefined &&
    isTogether &&
    parameters.every(({ type }) => sayable.has(type))
  );
}
