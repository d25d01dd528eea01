import { collectionsIn, type Entity, SessionError, type VirtualMachineProperty } from '@ovfkit/domain';
import { vimPolicyOf, vimProtocolOf } from '../ip-allocation.ts';
import { type ManagedObject, managedObject, type VimObject } from '../vim/vim-value.ts';

export interface ImportParams {
  readonly entity: Entity;
  /** Each network of the target by its id, as a reference of its own type. */
  readonly networks: ReadonlyMap<string, ManagedObject>;
  /** Names of `OvfManager.ovfImportOption`. */
  readonly options: readonly string[];
  /** Texts of message bundles by the names of their files. */
  readonly bundles: ReadonlyMap<string, string>;
}

/**
 * An entity as the `OvfCreateImportSpecParams` that lead to it. What these cannot say is edited into the spec they lead to.
 * @throws SessionError NOT_FOUND when a network is not there
 */
export function importParamsOf({ entity, networks, options, bundles }: ImportParams): VimObject {
  const { placement, deploymentOption = '', ipAllocation } = entity;
  const provisioning = entity.vms.flatMap(({ disks }) => disks.flatMap((disk) => disk.provisioning ?? []))[0];
  return {
    _typeName: 'OvfCreateImportSpecParams',
    locale: '',
    deploymentOption,
    msgBundle: [...bundles].map(([key, value]) => ({ _typeName: 'KeyValue', key, value })),
    importOption: [...options],
    entityName: entity.name,
    hostSystem: placement.host === undefined ? undefined : managedObject('HostSystem', placement.host),
    networkMapping: entity.networks.map(({ name, target }) => {
      const network = networks.get(target);
      if (network === undefined) throw new SessionError('NOT_FOUND', `There is no network ${target} for ${name}.`);
      return { _typeName: 'OvfNetworkMapping', name, network };
    }),
    ipAllocationPolicy: ipAllocation && vimPolicyOf(ipAllocation.policy),
    ipProtocol: ipAllocation && vimProtocolOf(ipAllocation.protocol),
    propertyMapping: propertiesOf(entity),
    diskProvisioning: provisioning,
  };
}

/**
 * Only what a user may set: vCenter refuses values for the rest. Where several have one key and values of their own, nobody can set it, and one
 * value would be for all of them: each keeps that of the package.
 */
export function propertiesOf(entity: Entity): readonly VimObject[] {
  const holders = [entity, ...collectionsIn(entity), ...entity.vms];
  const values = new Map<string, Set<string>>();
  for (const property of holders.flatMap(({ products }) => products).flatMap(({ properties }) => properties)) {
    const { userConfigurable, value } = property;
    const key = propertyKey(property);
    if (userConfigurable && value !== undefined)
      values.set(key, (values.get(key) ?? new Set<string>()).add(spelled(property, value)));
  }
  return [...values].flatMap(([key, [value, ...others]]) =>
    value === undefined || others.length > 0 ? [] : [{ _typeName: 'KeyValue', key, value }],
  );
}

const propertyKey = ({ classId, id, instanceId }: VirtualMachineProperty): string =>
  [classId, id, instanceId].filter((part) => part !== undefined && part !== '').join('.');

/** vim25 takes no other spelling of a boolean. */
function spelled({ type }: VirtualMachineProperty, value: string): string {
  if (type !== 'boolean') return value;
  return /^(true|1)$/i.test(value) ? 'True' : 'False';
}
