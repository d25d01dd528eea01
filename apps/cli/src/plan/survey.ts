import { type Decision, decideOnExisting } from '../import/existing.ts';
import type { ImportScene } from '../import/import-scene.ts';
import { choosePlacement, type LocatedPlacement } from '../import/placement.ts';
import { checkHardware, requireTemplates } from './hardware.ts';
import type { Notes } from './notes.ts';
import { checkPrivileges } from './privileges.ts';

/** What is found out before there is a session. Absent is what could not be. */
export interface Survey {
  readonly placement?: LocatedPlacement | undefined;
  /** What to do about the name. */
  readonly decision?: Decision | undefined;
  /** What there is to tell of the virtual hardware. */
  readonly hardware?: string | undefined;
}

/** Looks around at the target: places, name, hardware, and what is wanted after the import. Makes nothing. */
export async function surveyTarget(
  { context: { signal }, connection, backend, options, looked, misplaced }: ImportScene,
  notes: Notes,
): Promise<Survey> {
  if (misplaced !== undefined) notes.fail('place', misplaced);
  const placement = misplaced === undefined ? await choosePlacement(backend, { options, signal, notes }) : undefined;
  if (options.markAsTemplate) notes.attempt('afterwards', () => requireTemplates(backend));
  if (placement === undefined) return {};
  const { folder } = placement;
  const { ifExists, name = looked.name } = options;
  const [decision, hardware] = await Promise.all([
    // a folder that is not there has no names
    options.folder !== undefined && folder === undefined
      ? undefined
      : notes.attemptCall('name', () => decideOnExisting(backend, { name, folder, ifExists, signal })),
    notes.attemptCall('hardware', () =>
      checkHardware({ backend, vim: connection.vim }, { descriptor: looked.descriptor, placement, signal }),
    ),
    notes.attemptCall('privileges', () => checkPrivileges(connection, { placement, signal })),
  ]);
  return { placement, decision, hardware };
}
