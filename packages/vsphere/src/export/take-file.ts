import {
  type BlobStore,
  ChecksumAlgorithm,
  type ChecksumInfo,
  type ChunkPool,
  SessionError,
  type StoredFile,
} from '@ovfkit/domain';
import {
  createHashing,
  type HashAlgorithm,
  type Hashing,
  type HashThread,
  worthAThread,
} from '@ovfkit/package-format/node';
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
  /** Hashes large files beside all else; without it they are hashed here. */
  readonly hashThread?: HashThread | undefined;
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
  let sums = await sumsOf(blobs, { file, taken: left });
  const isHere = left.size > 0 && (await blobs.sealed(sums.sha256)).includes(blob);
  let taken = left;
  if (!isHere) {
    taken = await takeRest(blobs, { file, left });
    sums = await sumsOf(blobs, { file, taken });
  }
  if (!sums.isRight && left.size > 0) {
    taken = await takeRest(blobs, { file, left: await begin(blobs, file) });
    sums = await sumsOf(blobs, { file, taken });
  }
  if (!sums.isRight)
    throw new SessionError('RESOURCE_INACCESSIBLE', `${name} came with another checksum than the server tells of it.`);
  await blobs.seal(blob, sums.sha256);
  return { name, blob, size: taken.size, sha256: sums.sha256 };
}

/** What has come of a file. */
interface Taken {
  hashing: Hashing;
  size: number;
}

interface Sums {
  readonly sha256: string;
  /** Whether the checksum comes out, where there is one. */
  readonly isRight: boolean;
}

const algorithmOf = ({ checksum }: TakenFile): HashAlgorithm =>
  checksum === undefined ? 'SHA256' : ChecksumAlgorithm.parse(checksum.algorithm ?? 'SHA1');

async function sumsOf(
  blobs: Pick<BlobStore, 'read'>,
  { file, taken }: { readonly file: TakenFile; readonly taken: Taken },
): Promise<Sums> {
  // a thread that dies takes its digests along
  const digests = await taken.hashing.digests().catch(async () => (await kept(blobs, file)).hashing.digests());
  const { checksum } = file;
  const isRight = checksum === undefined || digests.get(algorithmOf(file)) === checksum.checksum.toLowerCase();
  return { sha256: digests.get('SHA256') ?? '', isRight };
}

const nothingOf = (file: TakenFile): Taken => ({ hashing: createHashing([algorithmOf(file)]), size: 0 });

async function begin(blobs: Pick<BlobStore, 'delete'>, file: TakenFile): Promise<Taken> {
  await blobs.delete(file.blob);
  return nothingOf(file);
}

async function leftOf(blobs: TakingBlobs, file: TakenFile): Promise<Taken> {
  if ((await blobs.size(file.blob)) === 0) return begin(blobs, file); // an empty one may be sealed
  return kept(blobs, file);
}

/** What the blob has, read and hashed. */
async function kept(blobs: Pick<BlobStore, 'read'>, file: TakenFile): Promise<Taken> {
  const taken = nothingOf(file);
  for await (const chunk of blobs.read(file.blob)) await take(taken, chunk);
  return taken;
}

function take(taken: Taken, chunk: Uint8Array): Promise<void> {
  taken.size += chunk.length;
  return taken.hashing.update(chunk);
}

/** For a file that begins now; one that does not say how large it is may be large. */
function hashingFor(file: TakenFile, size = worthAThread): Hashing {
  const { hashThread } = file;
  const algorithms = [algorithmOf(file)];
  return hashThread === undefined || size < worthAThread
    ? createHashing(algorithms)
    : hashThread.createHashing(algorithms);
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
      if (taken.size === 0) taken.hashing = hashingFor(file, size);
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

/** A chunk is hashed while it is written; hashing may be behind by one more, and by no more. */
async function* hashed(
  bytes: AsyncIterable<Uint8Array>,
  { taken, pool, onSize }: Pick<TakenFile, 'pool'> & Taking,
): AsyncGenerator<Uint8Array, void, undefined> {
  let before = Promise.resolve();
  for await (const chunk of bytes) {
    const isHashed = take(taken, chunk);
    onSize(taken.size);
    yield chunk;
    await before;
    before = isHashed.then(() => pool?.release(chunk));
  }
  await before;
}
