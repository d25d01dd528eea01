import { type FileType, SessionError, type UploadState } from '@ovfkit/domain';
import { isDescriptorName, PackageError } from '@ovfkit/package-format';
import { blobKey, type SessionAddress } from '../blob-key.ts';
import { abortable, observed } from '../byte-stream.ts';
import { loadDescriptor } from '../descriptor.ts';
import { byAnyName } from '../href-names.ts';
import { type DigestedFile, manifestEntries } from '../manifest.ts';
import { type PackageFile, packageFiles } from '../package-files.ts';
import { type ReceivingSession, receivedFiles, receivedOf } from '../received.ts';
import { completeEntry, type Receiver } from '../receiver.ts';
import { type Chooser, takeMembers, takenOnce } from '../take-members.ts';
import { startOnce } from './start-once.ts';
import type { Uploading } from './upload-file.ts';

/** Manifest and certificate by their endings. */
export function sidecarType(name: string): FileType | undefined {
  const lower = name.toLowerCase();
  if (lower.endsWith('.mf')) return 'MANIFEST';
  return lower.endsWith('.cert') ? 'CERT' : undefined;
}

/**
 * Takes the members of one part out of an archive that is pushed whole: the client sends the same archive to each entry
 * (contract, section 11.3). May stop reading before its end. A part that breaks off starts anew.
 */
export async function uploadArchive(receiver: Receiver, uploading: Uploading): Promise<UploadState> {
  const { core } = receiver;
  const { session, file, upload } = uploading;
  if (upload.offset !== 0)
    throw new SessionError('CONCURRENT_CHANGE', `${file.name} has 0 bytes, so it cannot go on at ${upload.offset}.`);
  const address: SessionAddress = { kind: receiver.kind, id: session.id };
  const key = blobKey(address, file.name);
  return core.writers.hold(key, async () => {
    try {
      const added = await take(receiver, { ...uploading, address });
      if (added === undefined) return { offset: 0, isComplete: false };
      const size = added.reduce((total, each) => total + each.size, 0);
      const completed = { name: file.name, size, sha256: '' };
      await completeEntry(receiver, { id: session.id, completed, added, isArchive: true });
      return { offset: size, isComplete: true };
    } finally {
      core.counts.delete(key);
    }
  });
}

/** Nothing when the archive is no good, for which the session has failed, or did not come in full. */
async function take(
  receiver: Receiver,
  { session, file, upload, signal, address }: Uploading & { readonly address: SessionAddress },
): Promise<readonly DigestedFile[] | undefined> {
  const { core } = receiver;
  const received = receivedFiles(session, receiver.kind);
  const onBytes = startOnce({
    isStarted: file.status === 'started',
    start: () => receiver.flow.step(session.id, () => ({ type: 'startFile', name: file.name }), 'passing'),
  });
  let arrived = 0;
  const onArrival = (total: number) => {
    arrived = total;
    return onBytes();
  };
  try {
    const choose = await chooserOf(receiver, { session, file });
    const added = await takeMembers(core, {
      session: address,
      bytes: observed(abortable(upload.bytes, signal), onArrival),
      choose,
      entries: await manifestEntries(core, received),
      onBytes: (total) => core.counts.set(blobKey(address, file.name), total),
    });
    if (file.name === 'descriptor.ova' && receivedOf(added, 'OVF') === undefined)
      throw new PackageError('DESCRIPTOR_MISSING', 'The archive has no descriptor: no member ends in .ovf.');
    if (file.name === 'message-bundle.ova') await checkBundles(receiver, { session, added });
    return added;
  } catch (error) {
    if (!(error instanceof PackageError)) throw error;
    // a sender that stopped early is no damaged archive
    if (error.code === 'TRUNCATED' && arrived < (upload.size ?? 0)) return undefined;
    await receiver.flow.fail(session.id, error);
    return undefined;
  }
}

async function chooserOf(
  { core, kind }: Receiver,
  { session, file }: Pick<Uploading, 'session' | 'file'>,
): Promise<Chooser> {
  if (file.name === 'descriptor.ova') return chooseDescriptor;
  const { descriptor } = await loadDescriptor(core, { session, kind });
  const isBundle = ({ fileType }: PackageFile) => fileType === 'MSG_BUNDLE';
  const isWanted = file.name === 'message-bundle.ova' ? isBundle : (each: PackageFile) => !isBundle(each);
  const wanted = packageFiles(descriptor).filter(isWanted);
  const wantedBy = byAnyName(wanted);
  const received = receivedFiles(session, kind);
  // one part only looks for them, for two may be sent at once
  const takesSidecars = session.files.at(-1)?.name === file.name;
  const lacksManifest = takesSidecars && receivedOf(received, 'MANIFEST') === undefined;
  return (member, taken) => {
    const own = wantedBy(member.name);
    if (own !== undefined) return takenOnce(own, taken);
    const sidecar = takesSidecars ? sidecarType(member.name) : undefined;
    if (sidecar !== undefined && receivedOf([...received, ...taken], sidecar) === undefined) return { take: sidecar };
    const isDone = wanted.every(({ name }) => taken.some((each) => each.name === name));
    // a manifest may stand at the very end
    return isDone && !lacksManifest ? 'stop' : 'skip';
  };
}

/** @throws PackageError FILE_MISSING when the archive ended without a bundle; what disks are needed is chosen later */
async function checkBundles({ core, kind }: Receiver, { session, added }: Taken): Promise<void> {
  const { descriptor } = await loadDescriptor(core, { session, kind });
  const absent = packageFiles(descriptor).find(
    ({ fileType, name }) => fileType === 'MSG_BUNDLE' && added.every((each) => each.name !== name),
  );
  if (absent !== undefined)
    throw new PackageError('FILE_MISSING', `The archive has no file ${absent.name}`, { file: absent.name });
}

interface Taken {
  readonly session: ReceivingSession;
  readonly added: readonly DigestedFile[];
}

/** The first descriptor, with the manifest and the certificate that stand before it or directly after it. */
export const chooseDescriptor: Chooser = ({ name }, taken) => {
  const hasDescriptor = receivedOf(taken, 'OVF') !== undefined;
  if (!hasDescriptor && isDescriptorName(name)) return { take: 'OVF' };
  const sidecar = sidecarType(name);
  if (sidecar !== undefined && receivedOf(taken, sidecar) === undefined) return { take: sidecar };
  return hasDescriptor ? 'stop' : 'skip';
};
