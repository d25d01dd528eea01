import { type ManagedObject, managedObject } from './vim/vim-value.ts';

const networkTypes: ReadonlyMap<string, string> = new Map([
  ['DISTRIBUTED_PORTGROUP', 'DistributedVirtualPortgroup'],
  ['OPAQUE_NETWORK', 'OpaqueNetwork'],
]);

/** A network by its id and the type that the inventory tells of it. */
export const networkRef = (id: string, type: string): ManagedObject =>
  managedObject(networkTypes.get(type) ?? 'Network', id);
