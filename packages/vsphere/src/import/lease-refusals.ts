import { type Entity, type Remark, SessionError } from '@ovfkit/domain';

/** What an entity asks for that no lease does. */
export function leaseRefusals({ name, vms, services = [] }: Entity): readonly Remark[] {
  return [
    // the mark of an import is on its machines: it could neither be found again nor removed
    ...(vms.length === 0 ? [`${name} has no machine, and a lease makes no vApp without any.`] : []),
    ...vms
      .filter(({ customization }) => customization !== undefined)
      .map(
        (vm) =>
          `${vm.name} cannot be customized while it is imported by a lease. Import it without, and customize it then.`,
      ),
    ...services
      .filter(({ provider }) => provider !== undefined)
      .map(({ id }) => `The service ${id} cannot be bound while importing by a lease.`),
  ].map((text) => ({ about: 'package', text }));
}

/** @throws SessionError UNSUPPORTED for what no lease does */
export function refuseUnleased(entity: Entity): void {
  const refusals = leaseRefusals(entity);
  if (refusals.length > 0) throw new SessionError('UNSUPPORTED', refusals.map(({ text }) => text).join(' '));
}
