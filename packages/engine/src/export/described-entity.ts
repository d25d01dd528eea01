import type { Entity, Staged } from '@ovfkit/domain';
import { readDescriptor } from '@ovfkit/package-format';
import { createEntityOf } from '../entity.ts';
import { evaluate } from '../parameters/evaluate.ts';

/** An export places nothing. */
const nowhere = { resourcePool: '', folder: '', datastore: '' };

/** The entity that an inventory has staged; where it has written a descriptor, what that says, with every default taken. */
export function stagedEntity(staged: Staged): Entity {
  if ('entity' in staged) return staged.entity;
  // whoever wrote it is a server that others read too: what it gets wrong is forgiven
  const descriptor = readDescriptor(staged.descriptor, { lax: true });
  const named = descriptor.networks.map(({ name }) => ({
    network: name,
    name,
    type: 'STANDARD_PORTGROUP',
    isForbidden: false,
  }));
  const target = { networks: named, datastores: [], storagePolicies: [], folder: '', takenNames: new Set<string>() };
  const { selection } = evaluate({ descriptor, given: [], target });
  const files = new Map(
    descriptor.files.flatMap(({ id, href }) => {
      const file = staged.files.find(({ name }) => name === href);
      return file === undefined ? [] : [[id, file] as const];
    }),
  );
  return createEntityOf({ descriptor, selection, files, placement: nowhere });
}
