import { type ExportCreateSpec, SessionError } from '@ovfkit/domain';
import type { Core } from '../core.ts';
import { isPackageItem } from './item-package.ts';

/** @throws SessionError NOT_FOUND; INVALID_ARGUMENT for an item that is in another library, or is no package */
export async function checkTargetItem(
  { library }: Core,
  { contentLibrary = '', contentLibraryItem }: ExportCreateSpec,
): Promise<void> {
  await library.library(contentLibrary);
  if (!contentLibraryItem) return;
  const item = await library.item(contentLibraryItem);
  if (item.libraryId !== contentLibrary)
    throw new SessionError('INVALID_ARGUMENT', `The item ${item.id} is not in the library ${contentLibrary}.`);
  if (!isPackageItem(item))
    throw new SessionError('INVALID_ARGUMENT', `The item ${item.name} is of the type ${item.type}, not ovf.`);
}
