import { SessionError, type SessionFile } from '@ovfkit/domain';
import { PackageError, type TarMember } from '@ovfkit/package-format';
import type { SessionAddress } from '../blob-key.ts';
import { byAnyName } from '../href-names.ts';
import { checkManifest, type DigestedFile, entriesOf, manifestEntries } from '../manifest.ts';
import { isText } from '../package-files.ts';
import { archiveOf } from '../pull/pull-address.ts';
import { type Getting, getFile, getFromStream, memberOf } from '../pull/pulled-package.ts';
import { indexRemoteArchive } from '../pull/remote-archive.ts';
import { type ReceivingSession, receivedFiles } from '../received.ts';
import { completeEntry, type Receiver } from '../receiver.ts';
import { borrowSame } from '../shared-blobs.ts';
import { checkSignature } from '../signature.ts';
import { takenOnce } from '../take-members.ts';
import { sidecarType } from '../upload/upload-archive.ts';

/** Files that are fetched at once. */
const lanes = 3;

/** Fetches every file of a pull source that is missing, from where a break or a restart left it. */
export async function pullFiles(
  receiver: Receiver,
  { id, signal }: { readonly id: string; readonly signal: AbortSignal },
): Promise<void> {
  const session = await receiver.flow.get(id);
  if (session.state !== 'IMPORT_FILE_TRANSFER') return;
  const missing = session.files.filter(({ status, optionalUpload }) => status !== 'complete' && !optionalUpload);
  const archive = missing.map(({ url = '' }) => archiveOf(url)).find((url) => url !== undefined);
  const getting = await createGetting(receiver, {
    session,
    signal,
    url: archive ?? session.createSpec.pullSource ?? '',
  });
  const members = archive === undefined ? undefined : await indexRemoteArchive(receiver.core, getting.origin);
  if (archive !== undefined && members === undefined) return pullFromStream(receiver, { session, getting, missing });
  await inLanes(missing, async (file) => {
    signal.throwIfAborted();
    await pullOne(receiver, { session, getting, file, members });
  });
}

async function createGetting(
  receiver: Receiver,
  { session, signal, url }: { readonly session: ReceivingSession; readonly signal: AbortSignal; readonly url: string },
): Promise<Getting> {
  const { core, kind, flow } = receiver;
  const address: SessionAddress = { kind, id: session.id };
  return {
    core,
    session: address,
    origin: { url, thumbprint: session.createSpec.sslCertificateThumbprint, signal },
    entries: await manifestEntries(core, receivedFiles(session, kind)),
    onStart: async (name, etag) => {
      await flow.step(session.id, () => ({ type: 'startFile', name, ...(etag === undefined ? {} : { etag }) }));
    },
  };
}

async function pullOne(
  receiver: Receiver,
  {
    session,
    getting,
    file,
    members,
  }: {
    readonly session: ReceivingSession;
    readonly getting: Getting;
    readonly file: SessionFile;
    readonly members: readonly TarMember[] | undefined;
  },
): Promise<void> {
  const { name, fileType, url = '', etag } = file;
  const known = await knownFile(getting, { session, file });
  if (known !== undefined) return complete(receiver, { id: session.id, added: known });
  const member = members === undefined ? undefined : memberOf(members, name);
  const wanted = { name, fileType, url: archiveOf(url) ?? url, etag };
  await complete(receiver, { id: session.id, added: await getFile(getting, { wanted, member }) });
}

/** The file when its bytes are here already, by what the manifest says of it: then nothing is fetched. */
async function knownFile(
  { core, session: address, entries = [] }: Getting,
  { session, file: { name, fileType } }: { readonly session: ReceivingSession; readonly file: SessionFile },
): Promise<DigestedFile | undefined> {
  const sha256 = entriesOf(entries, { name, fileType }).find(({ algorithm }) => algorithm === 'SHA256')?.digest;
  if (sha256 === undefined || isText(fileType)) return undefined;
  const reader = { user: session.owner, isAdmin: false };
  const blob = await borrowSame(core, { session: address, name, sha256, reader });
  if (blob === undefined) return undefined;
  const digests = new Map([['SHA256' as const, sha256]]);
  return { name, fileType, blob, size: await core.blobs.size(blob), sha256, digests };
}

async function complete(
  receiver: Receiver,
  { id, added }: { readonly id: string; readonly added: DigestedFile },
): Promise<void> {
  const { name, size, sha256 } = added;
  await completeEntry(receiver, { id, completed: { name, size, sha256 }, added: [added], isArchive: false });
}

/** One pass over an archive on a server without ranges; a manifest at its very end counts too. */
async function pullFromStream(
  receiver: Receiver,
  {
    session,
    getting,
    missing,
  }: {
    readonly session: ReceivingSession;
    readonly getting: Getting;
    readonly missing: readonly SessionFile[];
  },
): Promise<void> {
  const { core, kind, flow } = receiver;
  const wantedBy = byAnyName(missing);
  const taken = await getFromStream(getting, ({ name }, before) => {
    const wanted = wantedBy(name);
    if (wanted !== undefined) return takenOnce(wanted, before);
    const sidecar = getting.entries === undefined ? sidecarType(name) : undefined;
    return sidecar === undefined ? 'skip' : { take: sidecar };
  });
  const absent = missing.find(({ name }) => taken.every((each) => each.name !== name));
  if (absent !== undefined)
    throw new PackageError('FILE_MISSING', `The archive has no file ${absent.name}`, { file: absent.name });
  const arrival = { before: receivedFiles(session, kind), added: taken };
  const errors = [...(await checkSignature(core, arrival)).errors, ...(await checkManifest(core, arrival))];
  if (errors.length > 0) await flow.step(session.id, () => ({ type: 'fail', errors }));
  else
    for (const added of taken)
      if (missing.some(({ name }) => name === added.name)) await complete(receiver, { id: session.id, added });
}

/** Works on a few at once; the first failure stops the others from beginning. */
async function inLanes<Item>(items: readonly Item[], work: (item: Item) => Promise<void>): Promise<void> {
  const rest = [...items];
  let hasFailed = false;
  const lane = async () => {
    for (let item = rest.shift(); item !== undefined && !hasFailed; item = rest.shift()) await work(item);
  };
  const results = await Promise.allSettled(
    Array.from({ length: Math.min(lanes, items.length) }, () =>
      lane().catch((error: unknown) => {
        hasFailed = true;
        throw error;
      }),
    ),
  );
  for (const result of results)
    if (result.status === 'rejected')
      throw result.reason instanceof Error
        ? result.reason
        : new SessionError('INTERNAL_SERVER_ERROR', String(result.reason));
}
