import {
  type ChunkPool,
  type FileAddress,
  type KnownBytes,
  type SessionBackend,
  SessionError,
  type UploadState,
} from '@ovfkit/domain';
import type { Reporter } from './progress.ts';
import { createPatience, isRetryable } from './retry.ts';
import type { FileSource } from './sources.ts';
import { counted, createVerifier, type Verifier, verified } from './verified.ts';

export interface SendFile {
  readonly backend: Pick<SessionBackend, 'files'>;
  readonly address: FileAddress;
  /** The file as the session shows it now: its URL may have expired by the time it is sent again. */
  readonly refresh: () => Promise<FileAddress>;
  readonly source: FileSource;
  /** Whether nobody can have sent of it before; otherwise what the server has is asked first. */
  readonly isNew: boolean;
  /** Memory for what is on its way, shared by all that are sent at once. */
  readonly pool: ChunkPool;
  readonly reporter: Reporter;
  readonly retries: number;
  readonly signal: AbortSignal;
  /** Told every chunk that was handed over, those sent again included; after a break how much more of it the server has, or less. */
  readonly onBytes: (size: number) => void;
  /** Counts what is sent; one of its own when absent. */
  readonly verifier?: Verifier | undefined;
  /**
   * Whether what the server has may be of other bytes, and no digest would tell: then the server gets the SHA-256 that `verifier` computes
   * before it gets the last bytes.
   */
  readonly isDoubtful?: boolean | undefined;
  /** Whether the file costs little to read, so that it is read an extra time where the server may have its bytes. */
  readonly isLocal?: boolean | undefined;
}

/**
 * Sends one file until the backend has it whole, which it may by its digest before a byte is sent: that of the manifest, or one that is read
 * for it when the backend has bytes of that size. After a break it goes on from what the backend kept, with a new stream; `retries` failures in a row
 * that moved nothing end it, and so does one that lost bytes which have gone by.
 * @throws SessionError INVALID_ARGUMENT when the file does not match its digest, before its last bytes are sent; else what the
 *   backend said last
 */
export async function sendFile(sending: SendFile): Promise<void> {
  const { source, reporter, retries, signal } = sending;
  const { name } = sending.address.file;
  let { address } = sending;
  let { verifier = createVerifier(source.name, source) } = sending;
  const patience = createPatience({ retries, signal, onRetry: (notice) => reporter.retry(name, notice) });
  let state: UploadState = { offset: 0, isComplete: false };
  let known = askedFor(sending);
  let broke: unknown;
  const handed = createTally(sending.onBytes);
  for (let isKnown = sending.isNew && !address.file.bytesTransferred; !state.isComplete; ) {
    try {
      const before = state.offset;
      if (!isKnown) {
        address = await sending.refresh();
        state = plausible(await askState({ ...sending, address }), source);
        isKnown = true;
        handed.arrived(state.offset);
      }
      while (known !== undefined && !state.isComplete && state.offset === 0) {
        const asked = known;
        known = undefined;
        const answer = await askState({ ...sending, address }, asked);
        state = plausible(answer, source);
        if (answer.isDigestWanted !== true || asked.sha256 !== undefined) continue;
        ({ verifier, known } = await identify(sending));
      }
      if (state.offset > before) patience.moved();
      if (!state.isComplete && Math.min(state.offset, verifier.position) < source.from()) break;
      if (!state.isComplete) {
        handed.begin(state.offset);
        state = await sendOn({ ...sending, address, onBytes: handed.add }, { offset: state.offset, verifier });
      }
    } catch (error) {
      isKnown = false;
      const after = await afterFailure(error, { ...sending, address });
      state = after.state ?? state;
      broke = after.failure;
      if (!state.isComplete) await patience.failed(broke);
    }
  }
  if (!state.isComplete) throw broke;
  reporter.file(name, { sent: source.size, size: source.size });
}

/** Counts what an attempt hands over, and corrects it by what has arrived of one that broke: buffers lie between the two. */
function createTally(onBytes: SendFile['onBytes']) {
  let attempt: { readonly start: number; readonly end: number } | undefined;
  return {
    begin(offset: number): void {
      attempt = { start: offset, end: offset };
    },
    add(size: number): void {
      if (attempt !== undefined) attempt = { ...attempt, end: attempt.end + size };
      onBytes(size);
    },
    /** A server that has nothing, or less than before the attempt, has lost what did arrive: that was sent all the same. */
    arrived(offset: number): void {
      if (attempt !== undefined && offset > 0 && offset >= attempt.start) onBytes(offset - attempt.end);
      attempt = undefined;
    },
  };
}

/** More than a server may lose of what was on its way to it, and less than what goes by once is kept. */
const heldBack = 8 * 1024 * 1024;

interface Place {
  readonly offset: number;
  readonly verifier: Verifier;
}

/** Sends the rest of a file; of a doubtful one all but its end at first, as a file that breaks off. @throws SessionError when it came to no end */
async function sendOn(sending: SendFile, { offset, verifier }: Place): Promise<UploadState> {
  const { source, isDoubtful = false } = sending;
  const { size } = source;
  const sha256 = sha256Of(source.expected);
  if (!isDoubtful || offset === 0)
    return whole(sending, await sendFrom(sending, { offset, verifier, end: size, sha256 }));
  if (size - offset > 1.5 * heldBack) return sendFrom(sending, { offset, verifier, end: size - heldBack, sha256 });
  await countUpTo(size, { ...sending, verifier });
  verifier.check();
  return whole(sending, await sendFrom(sending, { offset, verifier, end: size, sha256: verifier.digest('SHA256') }));
}

function whole({ address }: SendFile, state: UploadState): UploadState {
  if (state.isComplete) return state;
  const { name } = address.file;
  throw new SessionError('RESOURCE_INACCESSIBLE', `The server has only ${state.offset} bytes of ${name}.`);
}

// a smaller file is sent as fast as it is asked for
const smallestAskedFor = 64 * 1024;

/** Whether a file is worth a question before it is sent. */
export const isAskedFor = ({ size }: Pick<FileSource, 'size'>): boolean => size >= smallestAskedFor;

/** What the backend is told of a file that it may have from elsewhere; nothing of one that is small, or whose digest nobody can tell. */
function askedFor({ source, isLocal = false }: SendFile): KnownBytes | undefined {
  const { size, expected } = source;
  const sha256 = sha256Of(expected);
  if (!isAskedFor(source) || !(isLocal || sha256 !== undefined)) return undefined;
  return sha256 === undefined ? { size } : { size, sha256 };
}

interface Identified {
  readonly verifier: Verifier;
  readonly known: KnownBytes;
}

/** Reads a file whose SHA-256 the manifest does not tell. @throws SessionError INVALID_ARGUMENT when it does not match what that tells instead */
async function identify({ source, pool, reporter, signal }: SendFile): Promise<Identified> {
  const { name, size, expected } = source;
  reporter.comparing(name, size);
  const verifier = createVerifier(name, { expected, also: ['SHA256'] });
  await countUpTo(size, { source, verifier, pool, signal });
  verifier.check();
  return { verifier, known: { size, sha256: verifier.digest('SHA256') ?? '' } };
}

const sha256Of = (expected: FileSource['expected']): string | undefined =>
  expected.find(({ algorithm }) => algorithm === 'SHA256')?.digest;

/** A proxy may send a request twice, and the answer is that to the second: it is refused, for the file is there. */
async function afterFailure(
  failure: unknown,
  sending: SendFile,
): Promise<{ readonly state?: UploadState; readonly failure: unknown }> {
  if (!(failure instanceof SessionError) || failure.kind !== 'NOT_ALLOWED_IN_CURRENT_STATE') return { failure };
  try {
    return { state: plausible(await askState(sending), sending.source), failure };
  } catch (error) {
    // as long as nobody knows whether the file is there, the refusal says nothing
    return { failure: isRetryable(error) ? error : failure };
  }
}

async function askState({ backend, address, signal }: SendFile, known?: KnownBytes): Promise<UploadState> {
  try {
    return await backend.files.uploadState({ ...address, ...(known === undefined ? {} : { known }) }, { signal });
  } catch (error) {
    if (!(error instanceof SessionError) || error.kind !== 'UNSUPPORTED') throw error;
    // a server that keeps no part of a file gets it anew, unless the session says that it is whole (contract, section 7.10)
    const { size = 0, bytesTransferred } = address.file;
    return size > 0 && bytesTransferred === size ? { offset: size, isComplete: true } : nothing;
  }
}

const nothing: UploadState = { offset: 0, isComplete: false };

/** A server that claims more bytes than there are, or all of them and another number, gets the file anew. */
const plausible = (state: UploadState, { size }: FileSource): UploadState =>
  (state.isComplete ? state.offset === size : state.offset <= size) ? state : nothing;

async function sendFrom(
  { backend, address, source, pool, reporter, signal, onBytes }: SendFile,
  { offset, verifier, end, sha256 }: Place & { readonly end: number; readonly sha256: string | undefined },
): Promise<UploadState> {
  if (verifier.position < offset) await countUpTo(offset, { source, verifier, pool, signal });
  let sent = offset;
  async function* reported(): AsyncGenerator<Uint8Array, void, undefined> {
    const bytes = source.read({ start: offset, end, allocate: pool.allocate });
    for await (const chunk of end === source.size
      ? verified(bytes, { verifier, offset })
      : counted(bytes, { verifier, offset })) {
      yield chunk;
      sent += chunk.length;
      onBytes(chunk.length);
      if (sent < source.size) reporter.file(address.file.name, { sent, size: source.size });
    }
  }
  return backend.files.upload(
    {
      ...address,
      offset,
      size: source.size,
      ...(sha256 === undefined ? {} : { sha256 }),
      bytes: reported(),
      release: pool.release,
    },
    { signal },
  );
}

/** What an earlier process sent was never counted by this one. */
async function countUpTo(
  end: number,
  { source, verifier, pool, signal }: Pick<SendFile, 'source' | 'pool' | 'signal'> & { readonly verifier: Verifier },
): Promise<void> {
  for await (const chunk of source.read({ start: verifier.position, end, allocate: pool.allocate })) {
    signal.throwIfAborted();
    verifier.take(chunk, verifier.position);
    pool.release(chunk);
  }
}
