import {
  type Descriptor,
  type MessageBundle,
  type PackageReader,
  readAll,
  readDescriptor,
  readMessageBundle,
  withBundles,
} from '@ovfkit/package-format';
import { maxTextSize } from '@ovfkit/package-format/node';
import type { HttpOptions } from './source/http-client.ts';
import { openSource, type SourceReader } from './source/open-source.ts';

/** A package with its descriptor read. Whoever opened it closes the reader. */
export interface OpenedPackage {
  readonly reader: SourceReader;
  readonly descriptor: Descriptor;
}

/** Bundles that are missing or unreadable leave the texts in place; what is missing is told elsewhere. */
async function loadBundles(reader: PackageReader, descriptor: Descriptor): Promise<ReadonlyMap<string, MessageBundle>> {
  const loaded = new Map<string, MessageBundle>();
  const hrefs = new Map(descriptor.files.map(({ id, href }) => [id, href]));
  for (const { fileRef } of descriptor.bundles) {
    const href = hrefs.get(fileRef ?? '');
    if (href === undefined || !reader.members.some(({ name }) => name === href)) continue;
    try {
      loaded.set(href, readMessageBundle(await readAll(reader.read(href), maxTextSize), { file: href }));
    } catch {
      // the text in the descriptor stands for itself
    }
  }
  return loaded;
}

export interface OpenOptions extends HttpOptions {
  readonly lax?: boolean | undefined;
}

/** Opens a package from anywhere and reads its descriptor and message bundles; disks are not touched. */
export async function openWithDescriptor(path: string, { lax, ...options }: OpenOptions): Promise<OpenedPackage> {
  const reader = await openSource(path, options);
  try {
    const text = await readAll(reader.read(reader.descriptorName), maxTextSize);
    const descriptor = readDescriptor(text, { file: reader.descriptorName, lax });
    return { reader, descriptor: withBundles(descriptor, await loadBundles(reader, descriptor)) };
  } catch (error) {
    await reader.close();
    throw error;
  }
}
