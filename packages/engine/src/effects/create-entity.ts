import type { Entity, ImportEvent, ImportSession, NewEntity, Ref, StoredFile } from '@ovfkit/domain';
import type { Core } from '../core.ts';
import { loadDescriptor } from '../descriptor.ts';
import type { Flow } from '../flow.ts';
import { joinedFile } from '../joined-file.ts';
import { machineFiles, newEntityOf } from '../new-entity.ts';
import { evaluate } from '../parameters/evaluate.ts';
import { receivedFiles } from '../received.ts';
import { deleteSessionBlobs } from '../session-blobs.ts';
import { describeTarget } from '../target.ts';
import { withPatience } from './patience.ts';

/** The flow of imports. */
export type ImportFlow = Flow<ImportSession, ImportEvent>;

interface Creation {
  readonly core: Core;
  readonly flow: ImportFlow;
  readonly id: string;
  readonly signal: AbortSignal;
}

/**
 * Makes the entity. The inventory knows the request by the session's id, so that doing it again after a crash gives the
 * same one. What is made for a session that has failed or was given up meanwhile goes with it: `releaseImport`.
 */
export async function createEntity({ core, flow, id, signal }: Creation): Promise<void> {
  const session = await flow.get(id);
  if (session.state !== 'IMPORT_INSTANTIATING') return;
  const request = await withPatience(core, { signal, look: () => newEntity(core, { session, signal }) });
  const ref = await core.inventory.create(request, { signal });
  const customizationResults = await customizationsOf(core, { ref, entity: request.entity });
  await flow.step(id, () => ({
    type: 'finish',
    ...(ref.type === 'VirtualApp' ? { vappId: ref.id } : { vmId: ref.id }),
    ...(customizationResults.length === 0 ? {} : { customizationResults }),
  }));
  await deleteSessionBlobs(core, { kind: 'import', id });
}

/** The machines that were made with a customization, which is kept with them. They are listed in the order they were asked for. */
async function customizationsOf({ inventory }: Core, { ref, entity }: { readonly ref: Ref; readonly entity: Entity }) {
  if (entity.vms.every(({ customization }) => customization === undefined)) return [];
  const vms = ref.type === 'VirtualApp' ? (await inventory.vapp.list({ vapps: [ref.id] }))[0]?.vms : [ref.id];
  return entity.vms.flatMap(({ customization }, index) => {
    const key = vms?.[index];
    return customization === undefined || key === undefined ? [] : [{ key, value: true }];
  });
}

async function newEntity(
  core: Core,
  { session, signal }: { readonly session: ImportSession; readonly signal: AbortSignal },
): Promise<NewEntity> {
  const loaded = await loadDescriptor(core, { session, kind: 'import' });
  const { descriptor } = loaded;
  const parameters = session.parameters ?? [];
  const target = await describeTarget(core, { target: session.target, descriptor, given: parameters });
  const { selection } = evaluate({ descriptor, given: parameters, target });
  const chosen = { session, loaded, parameters, selection, folder: target.folder };
  const received = receivedFiles(session, 'import');
  const files = new Map<string, StoredFile>();
  for (const file of machineFiles(chosen))
    files.set(file.reference.id, await joinedFile(core, { ...file, id: session.id, received, signal }));
  return newEntityOf(chosen, files);
}
