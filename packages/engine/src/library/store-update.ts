import type { StoredLibraryItem, UpdateEvent, UpdateSession } from '@ovfkit/domain';
import { dropBlobs } from '../drop-blobs.ts';
import { checkUpdate, updatedFiles } from './update-check.ts';
import { missingMessage } from './update-messages.ts';
import type { Updates } from './updates.ts';

/**
 * Gives the files of a session to its item, all at once, and ends the session; files that are at fault end it in `ERROR` and
 * leave the item as it was. Done again after a crash it finds the item as it left it.
 */
export async function storeUpdate({ core, flow }: Updates, id: string): Promise<void> {
  const dropped = await core.references.take(async () => {
    const session = await flow.get(id);
    if (session.state !== 'ACTIVE' || !session.isCompleting) return [];
    const item = await core.library.item(session.libraryItemId);
    const { missing, invalid } = await checkUpdate(core, { item, session });
    const error = invalid[0]?.error ?? missingMessage(missing);
    if (error !== undefined) {
      await flow.step(id, () => ({ type: 'fail', error }));
      return [];
    }
    const after = await replace({ core, flow }, { item, session });
    await flow.step(id, (): UpdateEvent => ({ type: 'finish', contentVersion: after.contentVersion }));
    return item.files.map(({ blob }) => blob);
  });
  await dropBlobs(core, dropped);
}

interface Change {
  readonly item: StoredLibraryItem;
  readonly session: UpdateSession;
}

async function replace({ core }: Updates, { item, session }: Change): Promise<StoredLibraryItem> {
  const contentVersion = item.contentVersion + 1;
  const known = new Map(item.files.map((file) => [file.blob, file]));
  const files = updatedFiles(item, session).map((file) => ({
    version: contentVersion,
    ...file,
    ...(known.get(file.blob)?.name === file.name ? { version: known.get(file.blob)?.version ?? contentVersion } : {}),
  }));
  const isSame = files.length === item.files.length && files.every(({ version }) => version < contentVersion);
  if (isSame) return item;
  return core.library.replaceItem({ ...item, files, contentVersion, modifiedAt: core.clock() });
}
