import { SessionError, type Upload } from '@ovfkit/domain';
import {
  createHashing,
  type HashAlgorithm,
  type HashDigests,
  type Hashing,
  worthAThread,
} from '@ovfkit/package-format/node';
import { abortable, atMost, observed } from '../byte-stream.ts';
import type { Core } from '../core.ts';
import { hashAll } from '../hashing.ts';

/** The bytes of one file on their way into its blob. */
export interface Receiving {
  /** Of the blob. */
  readonly key: string;
  /** As its client knows it. */
  readonly name: string;
  readonly upload: Upload;
  readonly signal: AbortSignal;
  /** What is computed beside SHA-256 while the bytes pass. */
  readonly algorithms: readonly HashAlgorithm[];
  /** Told for every chunk. */
  readonly onBytes: () => Promise<void>;
}

export interface Received {
  /** Of the blob. */
  readonly size: number;
  /** Absent as long as the last byte is not here; then the blob is sealed. */
  readonly digests?: HashDigests;
}

/** Takes the bytes of a file, or the rest of them, into its blob, of which the caller is the only writer. Errors as `FileService.upload`. */
export async function receiveBytes(core: Core, receiving: Receiving): Promise<Received> {
  const { name, upload } = receiving;
  if (upload.size !== undefined && upload.offset > upload.size)
    throw new SessionError(
      'INVALID_ARGUMENT',
      `${name} cannot go on at ${upload.offset}: it has ${upload.size} bytes.`,
    );
  const hashing = await beginAt(core, receiving);
  // all of it is here since a crash came before the session knew
  const isWhole = upload.offset > 0 && upload.offset === upload.size;
  const size = isWhole ? upload.offset : await append(core, receiving, hashing);
  if (upload.size !== undefined && size < upload.size) return { size };
  return { size, digests: await finish(core, receiving, size) };
}

/** Makes the blob stand at `upload.offset` and gives the digest of what is there. */
async function beginAt(core: Core, { key, name, upload, algorithms }: Receiving): Promise<Hashing> {
  const present = await core.blobs.size(key);
  const known = core.hashes.take(key);
  if (upload.offset === 0) {
    // a blob that a crash left sealed but unrecorded has to go too
    await core.blobs.delete(key);
    return (upload.size ?? 0) < worthAThread ? createHashing(algorithms) : core.hashThread.createHashing(algorithms);
  }
  if (upload.offset !== present) {
    if (known !== undefined) core.hashes.keep(key, known);
    throw new SessionError(
      'CONCURRENT_CHANGE',
      `${name} has ${present} bytes, so it cannot go on at ${upload.offset}.`,
    );
  }
  if (known?.size() === present && algorithms.every((each) => known.algorithms.has(each))) return known;
  return hashAll(core.blobs.read(key), algorithms);
}

/** Resolves to the size of the blob; keeps the digest for whoever goes on, however it ends. */
async function append(core: Core, receiving: Receiving, hashing: Hashing): Promise<number> {
  const { key, name, upload, signal, onBytes } = receiving;
  const limit = { size: (upload.size ?? Number.MAX_SAFE_INTEGER) - upload.offset, name };
  const bytes = hashedBeside(observed(atMost(abortable(upload.bytes, signal), limit), onBytes), { upload, hashing });
  try {
    return await core.blobs.append(key, upload.offset, bytes);
  } finally {
    core.hashes.keep(key, hashing);
  }
}

/**
 * Chunks are hashed while they and the next one are stored. Each is released when both are done: the store does not read it any more
 * once it asks for the next one.
 */
async function* hashedBeside(
  bytes: AsyncIterable<Uint8Array>,
  { upload: { release }, hashing }: Pick<Receiving, 'upload'> & { readonly hashing: Hashing },
): AsyncGenerator<Uint8Array> {
  let before = Promise.resolve();
  for await (const chunk of bytes) {
    const isCounted = hashing.update(chunk);
    yield chunk;
    await before;
    before = isCounted.then(() => release?.(chunk));
  }
  await before;
}

async function finish(core: Core, { key, name, upload, algorithms }: Receiving, size: number): Promise<HashDigests> {
  const kept = core.hashes.take(key);
  // a thread that dies takes its digests along
  const counted = kept?.size() === size ? await kept.digests().catch(() => undefined) : undefined;
  const digests = counted ?? (await (await hashAll(core.blobs.read(key), algorithms)).digests());
  const sha256 = digests.get('SHA256') ?? '';
  if (upload.sha256 !== undefined && upload.sha256 !== sha256) {
    await core.blobs.delete(key);
    throw new SessionError('INVALID_ARGUMENT', `${name} has the SHA-256 digest ${sha256}, not ${upload.sha256}.`, {
      data: { file: name, algorithm: 'SHA256', expected: upload.sha256, actual: sha256 },
    });
  }
  await core.blobs.seal(key, sha256);
  return digests;
}
