import type { FileAddress, ImportCreateSpec, ImportInfo, OvfFileInfo } from '@ovfkit/domain';
import type { CheckedPackage } from './check-package.ts';
import {
  type ChooseParameters,
  chooseParameters,
  type ImportResult,
  type ImportRun,
  type ImportSettings,
  instantiateChosen,
  isDone,
  isReading,
  isSelecting,
  otherForm,
  resultOf,
  withImportSession,
} from './import-run.ts';
import { isAskedFor, sendFile } from './send-file.ts';
import { type FileSource, requiredSourceOf, sourceOf } from './sources.ts';
import { forEachOf } from './together.ts';
import type { Verifier } from './verified.ts';
import { whileWatched } from './while-watched.ts';

/** What an import by push takes. */
export interface PushSettings extends ImportSettings {
  /** Checks every file against the manifest, here and on the server; true by default. Without a manifest nothing is checked. */
  readonly verifyManifest?: boolean | undefined;
  /** For what takes the place of something: it is sent in full, and found right, before room is made for it. */
  readonly replacing?: Replacing | undefined;
}

/** How one machine takes the place of another. */
export interface Replacing {
  /** Parameters with another name, by which the server judges the rest while the name is taken. */
  readonly parameters: ChooseParameters;
  /** Frees the name; called again when an import is gone on with. */
  makeRoom(): Promise<void>;
}

/** A package on its way. */
export interface Pushing {
  readonly checked: CheckedPackage;
  /** Files that are sent at once. */
  readonly concurrency: number;
  /** Whether the package costs little to read. */
  readonly isLocal?: boolean;
  /**
   * Sends what is neither descriptor, message bundle, manifest nor certificate: with the last of it the machine is made. Of a session that
   * is gone on with everything may be there.
   */
  sendContent(content: Content): Promise<void>;
}

/** What is to be sent, and by whom. */
export interface Content {
  readonly run: ImportRun;
  /** The session, with its files. */
  readonly info: ImportInfo;
  readonly sender: Sender;
  /** Aborted when the session fails. */
  readonly signal: AbortSignal;
}

/** Sends files, each unless this process sent it already. */
export interface Sender {
  /** Files that can be read from anywhere, several at once; one that is optional and that the package lacks is left out. */
  sendAll(files: readonly OvfFileInfo[], signal: AbortSignal): Promise<void>;
  /** One file. */
  send(sending: NowSending): Promise<void>;
  isSent(file: OvfFileInfo): boolean;
  /** Whether the session is this process's own: nobody can have sent of its files before. */
  readonly isNew: boolean;
}

/** A file as the session lists it, and where its bytes are. */
export interface NowSending {
  readonly file: OvfFileInfo;
  readonly source: FileSource;
  readonly signal: AbortSignal;
  readonly verifier?: Verifier;
  readonly isDoubtful?: boolean;
}

/** Sends a package: descriptor first, manifest and certificate before its content, which needs parameters. Errors as `importPackage`. */
export function pushPackage(settings: PushSettings, pushing: Pushing): Promise<ImportResult> {
  return withImportSession(settings, createSpecOf(settings, pushing.checked), async (run) => {
    const push = createPush(run, pushing);
    if (isSelecting(await push.descriptorAndBundles())) await instantiate(settings, { run, push });
    await push.everythingElse();
    const info = await run.until(isDone);
    return resultOf(run, { info, ...push.counts() });
  });
}

async function instantiate(
  { parameters: choose, replacing }: PushSettings,
  { run, push }: { readonly run: ImportRun; readonly push: Push },
): Promise<void> {
  // they count only when they come before the last disk (contract, section 10.2), and parameters tell of the signer
  await push.manifestAndCertificate();
  if (replacing !== undefined) {
    await chooseParameters(run, replacing.parameters);
    await push.everythingElse();
    await replacing.makeRoom();
  }
  await instantiateChosen(run, choose);
}

/** A session for a package that is sent file by file. */
export function createSpecOf(
  { flags = [], locale }: ImportSettings,
  { manifestName, certificateName }: CheckedPackage,
): ImportCreateSpec {
  const option =
    manifestName === undefined ? 'NONE' : certificateName === undefined ? 'MANIFEST' : 'MANIFEST_CERTIFICATE';
  return {
    sourceType: 'PUSH_SOURCE',
    pushSourceContentType: 'OVF_SOURCE',
    pushSourceOvfOption: option,
    importFlags: [...flags],
    ...(locale === undefined ? {} : { locale }),
  };
}

const isVerification = ({ fileType }: OvfFileInfo): boolean => fileType === 'MANIFEST' || fileType === 'CERT';

/** The sending half of an import: what to send when. */
export interface Push {
  /** Resolves to the session as it is then: waiting for parameters, or further on. */
  descriptorAndBundles(): Promise<ImportInfo>;
  manifestAndCertificate(): Promise<void>;
  /** Keeps the session alive meanwhile; ends early when the server gives up on the session. */
  everythingElse(): Promise<void>;
  counts(): SentCounts;
}

type SentCounts = Pick<ImportResult, 'bytesSent' | 'bytesThere'>;

/** Whether files can be sent to a session whose descriptor is read. */
export const takesFiles = (info: ImportInfo): boolean => isSelecting(info) || info.state === 'IMPORT_FILE_TRANSFER';

/** The address of a file of an import, as the session lists it. */
export const addressOf = (
  { id }: Pick<ImportRun, 'id'>,
  file: OvfFileInfo,
): FileAddress & { readonly kind: 'import' } => ({ kind: 'import', sessionId: id, file });

/** Counts what it sends. */
function createSender(
  run: ImportRun,
  { checked, concurrency, isLocal = false }: Pushing,
): Sender & { counts(): SentCounts } {
  const { backend, id, pool, reporter, retries } = run;
  const isNew = run.continuation?.sessionId === undefined;
  const own = { isNew, isLocal, pool, reporter, retries };
  const done = new Set<string>();
  const underWay = new Map<string, Promise<void>>();
  let bytesSent = 0;
  let bytesThere = 0;
  const send = async ({ file, source, signal, ...more }: NowSending): Promise<void> => {
    const refresh = async () => {
      const { files } = await backend.importSession.get({ id }, run.callOptions(signal));
      return addressOf(run, files.find(({ name }) => name === file.name) ?? file);
    };
    const address = addressOf(run, file);
    let sent = 0;
    const onBytes = (size: number): void => {
      sent += size;
      bytesSent += size;
    };
    try {
      await sendFile({ ...more, ...own, backend, address, refresh, source, signal, onBytes });
    } catch (error) {
      throw await run.explain(error);
    }
    done.add(file.name);
    bytesThere += Math.max(0, source.size - sent);
  };
  const sendInTurn = async (file: OvfFileInfo, signal: AbortSignal): Promise<void> => {
    const source = file.optionalUpload ? sourceOf(checked, file) : requiredSourceOf(checked, file);
    if (source === undefined || done.has(file.name)) return;
    const digest = (isAskedFor(source) ? source.expected[0]?.digest : undefined) ?? file.name;
    // of files with the same bytes one is sent, and then the server has those of the others
    const before = underWay.get(digest)?.catch(() => undefined) ?? Promise.resolve();
    const sent = before.then(() => send({ file, source, signal }));
    underWay.set(digest, sent);
    await sent;
  };
  return {
    isNew,
    isSent: ({ name }) => done.has(name),
    send,
    sendAll: (files, signal) => forEachOf(files, { concurrency, signal, work: sendInTurn }),
    counts: () => ({ bytesSent, bytesThere }),
  };
}

/** What an import sends, in its order. */
export function createPush(run: ImportRun, pushing: Pushing): Push {
  const sender = createSender(run, pushing);
  const { sendAll } = sender;
  return {
    async descriptorAndBundles() {
      const first = await run.get();
      if (!isReading(first)) return first;
      const descriptors = first.files.filter(({ fileType }) => fileType === 'OVF');
      if (descriptors.length === 0) throw otherForm(run);
      await sendAll(descriptors, run.signal);
      const info = await run.until(({ state }) => state !== 'IMPORT_OVF_TRANSFER');
      if (!isReading(info)) return info;
      await sendAll(
        info.files.filter(({ fileType }) => fileType === 'MSG_BUNDLE'),
        run.signal,
      );
      return run.until((each) => !isReading(each));
    },
    async manifestAndCertificate() {
      await sendAll((await run.get()).files.filter(isVerification), run.signal);
    },
    async everythingElse() {
      const info = await run.get();
      const { files } = info;
      run.reporter.expect(
        files.reduce((sum, file) => sum + (sourceOf(pushing.checked, file)?.size ?? file.size ?? 0), 0),
      );
      if (takesFiles(info)) await sendAll(files.filter(isVerification), run.signal);
      await whileWatched(run, (signal) => pushing.sendContent({ run, info, sender, signal }));
    },
    counts: sender.counts,
  };
}
