import { Privilege } from '@ovfkit/domain';
import type { Role } from '@ovfkit/store-local';

/** What the users of a role may do beside looking at things; pulling is of the roles that `pullers` names. */
export function privilegesOf(role: Role, pullers: readonly string[]): ReadonlySet<Privilege> {
  if (role === 'viewer') return new Set();
  return new Set(Privilege.options.filter((each) => each !== 'VApp.PullFromUrls' || pullers.includes(role)));
}
