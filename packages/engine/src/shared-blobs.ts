import type { KnownBytes, SessionMember, UploadState } from '@ovfkit/domain';
import { blobKey, type SessionAddress, sessionKey, sessionOfBlob } from './blob-key.ts';
import type { Core, Principal } from './core.ts';
import { isOver, type ReceivingSession, receivedFiles } from './received.ts';

/** Bytes that a session has, or wants. */
export interface WantedBytes {
  readonly session: SessionAddress;
  /** Of the file in the session. */
  readonly name: string;
  /** Absent when only the digest is known. */
  readonly size?: number;
  readonly sha256: string;
  /** Only bytes that it may read count; all do when absent, for whoever has the bytes learns nothing. */
  readonly reader?: Principal;
}

/**
 * The blob of another file with these bytes, which the session has borrowed from now on; nothing when there is none. What is
 * only on its way somewhere does not count: it may be written anew.
 */
export async function borrowSame(core: Core, wanted: WantedBytes): Promise<string | undefined> {
  const { session, name, size, sha256 } = wanted;
  if (!core.isDedup || size === 0) return undefined;
  return core.references.take(async () => {
    const keys = (await core.blobs.sealed(sha256)).filter((key) => key !== blobKey(session, name));
    for await (const key of givenAmong(core, keys, wanted)) {
      if (size !== undefined && (await core.blobs.size(key)) !== size) continue;
      core.borrowed.take(session, [key]);
      return key;
    }
    return undefined;
  });
}

/** Bytes whose digest their sender told. */
export type IdentifiedBytes = Required<KnownBytes>;

interface Asking {
  readonly session: SessionAddress;
  /** Of the file. */
  readonly name: string;
  /** What its sender says that it will be; nothing where that does not count. */
  readonly known: KnownBytes | undefined;
  readonly reader: Principal;
  /** Completes it with bytes that are here already and that the reader may have; whether there were any. */
  complete(known: IdentifiedBytes): Promise<boolean>;
}

/** How far the upload of a file is that is not complete; it is afterwards, when the bytes that its sender knows are here. */
export async function answerSender(
  core: Core,
  { session, name, known, reader, complete }: Asking,
): Promise<UploadState> {
  const kept = async () => ({ offset: await core.blobs.size(blobKey(session, name)), isComplete: false });
  if (known === undefined) return kept();
  const { size, sha256 } = known;
  return core.jobs.during(sessionKey(session), async () => {
    if (sha256 === undefined) return { ...(await kept()), isDigestWanted: await isOneHere(core, { size, reader }) };
    return (await complete({ size, sha256 })) ? { offset: size, isComplete: true } : kept();
  });
}

/** Whether bytes of that size are here that the reader may have. */
async function isOneHere(
  core: Core,
  { size, reader }: { readonly size: number; readonly reader: Principal },
): Promise<boolean> {
  if (!core.isDedup || size === 0) return false;
  for await (const key of core.blobs.sealedOfSize(size))
    for await (const _ of givenAmong(core, [key], { reader })) return true;
  return false;
}

/** Those of the blobs that whoever asks may have. */
async function* givenAmong(
  core: Core,
  keys: readonly string[],
  wanted: Pick<WantedBytes, 'reader'>,
): AsyncGenerator<string, void, undefined> {
  if (keys.length === 0) return;
  const [entities, items] = await Promise.all([core.inventory.held(keys), core.library.held(keys)]);
  // every user may export every machine and fetch every item
  for (const key of keys) if (entities.has(key) || items.has(key) || (await isReceived(core, key, wanted))) yield key;
}

/** Whether an unfinished import or probe has the blob as one of its files, for the reader to see. */
async function isReceived(core: Core, key: string, { reader }: Pick<WantedBytes, 'reader'>): Promise<boolean> {
  const address = sessionOfBlob(key);
  if (address === undefined) return false;
  const { kind, id } = address;
  if (kind !== 'import' && kind !== 'probe') return false;
  const table = kind === 'import' ? core.sessions.imports : core.sessions.probes;
  const session: ReceivingSession | undefined = (await table.get(id))?.session;
  if (session === undefined || isOver(session)) return false;
  if (reader !== undefined && !reader.isAdmin && reader.user !== session.owner) return false;
  return receivedFiles(session, kind).some(({ blob }) => blob === key);
}

/** The same file, in the blob of another with the same bytes where there is one. Its own blob stays until nothing names it. */
export async function withSharedBlob<File extends Omit<SessionMember, 'fileType'>>(
  core: Core,
  { session, file }: { readonly session: SessionAddress; readonly file: File },
): Promise<File> {
  const { name, size, sha256 } = file;
  const blob = await borrowSame(core, { session, name, size, sha256 });
  return blob === undefined ? file : { ...file, blob };
}

type Named = Pick<SessionMember, 'name' | 'blob'>;

/** Deletes what came for files that are in the blob of another by now. Nobody else names it: no session had it before. */
export async function deleteReplaced(
  core: Core,
  {
    session,
    added,
    files,
  }: {
    readonly session: SessionAddress;
    readonly added: readonly Named[];
    /** What the session has now. */
    readonly files: readonly Pick<Named, 'blob'>[];
  },
): Promise<void> {
  const needed = new Set(files.map(({ blob }) => blob));
  for (const { name, blob } of added) {
    const own = blobKey(session, name);
    if (blob !== own && needed.has(blob) && !needed.has(own)) await core.blobs.delete(own);
  }
}
