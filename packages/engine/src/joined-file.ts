import type { SessionMember, StoredFile } from '@ovfkit/domain';
import { type FileReference, PackageError } from '@ovfkit/package-format';
import { blobKey } from './blob-key.ts';
import type { Core } from './core.ts';
import { createHashing, hashAll, hashed } from './hashing.ts';
import type { PackageFile } from './package-files.ts';

interface Join {
  /** Of the import. */
  readonly id: string;
  readonly reference: FileReference;
  /** Its pieces in order; one for a file that is whole. */
  readonly pieces: readonly PackageFile[];
  readonly received: readonly SessionMember[];
  readonly signal: AbortSignal;
}

/** A file of the package as it is kept: pieces of a chunked one become one blob. @throws PackageError FILE_MISSING */
export async function joinedFile(core: Core, join: Join): Promise<StoredFile> {
  const { reference, pieces, received } = join;
  const parts = pieces.map(({ name }) => {
    const part = received.find((each) => each.name === name);
    if (part === undefined) throw new PackageError('FILE_MISSING', `The package has no file ${name}`, { file: name });
    return part;
  });
  const compression = reference.compression === undefined ? {} : { compression: reference.compression };
  const [first, ...more] = parts;
  if (first !== undefined && more.length === 0) {
    const { blob, size, sha256 } = first;
    return { name: reference.href, blob, size, sha256, ...compression };
  }
  return { name: reference.href, ...(await concatenate(core, { ...join, parts })), ...compression };
}

/** One that is whole already, from before a restart, is only read: an entity may hold it by now. */
async function concatenate(
  core: Core,
  { id, reference, parts, signal }: Join & { readonly parts: readonly SessionMember[] },
): Promise<Omit<StoredFile, 'name'>> {
  const blob = blobKey({ kind: 'import', id }, reference.href);
  const hashing = createHashing();
  const whole = parts.reduce((total, part) => total + part.size, 0);
  if ((await core.blobs.size(blob)) === whole) {
    const { digests } = await hashAll(core.blobs.read(blob), []);
    return sealed(core, { blob, size: whole, sha256: digests().get('SHA256') ?? '' });
  }
  async function* all() {
    for (const part of parts) {
      signal.throwIfAborted();
      yield* core.blobs.read(part.blob);
    }
  }
  await core.blobs.delete(blob);
  const size = await core.blobs.append(blob, 0, hashed(all(), hashing));
  return sealed(core, { blob, size, sha256: hashing.digests().get('SHA256') ?? '' });
}

async function sealed({ blobs }: Core, file: Omit<StoredFile, 'name'>): Promise<Omit<StoredFile, 'name'>> {
  await blobs.seal(file.blob, file.sha256);
  return file;
}
