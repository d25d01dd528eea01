import type { BlobStore, LibraryContent, SessionBackend } from '@ovfkit/domain';
import { isDescriptorName, readAll, readDescriptor } from '@ovfkit/package-format';
import { takeFromItem, withDownloadSession } from './item-download.ts';

/** An item of a vCenter's library, as far as an import has to know it. */
export interface ItemPackage {
  readonly libraryId: string;
  readonly name: string;
  /**
   * Descriptor and message bundles are blobs with this name below the prefix. The others are only named: their digests are empty, and
   * nobody has a blob of their keys.
   */
  readonly files: readonly LibraryContent[];
}

export interface ItemQuestion {
  readonly libraryItemId: string;
  readonly prefix: string;
  readonly signal: AbortSignal;
}

const sealName = /\.(?:mf|cert)$/i;

/** Descriptors are read whole. */
const longestDescriptor = 16 * 1024 ** 2;

/**
 * Reads the texts of a package that a vCenter's library has, and leaves its disks where they are. Manifest and certificate are left out:
 * the library has compared them when the files came.
 * @throws SessionError NOT_FOUND; as the server refuses; the signal's reason
 */
export async function readItemPackage(
  { vcenter, blobs }: ItemParts,
  { libraryItemId, prefix, signal }: ItemQuestion,
): Promise<ItemPackage> {
  const { item, itemFile } = vcenter.contentLibrary;
  const { libraryId = '', name = '' } = await item.get({ libraryItemId }, { signal });
  const all = await itemFile.list({ libraryItemId }, { signal });
  const descriptorName = all.find((file) => isDescriptorName(file.name))?.name ?? '';
  const files = all.flatMap((file) =>
    sealName.test(file.name)
      ? []
      : [{ name: file.name, blob: `${prefix}/${file.name}`, size: file.size ?? 0, sha256: '' }],
  );
  const names = new Set(files.map((file) => file.name));
  const texts = await readTexts({ vcenter, blobs }, { libraryItemId, prefix, signal, descriptorName, names });
  return { libraryId, name, files: files.map((file) => texts.get(file.name) ?? file) };
}

export interface ItemParts {
  readonly vcenter: Pick<SessionBackend, 'contentLibrary' | 'files'>;
  readonly blobs: Pick<BlobStore, 'append' | 'delete' | 'read' | 'seal' | 'sealed' | 'size'>;
}

async function readTexts(
  parts: ItemParts,
  {
    descriptorName,
    names,
    ...question
  }: ItemQuestion & { readonly descriptorName: string; readonly names: ReadonlySet<string> },
): Promise<ReadonlyMap<string, LibraryContent>> {
  const texts = new Map<string, LibraryContent>();
  if (descriptorName === '') return texts;
  await withDownloadSession(parts.vcenter, question, async (downloadSessionId) => {
    const take = (name: string) => takeFromItem(parts, { ...question, downloadSessionId, name });
    const descriptor = await take(descriptorName);
    texts.set(descriptorName, descriptor);
    const bytes = await readAll(parts.blobs.read(descriptor.blob), longestDescriptor);
    const { bundles, files } = readDescriptor(bytes, { lax: true });
    for (const { fileRef } of bundles) {
      const href = files.find(({ id }) => id === fileRef)?.href;
      if (href !== undefined && names.has(href)) texts.set(href, await take(href));
    }
  });
  return texts;
}
