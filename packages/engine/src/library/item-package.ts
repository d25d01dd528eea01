import { type LibraryContent, SessionError, type SessionMember, type StoredLibraryItem } from '@ovfkit/domain';
import { type Descriptor, isDescriptorName, readAll } from '@ovfkit/package-format';
import type { Core } from '../core.ts';
import { parseOnce } from '../descriptor.ts';
import { byAnyName } from '../href-names.ts';
import { packageFiles } from '../package-files.ts';
import { sidecarType } from '../upload/upload-archive.ts';
import { isSameName } from './libraries.ts';

/** Whether the files of an item make a package. */
export const isPackageItem = ({ type }: Pick<StoredLibraryItem, 'type'>): boolean => isSameName(type, 'ovf');

/** The descriptor among files; the first when there are several. */
export const descriptorIn = (files: readonly LibraryContent[]): LibraryContent | undefined =>
  files.find(({ name }) => isDescriptorName(name));

/** @throws SessionError NOT_FOUND; INVALID_ARGUMENT for an item that is no package, or has no files yet */
export async function checkSourceItem(core: Core, id: string): Promise<StoredLibraryItem> {
  const item = await core.library.item(id);
  if (!isPackageItem(item))
    throw new SessionError('INVALID_ARGUMENT', `The item ${item.name} is of the type ${item.type}, not ovf.`);
  if (descriptorIn(item.files) === undefined)
    throw new SessionError('INVALID_ARGUMENT', `The item ${item.name} has no descriptor yet.`);
  return item;
}

/** @throws PackageError when it cannot be read at all; faults are in `findings` */
export async function readItemDescriptor(
  core: Core,
  { files, flags }: { readonly files: readonly LibraryContent[]; readonly flags: readonly string[] },
): Promise<Descriptor> {
  const file = descriptorIn(files);
  if (file === undefined) throw new SessionError('NOT_FOUND', 'There is no descriptor.');
  const bytes = await readAll(core.blobs.read(file.blob), core.limits.textSize);
  return parseOnce(core, { bytes, file: file.name, lax: flags.includes('LAX') });
}

/** Files with what each is to the package, by the name that it has there; one that it does not name is content. */
export function membersOf(descriptor: Descriptor, files: readonly LibraryContent[]): readonly SessionMember[] {
  const namedBy = byAnyName(packageFiles(descriptor));
  const first = descriptorIn(files);
  return files.map((file) => {
    const { blob, size, sha256 } = file;
    if (file === first) return { name: file.name, fileType: 'OVF', blob, size, sha256 };
    const { name, fileType } = namedBy(file.name) ?? { name: file.name, fileType: sidecarType(file.name) ?? 'CONTENT' };
    return { name, fileType, blob, size, sha256 };
  });
}
