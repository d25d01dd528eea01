/**
 * A value of vim25 in the shape VI JSON gives it, whichever transport carried it: objects name their type in `_typeName`, a value in
 * a place for any type is `{ _typeName, _value }`. Integers beyond 2^53 are bigints.
 */
export type VimValue = string | number | bigint | boolean | VimObject | readonly VimValue[];

/**
 * A data object. Its fields stand in the order its type declares them, inherited ones first: SOAP servers refuse another order.
 * An absent field is undefined.
 */
export interface VimObject {
  readonly [field: string]: VimValue | undefined;
}

/** What names a managed object: a virtual machine, a lease, a manager. */
export interface ManagedObject extends VimObject {
  readonly _typeName: 'ManagedObjectReference';
  /** As the server calls it: `VirtualMachine`, `ResourcePool`. */
  readonly type: string;
  /** `vm-101`. */
  readonly value: string;
}

/** A reference from its two halves. */
export const managedObject = (type: string, value: string): ManagedObject => ({
  _typeName: 'ManagedObjectReference',
  type,
  value,
});
