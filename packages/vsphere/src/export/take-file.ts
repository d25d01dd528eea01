import { createHash } from 'node:crypto';
import { type BlobStore, SessionError, type StoredFile } from '@ovfkit/domain';
import { backOff, isPassing, pause } from '@ovfkit/rest';

/** A file somewhere else, that is to become a blob. */
export interface TakenFile {
  readonly name: string;
  /** Key of the blob. */
  readonly blob: string;
  /** Its bytes from `start` on, or from where `offset` says. */
  open(start: number): Promise<{
    readonly size?: number | undefined;
    readonly offset: number;
    readonly bytes: AsyncIterable<Uint8Array>;
  }>;
  /** Told how much is here. */
  readonly onSize?: ((size: number) => void) | undefined;
  readonly signal: AbortSignal;
}

/** Failures in a row, without a byte moved, that are put up with. */
const patience = 6;

/**
 * Takes a file into a blob, hashed while it passes. After a break it goes on where it was where the other side can, and begins anew where it
 * cannot.
 */
export async function takeFile(
  blobs: Pick<BlobStore, 'append' | 'delete' | 'seal' | 'size'>,
  { name, blob, open, onSize = () => {}, signal }: TakenFile,
): Promise<StoredFile> {
  let taken = await begin(blobs, blob);
  for (let failures = 0; ; ) {
    const before = taken.size;
    try {
      const { size, offset, bytes } = await open(taken.size);
      if (offset !== taken.size) taken = await begin(blobs, blob);
      await blobs.append(blob, taken.size, hashed(bytes, { taken, onSize }));
      if (size !== undefined && taken.size < size) throw cutShort(name);
      const sha256 = taken.hash.digest('hex');
      await blobs.seal(blob, sha256);
      return { name, blob, size: taken.size, sha256 };
    } catch (error) {
      if (!isPassing(error) || failures === patience) throw error;
      failures = taken.size > before ? 0 : failures + 1;
      // only what is both hashed and kept can be gone on from
      if ((await blobs.size(blob)) !== taken.size) taken = await begin(blobs, blob);
      await pause(backOff(failures), signal);
    }
  }
}

/** What has come of a file. */
interface Taken {
  readonly hash: ReturnType<typeof createHash>;
  size: number;
}

async function begin(blobs: Pick<BlobStore, 'delete'>, blob: string): Promise<Taken> {
  await blobs.delete(blob);
  return { hash: createHash('sha256'), size: 0 };
}

const cutShort = (name: string): SessionError =>
  new SessionError('RESOURCE_INACCESSIBLE', `The server ended ${name} before it was whole.`);

async function* hashed(
  bytes: AsyncIterable<Uint8Array>,
  { taken, onSize }: { readonly taken: Taken; readonly onSize: (size: number) => void },
): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const chunk of bytes) {
    taken.hash.update(chunk);
    taken.size += chunk.length;
    onSize(taken.size);
    yield chunk;
  }
}
