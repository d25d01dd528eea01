import type { SessionMember, StoredFile } from '@ovfkit/domain';
import { type FileReference, PackageError } from '@ovfkit/package-format';
import { createHashing } from '@ovfkit/package-format/node';
import { blobKey } from './blob-key.ts';
import type { Core } from './core.ts';
import { dropBlobsOf } from './drop-blobs.ts';
import { hashAll, hashed } from './hashing.ts';
import type { PackageFile } from './package-files.ts';
import { borrowSame } from './shared-blobs.ts';

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

type Joined = Omit<StoredFile, 'name'>;

/** One that is whole already, from before a restart, is only read: an entity may hold it by now. */
async function concatenate(
  core: Core,
  { id, reference, parts, signal }: Join & { readonly parts: readonly SessionMember[] },
): Promise<Joined> {
  const blob = blobKey({ kind: 'import', id }, reference.href);
  const hashing = createHashing();
  const whole = parts.reduce((total, part) => total + part.size, 0);
  if ((await core.blobs.size(blob)) === whole) {
    const digests = await (await hashAll(core.blobs.read(blob), [])).digests();
    const file = { blob, size: whole, sha256: digests.get('SHA256') ?? '' };
    return sealed(core, { id, reference, file });
  }
  async function* all() {
    for (const part of parts) {
      signal.throwIfAborted();
      yield* core.blobs.read(part.blob);
    }
  }
  await core.blobs.delete(blob);
  const size = await core.blobs.append(blob, 0, hashed(all(), hashing));
  return sealed(core, { id, reference, file: { blob, size, sha256: (await hashing.digests()).get('SHA256') ?? '' } });
}

/** Of the same bytes that are here already those are taken; what an entity holds by now stays all the same. */
async function sealed(
  core: Core,
  { id, reference, file }: Pick<Join, 'id' | 'reference'> & { readonly file: Joined },
): Promise<Joined> {
  const { size, sha256 } = file;
  await core.blobs.seal(file.blob, sha256);
  const blob = await borrowSame(core, { session: { kind: 'import', id }, name: reference.href, size, sha256 });
  if (blob === undefined) return file;
  await dropBlobsOf(core, { kind: 'import', id }, [file.blob]);
  return { ...file, blob };
}
