import { type Entity, type Remark, SessionError } from '@ovfkit/domain';

/** What an entity asks for that no lease does. */
export function leaseRefusals({ vms, services = [] }: Entity): readonly Remark[] {
  return [
    ...vms
      .filter(({ customization }) => customization !== undefined)
      .map(
        ({ name }) =>
          `${name} cannot be customized while it is imported by a lease. Import it without, and customize it then.`,
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
