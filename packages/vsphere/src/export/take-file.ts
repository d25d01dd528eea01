import { createHash, type Hash } from 'node:crypto';
import { type BlobStore, type ChecksumInfo, type ChunkPool, SessionError, type StoredFile } from '@ovfkit/domain';
import { backOff, isPassing, pause } from '@ovfkit/rest';

/** Where files of exports come to rest. */
export type TakingBlobs = Pick<BlobStore, 'append' | 'delete' | 'read' | 'seal' | 'sealed' | 'size'>;

/** A file somewhere else, that is to become a blob. */
export interface TakenFile {
  readonly name: string;
  /** Key of the blob. What it has is believed to be the beginning of the file, or all of it where it is sealed. */
  readonly blob: string;
  /** What the whole file has to have; what is in the blob already is only believed where it comes out right with it. */
  readonly checksum?: ChecksumInfo | undefined;
  /** Its bytes from `start` on, or from where `offset` says. */
  open(start: number): Promise<{
    readonly size?: number | undefined;
    readonly offset: number;
    readonly bytes: AsyncIterable<Uint8Array>;
  }>;
  /** Memory of what `open` gives; it comes back when it is written. */
  readonly pool?: Pick<ChunkPool, 'release'> | undefined;
  /** Told how much is here. */
  readonly onSize?: ((size: number) => void) | undefined;
  readonly signal: AbortSignal;
}

/** Failures in a row, without a byte moved, that are put up with. */
const patience = 6;

/**
 * Takes a file into a blob, hashed while it passes. What an earlier attempt has left is gone on with, and so is what a break leaves: where it
 * was where the other side can, and from the beginning where it cannot.
 * @throws SessionError as `open` does; RESOURCE_INACCESSIBLE for a file that has not its checksum; the signal's reason
 */
export async function takeFile(blobs: TakingBlobs, file: TakenFile): Promise<StoredFile> {
  const { name, blob, onSize = () => {} } = file;
  const left = await leftOf(blobs, file);
  onSize(left.size);
  const isHere = left.size > 0 && (await blobs.sealed(digestOf(left))).includes(blob);
  let taken = isHere ? left : await takeRest(blobs, { file, left });
  if (!hasChecksum(taken, file) && left.size > 0)
    taken = await takeRest(blobs, { file, left: await begin(blobs, file) });
  if (!hasChecksum(taken, file))
    throw new SessionError('RESOURCE_INACCESSIBLE', `${name} came with another checksum than the server tells of it.`);
  const sha256 = digestOf(taken);
  await blobs.seal(blob, sha256);
  return { name, blob, size: taken.size, sha256 };
}

/** What has come of a file. */
interface Taken {
  readonly hash: Hash;
  /** By the algorithm of the checksum, where that is another. */
  readonly second: Hash | undefined;
  size: number;
}

const digestOf = ({ hash }: Pick<Taken, 'hash'>): string => hash.copy().digest('hex');

const algorithmOf = ({ algorithm = 'SHA1' }: ChecksumInfo): string => algorithm.toLowerCase();

function hasChecksum({ hash, second = hash }: Taken, { checksum }: TakenFile): boolean {
  return checksum === undefined || digestOf({ hash: second }) === checksum.checksum.toLowerCase();
}

function nothingOf({ checksum }: TakenFile): Taken {
  const algorithm = checksum === undefined ? 'sha256' : algorithmOf(checksum);
  const second = algorithm === 'sha256' ? undefined : createHash(algorithm);
  return { hash: createHash('sha256'), second, size: 0 };
}

async function begin(blobs: Pick<BlobStore, 'delete'>, file: TakenFile): Promise<Taken> {
  await blobs.delete(file.blob);
  return nothingOf(file);
}

async function leftOf(blobs: TakingBlobs, file: TakenFile): Promise<Taken> {
  if ((await blobs.size(file.blob)) === 0) return begin(blobs, file); // an empty one may be sealed
  const taken = nothingOf(file);
  for await (const chunk of blobs.read(file.blob)) take(taken, chunk);
  return taken;
}

function take(taken: Taken, chunk: Uint8Array): void {
  taken.hash.update(chunk);
  taken.second?.update(chunk);
  taken.size += chunk.length;
}

/** Takes what is missing; the blob stays open. */
async function takeRest(
  blobs: TakingBlobs,
  { file, left }: { readonly file: TakenFile; readonly left: Taken },
): Promise<Taken> {
  const { name, blob, open, pool, onSize = () => {}, signal } = file;
  let taken = left;
  for (let failures = 0; ; ) {
    const before = taken.size;
    try {
      const { size, offset, bytes } = await open(taken.size);
      if (offset !== taken.size) taken = await begin(blobs, file);
      await blobs.append(blob, taken.size, hashed(bytes, { taken, pool, onSize }));
      if (size !== undefined && taken.size < size) throw cutShort(name);
      return taken;
    } catch (error) {
      if (!isPassing(error) || failures === patience) throw error;
      failures = taken.size > before ? 0 : failures + 1;
      // only what is both hashed and kept can be gone on from
      if ((await blobs.size(blob)) !== taken.size) taken = await begin(blobs, file);
      await pause(backOff(failures), signal);
    }
  }
}

const cutShort = (name: string): SessionError =>
  new SessionError('RESOURCE_INACCESSIBLE', `The server ended ${name} before it was whole.`);

interface Taking {
  readonly taken: Taken;
  readonly onSize: (size: number) => void;
}

async function* hashed(
  bytes: AsyncIterable<Uint8Array>,
  { taken, pool, onSize }: Pick<TakenFile, 'pool'> & Taking,
): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const chunk of bytes) {
    take(taken, chunk);
    onSize(taken.size);
    yield chunk;
    pool?.release(chunk);
  }
}
