import type { PackageReader } from '../package-read.ts';
import { openPackage } from './open.ts';
import { createOutputFiles, writeFile } from './output-files.ts';

/** A package that came as a stream and lies in a file as long as it is open. */
export interface SpooledPackage extends PackageReader {
  /** Where the archive lies. */
  readonly path: string;
}

/**
 * Opens an archive that comes as a stream, compressed or not, for work that has to read it more than once: it is written to `PATH.part`, which
 * is removed by `close`. The caller closes the reader.
 * @throws PackageError FILE_EXISTS, CANNOT_WRITE, and as openPackage does; the reason of `signal`
 */
export async function openSpooled(
  bytes: AsyncIterable<Uint8Array>,
  { path, signal }: { readonly path: string; readonly signal?: AbortSignal | undefined },
): Promise<SpooledPackage> {
  const files = createOutputFiles();
  try {
    await writeFile(files, { path, bytes, signal });
    const place = files.partOf(path);
    const reader = await openPackage(place);
    const close = async (): Promise<void> => {
      await reader.close();
      await files.discard();
    };
    return { ...reader, path: place, close };
  } catch (error) {
    await files.discard();
    throw error;
  }
}
