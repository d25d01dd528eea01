import { type ChunkPool, type OvfFileInfo, SessionError } from '@ovfkit/domain';
import { type RandomAccess, readAll, type TarInputEntry, tarLayout, writeOva } from '@ovfkit/package-format';
import type { ExportRun } from './export-run.ts';
import type { PackageSink } from './package-sink.ts';
import { type ReceivedFile, receiveFile, StaleFileError } from './receive-file.ts';
import type { ExpectedDigest } from './verified.ts';

/** A file of an export that is in the sink. `kept` bytes of it were there before. */
export interface Received {
  readonly name: string;
  readonly size: number;
  readonly kept: number;
}

/** What to receive. */
export interface OneFile {
  readonly file: OvfFileInfo;
  readonly expected: readonly ExpectedDigest[];
  /** What is there of it. */
  readonly left?: RandomAccess | undefined;
}

/** Opens one file of an export; errors as receiveFile. Whoever gives no pool may keep its chunks. */
export function receive(
  run: ExportRun,
  { file, expected, left, pool }: OneFile & { readonly pool?: ChunkPool },
): Promise<ReceivedFile> {
  const { backend, id, signal } = run;
  const addressOf = (current: OvfFileInfo) => ({ kind: 'export', sessionId: id, file: current }) as const;
  const refresh = async () => {
    const { files } = await backend.exportSession.get({ id }, { signal });
    return addressOf(files.find(({ name }) => name === file.name) ?? file);
  };
  return receiveFile({ ...run, address: addressOf(file), refresh, expected, left, pool });
}

/** Each costs a part of the file again; what changes all the time is not got by trying. */
const maxRestarts = 4;

interface Place {
  readonly target: PackageSink;
  /** Of the file in the sink. */
  readonly name: string;
  /** How much of it was right when an attempt found a part that is not. */
  readonly rightUpTo: () => number;
}

/** What is there is gone on with; where that turns out to be wrong, the file is begun anew from there. */
async function goingOn<Result>(
  { reporter }: ExportRun,
  { target, name, rightUpTo }: Place,
  attempt: (left: RandomAccess | undefined) => Promise<Result>,
): Promise<Result> {
  let limit = Number.POSITIVE_INFINITY;
  for (let restarts = 0; ; restarts += 1) {
    const left = await target.left(name);
    try {
      return await attempt(left && { ...left, size: Math.min(left.size, limit) });
    } catch (error) {
      if (!(error instanceof StaleFileError)) throw error;
      if (restarts === maxRestarts) throw error.reason;
      limit = rightUpTo();
      reporter.retry(name, { reason: error.reason, inMs: 0 });
    }
  }
}

interface Destined {
  readonly target: PackageSink;
  readonly name: string;
  /** Bytes that are there already. */
  readonly kept: number;
}

/** Writes what comes behind the bytes that are there. Resolves to the size of all. */
async function writeBehind(bytes: AsyncIterable<Uint8Array>, { target, name, kept }: Destined): Promise<number> {
  const sink = await target.open(name, kept);
  let at = 0;
  for await (const chunk of bytes) {
    const fresh = chunk.subarray(Math.min(chunk.length, Math.max(0, kept - at)));
    if (fresh.length > 0) await sink.write(fresh);
    at += chunk.length;
  }
  await sink.finish();
  return at;
}

/** Receives a file that is one in the sink as well. */
export function intoFile(run: ExportRun, { target, ...one }: OneFile & Pick<Place, 'target'>): Promise<Received> {
  const { name } = one.file;
  return goingOn(run, { target, name, rightUpTo: () => 0 }, async (left) => {
    const { kept, bytes, path, size = 0 } = await receive(run, { ...one, left, pool: run.pool });
    if (path !== undefined && (await target.adopt(name, path))) {
      run.reporter.file(name, { sent: size, size });
      return { name, kept, size };
    }
    return { name, kept, size: await writeBehind(bytes, { target, name, kept }) };
  });
}

/** What a sink for an archive knows its one file as. */
export const archiveName = 'package.ova';

interface Archive {
  readonly target: PackageSink;
  /** In the order of the archive. */
  readonly files: readonly OvfFileInfo[];
  readonly expectedIn: (file: OvfFileInfo) => readonly ExpectedDigest[];
}

/** Receives the files into an archive that is made here, one after the other, without a copy in between. */
export async function intoArchive(
  run: ExportRun,
  { target, files, expectedIn }: Archive,
): Promise<readonly Received[]> {
  const trailer = tarLayout([]).size;
  let position = 0;
  return goingOn(run, { target, name: archiveName, rightUpTo: () => position }, async (left) => {
    const kept = left?.size ?? 0;
    const received: Received[] = [];
    position = 0;
    // what a digest vouches for is not compared with itself
    let vouched = { start: 0, end: 0 };
    async function* entries(): AsyncGenerator<TarInputEntry, void, undefined> {
      for (const file of files) {
        const start = position + bodyOffset(file);
        const there = within(left, { start, file });
        const one = await receive(run, { file, expected: expectedIn(file), left: there, pool: run.pool });
        const size = knownSize(one, file);
        vouched = { start, end: start + one.kept };
        received.push({ name: file.name, size, kept: one.kept });
        yield { name: file.name, size, bytes: one.bytes };
        position += tarLayout([{ name: file.name, size }]).size - trailer;
      }
    }
    const bytes = compared(writeOva(entries()), { left, isVouched: (at) => at >= vouched.start && at < vouched.end });
    await writeBehind(bytes, { target, name: archiveName, kept });
    return received;
  });
}

/** Where the bytes of a file begin behind its header. */
function bodyOffset({ name, size = 0 }: OvfFileInfo): number {
  const [member] = tarLayout([{ name, size }]).members;
  return member?.offset ?? 0;
}

function knownSize({ size }: ReceivedFile, { name }: OvfFileInfo): number {
  if (size !== undefined) return size;
  throw new SessionError(
    'UNSUPPORTED',
    `The server does not say how long ${name} is, so it cannot be put into an archive. Export to a folder.`,
  );
}

/** The part of an archive that is there of one file. */
function within(
  left: RandomAccess | undefined,
  { start, file: { size = 0 } }: { readonly start: number; readonly file: OvfFileInfo },
): RandomAccess | undefined {
  if (left === undefined || left.size <= start) return undefined;
  return {
    size: Math.min(size, left.size - start),
    read: ({ start: from, end, ...part }) => left.read({ ...part, start: start + from, end: start + end }),
  };
}

/** The bytes of an archive, those that are there compared with what they should be: headers, and files without a digest. */
async function* compared(
  bytes: AsyncIterable<Uint8Array>,
  { left, isVouched }: { readonly left: RandomAccess | undefined; readonly isVouched: (at: number) => boolean },
): AsyncGenerator<Uint8Array, void, undefined> {
  let at = 0;
  for await (const chunk of bytes) {
    const known = chunk.subarray(0, Math.max(0, (left?.size ?? 0) - at));
    if (left !== undefined && known.length > 0 && !isVouched(at)) {
      const there = await readAll(left.read({ start: at, end: at + known.length }), known.length);
      if (Buffer.compare(there, known) !== 0) throw new StaleFileError(differs(at));
    }
    yield chunk;
    at += chunk.length;
  }
}

const differs = (offset: number): SessionError =>
  new SessionError('INVALID_ARGUMENT', `What is there of the archive is another one from byte ${offset} on.`);
