import type { ExportSession, StoredLibraryItem } from '@ovfkit/domain';
import type { Core } from '../core.ts';
import { dropBlobs } from '../drop-blobs.ts';
import { checkNotUpdated } from '../library/busy-items.ts';
import type { ExportFlow } from './prepare-files.ts';

interface Storing {
  readonly core: Core;
  readonly flow: ExportFlow;
  readonly id: string;
}

const maxNameLength = 80;

/**
 * Gives the files of an export to a library: no byte is copied, the item names the blobs of the entity and the texts of the
 * session. Done again after a restart it finds the item it made.
 */
export async function storeItem({ core, flow, id }: Storing): Promise<void> {
  const session = await flow.get(id);
  if (session.state !== 'EXPORT_IN_PROGRESS') return;
  const { contentLibraryItem } = session.createSpec;
  const dropped = await core.references.take(async () => {
    const before = contentLibraryItem ? await core.library.item(contentLibraryItem) : undefined;
    const item = before === undefined ? await insert(core, session) : await overwrite(core, before, session);
    await flow.step(id, () => ({ type: 'complete', libraryItemId: item.id }));
    return before?.files.map(({ blob }) => blob) ?? [];
  });
  await dropBlobs(core, dropped);
}

const filesOf = ({ members = [] }: ExportSession, version: number): StoredLibraryItem['files'] =>
  members.map(({ name, blob, size, sha256 }) => ({ name, blob, size, sha256, version }));

/** The session's id is its client token too: the same export makes one item. */
function insert({ library, clock }: Core, session: ExportSession): Promise<StoredLibraryItem> {
  const { id, owner, createSpec, members = [] } = session;
  const stem = members[0]?.name.replace(/\.ovf$/, '') ?? '';
  const now = clock();
  return library.insertItem({
    id,
    owner,
    clientToken: id,
    libraryId: createSpec.contentLibrary ?? '',
    name: (createSpec.name || stem).slice(0, maxNameLength),
    description: createSpec.description ?? '',
    type: 'ovf',
    files: filesOf(session, 1),
    version: 1,
    metadataVersion: 1,
    contentVersion: 1,
    createdAt: now,
    modifiedAt: now,
  });
}

async function overwrite(core: Core, item: StoredLibraryItem, session: ExportSession): Promise<StoredLibraryItem> {
  const contentVersion = item.contentVersion + 1;
  const files = filesOf(session, contentVersion);
  const isDone = files.every(({ blob }) => item.files.some((file) => file.blob === blob));
  if (isDone) return item;
  await checkNotUpdated(core, [item]);
  return core.library.replaceItem({ ...item, files, contentVersion, modifiedAt: core.clock() });
}
