import { type OvfFileInfo, SessionError } from '@ovfkit/domain';
import { namesOfHref, siblingName, type TarEntry } from '@ovfkit/package-format';
import type { ArchiveStream } from './archive-stream.ts';
import { type CheckedPackage, checkBeginning } from './check-package.ts';
import type { ImportResult } from './import-run.ts';
import { createPassingFile } from './passing-file.ts';
import { addressOf, type Content, type PushSettings, pushPackage, takesFiles } from './push.ts';
import { isRetryable } from './retry.ts';
import { askPatiently } from './session-life.ts';
import { expectedOf, type FileSource, requiredSourceOf, sourceOf } from './sources.ts';
import { createVerifier, type Verifier } from './verified.ts';

export interface ImportStreamOptions extends PushSettings {
  /** Read once; ended by whoever owns its bytes. */
  readonly archive: ArchiveStream;
}

/**
 * Imports an archive that goes by once: its members are sent one after the other, as files of their own. After a break it goes on as long
 * as what the network lost is among the last bytes, which are kept. Of a session that is gone on with only what it lacks is sent; what it
 * has is compared with what goes by. Endings and errors as `importPackage`, and INVALID_ARGUMENT when other bytes go by than were sent before.
 */
export async function importStream(options: ImportStreamOptions): Promise<ImportResult> {
  const { archive, flags = [], verifyManifest = true } = options;
  const begun = await checkBeginning(archive.beginning, { verifyManifest, lax: flags.includes('LAX') });
  const checked = verifyManifest ? withLateTexts(begun) : begun;
  return pushPackage(options, {
    checked,
    concurrency: 1,
    sendContent: (content) => sendPassing({ ...content, archive, checked }),
  });
}

/** A manifest that is not in the beginning may stand at the end, and its certificate with it. */
function withLateTexts(checked: CheckedPackage): CheckedPackage {
  if (checked.manifestName !== undefined) return checked;
  const { descriptorName } = checked.reader;
  return {
    ...checked,
    manifestName: siblingName(descriptorName, '.mf'),
    certificateName: siblingName(descriptorName, '.cert'),
  };
}

interface Passing extends Content {
  readonly archive: ArchiveStream;
  readonly checked: CheckedPackage;
}

/** @throws PackageError FILE_MISSING when the archive ends before everything came */
async function sendPassing(passing: Passing): Promise<void> {
  const { archive, checked, info, run, sender, signal } = passing;
  const { files } = info;
  await sender.sendAll(
    files.filter((file) => sourceOf(checked, file) !== undefined),
    signal,
  );
  const missing = new Map(
    files.filter((file) => !file.optionalUpload && !sender.isSent(file)).map((file) => [file.name, file]),
  );
  const sendRest = async (): Promise<void> => {
    for (let next = await archive.rest.next(); next.done !== true; next = await archive.rest.next()) {
      signal.throwIfAborted();
      await sendMember(next.value);
    }
  };
  const sendMember = async (member: TarEntry): Promise<void> => {
    const file = fileOf(checked, { files, name: member.name });
    if (file === undefined || sender.isSent(file) || (file.optionalUpload && !takesFiles(info))) return;
    const isLast = missing.delete(file.name) && missing.size === 0;
    // with it the machine is made: whatever stands behind it, a manifest most of all, has to be there before
    const beforeEnd = once(isLast ? sendRest : async () => {});
    await sendFilePassing(passing, { file, member, beforeEnd });
  };
  try {
    await sendRest();
  } catch (error) {
    const isAllSent = files.every((file) => file.optionalUpload || sender.isSent(file));
    if (!isAllSent || signal.aborted || !(error instanceof Error) || error instanceof SessionError) throw error;
    // the server had the last of it before it went by: the machine is made, of what the manifest says
    run.reporter.warning(`The archive broke off when the target had everything already: ${error.message}`);
  }
  const [first] = missing.values();
  if (first !== undefined) requiredSourceOf(checked, first);
}

/** Which file of the session a member of the archive is: the names there are those of the descriptor, as they stand or decoded. */
function fileOf(
  { manifestName, certificateName }: CheckedPackage,
  { files, name }: { readonly files: readonly OvfFileInfo[]; readonly name: string },
): OvfFileInfo | undefined {
  if (name === manifestName) return files.find(({ fileType }) => fileType === 'MANIFEST');
  if (name === certificateName) return files.find(({ fileType }) => fileType === 'CERT');
  const content = files.filter(({ fileType }) => fileType !== 'MANIFEST' && fileType !== 'CERT');
  return content.find((file) => file.name === name) ?? content.find((file) => namesOfHref(file.name).includes(name));
}

function once(work: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | undefined;
  return () => {
    done ??= work();
    return done;
  };
}

interface Member {
  readonly file: OvfFileInfo;
  readonly member: TarEntry;
  readonly beforeEnd: () => Promise<void>;
}

/** Sends what the server lacks of a member, and compares the rest. */
async function sendFilePassing(passing: Passing, { file, member, beforeEnd }: Member): Promise<void> {
  const { sender, checked, signal } = passing;
  const source = createPassingFile(member, {
    expected: expectedOf(checked, { name: member.name, href: file.name }),
    beforeEnd,
  });
  const isVouched = sender.isNew || source.expected.length > 0;
  const verifier = createVerifier(source.name, isVouched ? source : { expected: [], also: ['SHA256'] });
  // without a digest nobody would notice when what is there were of another package
  const isDoubtful = !isVouched;
  if (!isDoubtful || !(await isThere(passing, file))) {
    await sender.send({ file, source, signal, verifier, isDoubtful });
    // by its digest the server had it: with the last of them the machine is made, and what goes by here is not in it
    const isTaken = sender.isNew && isVouched && verifier.position === 0;
    return isTaken ? passBy(source, signal) : countRest(source, { verifier, signal });
  }
  await countRest(source, { verifier, signal });
  await prove(passing, { file, source, sha256: verifier.digest('SHA256') ?? '' });
}

async function passBy(source: FileSource, signal: AbortSignal): Promise<void> {
  for await (const _ of source.read({ start: 0, end: source.size })) signal.throwIfAborted();
}

async function countRest(
  source: FileSource,
  { verifier, signal }: { readonly verifier: Verifier; readonly signal: AbortSignal },
): Promise<void> {
  for await (const chunk of source.read({ start: verifier.position, end: source.size })) {
    signal.throwIfAborted();
    verifier.take(chunk, verifier.position);
  }
  verifier.check();
}

/** Whether the server has a file whole, as it says itself or, where it keeps no parts, as the session shows it. */
async function isThere({ run, signal }: Passing, file: OvfFileInfo): Promise<boolean> {
  const { backend, reporter, retries } = run;
  const ask = () => backend.files.uploadState(addressOf(run, file), { signal });
  try {
    return (await askPatiently(ask, { name: file.name, retries, signal, reporter })).isComplete;
  } catch (error) {
    if (!(error instanceof SessionError) || error.kind !== 'UNSUPPORTED') throw error;
    return file.size !== undefined && file.size > 0 && file.size === file.bytesTransferred;
  }
}

async function* nothing(): AsyncGenerator<Uint8Array, void, undefined> {}

interface Proof {
  readonly file: OvfFileInfo;
  readonly source: FileSource;
  readonly sha256: string;
}

/** Has the server compare a digest with that of the file it has. */
async function prove({ run, signal }: Passing, { file, source: { name, size }, sha256 }: Proof): Promise<void> {
  const { backend, reporter, retries } = run;
  const input = { ...addressOf(run, file), offset: size, size, sha256 };
  const ask = () => backend.files.upload({ ...input, bytes: nothing() }, { signal });
  try {
    await askPatiently(ask, { name, retries, signal, reporter });
  } catch (error) {
    if (isRetryable(error) || !(error instanceof SessionError)) throw error;
    throw new SessionError(
      'INVALID_ARGUMENT',
      `${name} was sent before, and what goes by now is not, or cannot be shown to be, the same. Start the import anew.`,
      { data: { file: name }, cause: error },
    );
  }
}
