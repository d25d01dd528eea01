import type { ImportCreateSpec, ImportInfo, OvfFileInfo } from '@ovfkit/domain';
import type { PackageReader } from '@ovfkit/package-format';
import { type CheckedPackage, checkPackage } from './check-package.ts';
import {
  type ChooseParameters,
  type ChosenParameters,
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
  tryParameters,
  withImportSession,
} from './import-run.ts';
import { knownBytes, sendFile } from './send-file.ts';
import { type FileSource, requiredSourceOf, sourceOf } from './sources.ts';
import { forEachOf } from './together.ts';
import { whileWatched } from './while-watched.ts';

export interface ImportOptions extends ImportSettings {
  /** Open, and closed by the caller afterwards. */
  readonly package: PackageReader;
  /** Checks every file against the manifest, here and on the server; true by default. Without a manifest nothing is checked. */
  readonly verifyManifest?: boolean | undefined;
  /** Files that are sent at once; 4 by default. */
  readonly concurrency?: number | undefined;
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

/** What an import would do: the parameters as they were chosen, and the server's answer to them. Its errors stand in the way of the import. */
export type ImportPlan = ChosenParameters;

/**
 * Imports a package by push. Nothing is sent before the package is found sound; the session is deleted in every ending but those a
 * `continuation` keeps it for, and what was imported then stays. Of a session that is gone on with only what it lacks is sent.
 * @throws PackageError (the package), SessionError (the server or the network; INVALID_ARGUMENT for a digest that differs, with `data.file`,
 *   `data.expected` and `data.actual`), the signal's reason
 */
export async function importPackage(options: ImportOptions): Promise<ImportResult> {
  const checked = await check(options);
  return withImportSession(options, createSpecOf(options, checked), async (run) => {
    const push = createPush(options, { run, checked });
    if (isSelecting(await push.descriptorAndBundles())) await instantiate(options, { run, push });
    await push.everythingElse();
    const info = await run.until(isDone);
    return resultOf(run, { info, bytesSent: push.bytesSent() });
  });
}

async function instantiate(
  { parameters: choose, replacing }: ImportOptions,
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

/**
 * The same up to the parameters: creates nothing, sends descriptor and message bundles only. Errors as `importPackage`, but what is wrong with
 * the parameters is in the answer.
 */
export async function planImport(options: ImportOptions): Promise<ImportPlan> {
  const checked = await check(options);
  return withImportSession(options, createSpecOf(options, checked), async (run) => {
    await createPush(options, { run, checked }).descriptorAndBundles();
    return tryParameters(run, options.parameters);
  });
}

async function check({
  package: reader,
  verifyManifest = true,
  flags = [],
  onProgress,
}: ImportOptions): Promise<CheckedPackage> {
  const checked = await checkPackage(reader, { verifyManifest, lax: flags.includes('LAX') });
  for (const text of checked.warnings) onProgress?.({ type: 'warning', text });
  return checked;
}

function createSpecOf(
  { flags = [], locale }: ImportOptions,
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
interface Push {
  /** Resolves to the session as it is then: waiting for parameters, or further on. */
  descriptorAndBundles(): Promise<ImportInfo>;
  manifestAndCertificate(): Promise<void>;
  /** Several at once, keeping the session alive; ends early when the server gives up on the session. */
  everythingElse(): Promise<void>;
  bytesSent(): number;
}

interface NowSending {
  readonly source: FileSource;
  readonly signal: AbortSignal;
}

/** Sends one file unless this process sent it already; counts what it sends. */
function createSender({ run, checked }: { readonly run: ImportRun; readonly checked: CheckedPackage }) {
  const { backend, id, pool, reporter, retries } = run;
  const isNew = run.continuation?.sessionId === undefined;
  const done = new Set<string>();
  const underWay = new Map<string, Promise<void>>();
  let bytesSent = 0;
  const onBytes = (size: number): void => {
    bytesSent += size;
  };
  const send = async (file: OvfFileInfo, signal: AbortSignal): Promise<void> => {
    const source = file.optionalUpload ? sourceOf(checked, file) : requiredSourceOf(checked, file);
    if (source === undefined || done.has(file.name)) return;
    const digest = knownBytes(source)?.sha256 ?? file.name;
    // of files with the same bytes one is sent, and then the server has those of the others
    const before = underWay.get(digest)?.catch(() => undefined) ?? Promise.resolve();
    const sent = before.then(() => sendNow(file, { source, signal }));
    underWay.set(digest, sent);
    await sent;
  };
  const sendNow = async (file: OvfFileInfo, { source, signal }: NowSending): Promise<void> => {
    const addressOf = (current: OvfFileInfo) => ({ kind: 'import', sessionId: id, file: current }) as const;
    const refresh = async () => {
      const { files } = await backend.importSession.get({ id }, run.callOptions(signal));
      return addressOf(files.find(({ name }) => name === file.name) ?? file);
    };
    try {
      const address = addressOf(file);
      await sendFile({ backend, address, refresh, source, isNew, pool, reporter, retries, signal, onBytes });
    } catch (error) {
      throw await run.explain(error);
    }
    done.add(file.name);
  };
  return { send, bytesSent: () => bytesSent };
}

function createPush(
  { concurrency = 4 }: ImportOptions,
  { run, checked }: { readonly run: ImportRun; readonly checked: CheckedPackage },
): Push {
  const { send, bytesSent } = createSender({ run, checked });
  const sendAll = (files: readonly OvfFileInfo[], signal: AbortSignal): Promise<void> =>
    forEachOf(files, { concurrency, signal, work: send });
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
      if (!isSelecting(info) && info.state !== 'IMPORT_FILE_TRANSFER') return; // everything is there
      const { files } = info;
      run.reporter.expect(files.reduce((sum, file) => sum + (sourceOf(checked, file)?.size ?? 0), 0));
      await sendAll(files.filter(isVerification), run.signal);
      await whileWatched(run, (signal) => sendAll(files, signal));
    },
    bytesSent,
  };
}
