import type { BlobStore, StoredFile } from '@ovfkit/domain';
import { atOnce } from '../import/at-once.ts';
import { sourceOf, type UrlOrigin } from '../origin.ts';
import { type Fetching, fetchFile } from './fetch-file.ts';
import { type Push, pushFile } from './push-file.ts';

/** A package on its way into an update session. */
export interface Putting extends Omit<Fetching, 'otherwise'> {
  readonly blobs: Pick<BlobStore, 'read'>;
  /** Of the item. */
  readonly name: string;
  readonly descriptor: string;
  /** Every file that the descriptor refers to. */
  readonly files: readonly StoredFile[];
  /** Where the library may get the package itself. */
  readonly origin?: UrlOrigin | undefined;
}

/**
 * What the item has in the end: the descriptor that was given with its files, or the package as its server has it.
 * @throws SessionError as the server refuses; the signal's reason
 */
export async function putPackage(putting: Putting): Promise<'files' | 'archive'> {
  const { origin, name } = putting;
  if (origin !== undefined && 'archive' in origin.at) {
    const { thumbprint, at, otherwise } = origin;
    const archive = { name: `${name}.ova`, source: { url: at.archive, thumbprint } };
    if (await fetchFile({ ...putting, otherwise }, archive)) return 'archive';
    await putFiles({ ...putting, origin: undefined });
  } else await putFiles(putting);
  return 'files';
}

const filesAtOnce = 4;

/** The descriptor first: the library then knows what it waits for. */
async function putFiles(putting: Putting): Promise<void> {
  const { name, descriptor, files, signal } = putting;
  const bytes = new TextEncoder().encode(descriptor);
  await pushFile(putting, {
    name: `${name}.ovf`,
    size: bytes.length,
    read: async function* () {
      yield bytes;
    },
  });
  await atOnce(files, {
    limit: filesAtOnce,
    signal,
    work: (file, stop) => putFile({ ...putting, signal: stop }, file),
  });
}

async function putFile(putting: Putting, file: StoredFile): Promise<void> {
  const { blobs, origin } = putting;
  const { name, blob, size, sha256 } = file;
  const source = origin && sourceOf(origin, name);
  const known = { name, size, sha256 };
  if (origin !== undefined && source !== undefined) {
    if (await fetchFile({ ...putting, otherwise: origin.otherwise }, { ...known, source })) return;
  }
  const push: Push = putting;
  await pushFile(push, { ...known, read: (range) => blobs.read(blob, range) });
}
