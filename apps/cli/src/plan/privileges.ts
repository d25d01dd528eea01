import { SessionError } from '@ovfkit/domain';
import { CliError } from '../errors.ts';
import type { ChosenPlacement } from '../import/placement.ts';
import type { Connection } from '../target/connection.ts';

interface Question {
  readonly placement: ChosenPlacement;
  readonly signal: AbortSignal;
}

const needed = 'VApp.Import';

/**
 * Whether the user may make machines in the pool, where sessions of this process make them over vim25; other targets check it themselves
 * when a session begins.
 * @throws CliError when not
 */
export async function checkPrivileges(
  { via, vim }: Pick<Connection, 'via' | 'vim'>,
  { placement: { resourcePool }, signal }: Question,
): Promise<void> {
  const client = via === 'session' ? undefined : await vim();
  if (client === undefined) return;
  const { grantedPrivileges, managedObject } = await import('@ovfkit/vsphere');
  const entities = [managedObject('ResourcePool', resourcePool.id)];
  const granted = await grantedPrivileges(client, { entities, privileges: [needed], signal }).catch(
    (error: unknown) => {
      signal.throwIfAborted();
      if (error instanceof SessionError) return []; // a server that does not tell refuses by itself
      throw error;
    },
  );
  if (granted.every(({ privileges }) => privileges.has(needed))) return;
  throw new CliError('targetRefused', `This user lacks the privilege ${needed} on the pool ${resourcePool.name}`, {
    hint: 'Choose another pool with --pool, or ask for the privilege.',
  });
}
