import {
  type CompletedFile,
  type DescriptorRead,
  type Keeping,
  message,
  type OvfError,
  type OvfWarning,
  type SessionFile,
  type StartedFile,
} from '@ovfkit/domain';
import { PackageError } from '@ovfkit/package-format';
import { blobKey, type SessionAddress } from './blob-key.ts';
import type { Core, Principal } from './core.ts';
import { readBundle } from './descriptor.ts';
import type { Decide } from './flow.ts';
import { checkManifest, type DigestedFile, type DigestMemo, manifestEntries, unlistedWarnings } from './manifest.ts';
import { fileIssue, validation } from './problem.ts';
import { type ReceivingKind, type ReceivingSession, receivedFiles } from './received.ts';
import { deleteReplaced, withSharedBlob } from './shared-blobs.ts';
import { checkSignature } from './signature.ts';

/** What happens to an import and to a probe alike while files arrive. */
export type ReceivingEvent =
  | ({ readonly type: 'startFile' } & StartedFile)
  | ({ readonly type: 'completeFile' } & CompletedFile)
  | ({ readonly type: 'readDescriptor' } & DescriptorRead)
  | { readonly type: 'fail'; readonly errors: readonly OvfError[] };

/** The sessions of one kind that take files. */
export interface Receiver {
  readonly core: Core;
  readonly kind: ReceivingKind;
  readonly flow: {
    get(id: string): Promise<ReceivingSession>;
    use(id: string, principal: Principal): Promise<ReceivingSession>;
    step(id: string, decide: Decide<ReceivingSession, ReceivingEvent>, keeping?: Keeping): Promise<ReceivingSession>;
    fail(id: string, error: unknown): Promise<void>;
  };
}

/** An entry of a session that is here whole and sealed, and the files of the package that came with it. */
export interface Arrival {
  readonly id: string;
  /** Of the entry; a part of an archive counts its members. */
  readonly completed: Pick<CompletedFile, 'name' | 'size' | 'sha256'>;
  /** What came: the file itself, or the members taken from an archive. */
  readonly added: readonly DigestedFile[];
  readonly isArchive: boolean;
}

/**
 * Completes an entry, after its digests were checked against the manifest, on whichever side of the two it is. A
 * difference, or a manifest or a bundle that cannot be read, ends the session; the result then says so by its state.
 */
export const completeEntry = (receiver: Receiver, arrival: Arrival): Promise<ReceivingSession> =>
  receiver.core.arrivals.take(
    arrival.added.map(({ sha256 }) => sha256),
    () => completeInTurn(receiver, arrival),
  );

async function completeInTurn(receiver: Receiver, arrival: Arrival): Promise<ReceivingSession> {
  const { core } = receiver;
  const { id, completed, isArchive } = arrival;
  const memo: DigestMemo = new Map();
  const address: SessionAddress = { kind: receiver.kind, id };
  const added = await Promise.all(arrival.added.map((file) => withSharedBlob(core, { session: address, file })));
  const isShared = added.some(({ name, blob }) => blob !== blobKey(address, name));
  try {
    const after = await receiver.flow.step(id, async (session) => {
      const entry = session.files.find(({ name }) => name === completed.name);
      if (entry === undefined || entry.status === 'complete') return undefined;
      const before = receivedFiles(session, receiver.kind);
      const signature = await checkSignature(core, { before, added });
      const errors = [...signature.errors, ...(await checkManifest(core, { before, added, memo }))];
      if (errors.length > 0) return { type: 'fail', errors };
      for (const file of added) if (file.fileType === 'MSG_BUNDLE') await readBundle(core, file);
      const unlisted = await warningsOf(core, { session, added });
      const warnings = [...sizeWarnings(entry, completed), ...signature.warnings, ...unlisted];
      const members = added.map(({ digests: _, ...member }) => member);
      return { type: 'completeFile', ...completed, ...(isArchive || isShared ? { members } : {}), warnings };
    });
    if (isShared) await deleteReplaced(core, { session: address, added, files: receivedFiles(after, receiver.kind) });
    return after;
  } catch (error) {
    if (!(error instanceof PackageError)) throw error;
    await receiver.flow.fail(id, error);
    return receiver.flow.get(id);
  }
}

/** Writers get ovf:size wrong so often that a digest, not a size, has to decide. */
function sizeWarnings(
  { name, fileType, size }: SessionFile,
  arrived: { readonly size: number },
): readonly OvfWarning[] {
  if (fileType === 'OVA' || size === 0 || size === arrived.size) return [];
  const text = message(
    'com.ovfkit.file.size',
    '{0} has {1} bytes, but the descriptor says {2}.',
    name,
    String(arrived.size),
    String(size),
  );
  return [validation([fileIssue(name, text)])];
}

async function warningsOf(
  core: Core,
  { session, added }: { readonly session: ReceivingSession; readonly added: readonly DigestedFile[] },
) {
  const entries = await manifestEntries(core, added);
  if (entries === undefined) return [];
  const names = session.files
    .filter(
      ({ fileType }) => fileType !== 'OVF' && fileType !== 'OVA' && fileType !== 'MANIFEST' && fileType !== 'CERT',
    )
    .map(({ name }) => name);
  return unlistedWarnings(entries, names);
}
