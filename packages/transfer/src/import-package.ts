import type { ImportCreateSpec, ImportInfo, OvfFileInfo, OvfParams, OvfValidationResult } from '@ovfkit/domain';
import type { PackageReader } from '@ovfkit/package-format';
import { type CheckedPackage, checkPackage } from './check-package.ts';
import {
  chooseParameters,
  type ImportResult,
  type ImportRun,
  type ImportSettings,
  resultOf,
  withImportSession,
} from './import-run.ts';
import { keepAlive } from './keep-alive.ts';
import { sendFile } from './send-file.ts';
import { requiredSourceOf, sourceOf } from './sources.ts';
import { forEachOf, together } from './together.ts';

export interface ImportOptions extends ImportSettings {
  /** Open, and closed by the caller afterwards. */
  readonly package: PackageReader;
  /** Checks every file against the manifest, here and on the server; true by default. Without a manifest nothing is checked. */
  readonly verifyManifest?: boolean | undefined;
  /** Files that are sent at once; 4 by default. */
  readonly concurrency?: number | undefined;
}

/** What an import would do. */
export interface ImportPlan {
  /** As `parameters` chose them. */
  readonly parameters: readonly OvfParams[];
  /** The server's answer to them: without errors. */
  readonly validation: OvfValidationResult;
}

/**
 * Imports a package by push. Nothing is sent before the package is found sound; the session is deleted in every ending, and what was imported
 * then stays.
 * @throws PackageError (the package), SessionError (the server or the network; INVALID_ARGUMENT for a digest that differs, with `data.file`,
 *   `data.expected` and `data.actual`), the signal's reason
 */
export async function importPackage(options: ImportOptions): Promise<ImportResult> {
  const checked = await check(options);
  return withImportSession(options, createSpecOf(options, checked), async (run) => {
    const push = createPush(options, { run, checked });
    await push.descriptorAndBundles();
    // they count only when they come before the last disk (contract, section 10.2), and parameters tell of the signer
    await push.manifestAndCertificate();
    const { parameters } = await chooseParameters(run, options.parameters);
    await run.backend.importSession.instantiate({ id: run.id, instantiationParameters: parameters }, run.callOptions());
    await push.everythingElse();
    const info = await run.until(isDone);
    return resultOf(run, { info, bytesSent: push.bytesSent() });
  });
}

/** The same up to the parameters: creates nothing, sends descriptor and message bundles only. Errors as `importPackage`. */
export async function planImport(options: ImportOptions): Promise<ImportPlan> {
  const checked = await check(options);
  return withImportSession(options, createSpecOf(options, checked), async (run) => {
    await createPush(options, { run, checked }).descriptorAndBundles();
    return chooseParameters(run, options.parameters);
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

const isDone = ({ state }: ImportInfo): boolean => state === 'IMPORT_COMPLETED';
const isSelecting = ({ state }: ImportInfo): boolean => state === 'IMPORT_SELECTING_OVF_PARAMS';
const isVerification = ({ fileType }: OvfFileInfo): boolean => fileType === 'MANIFEST' || fileType === 'CERT';

/** The sending half of an import: what to send when. */
interface Push {
  descriptorAndBundles(): Promise<void>;
  manifestAndCertificate(): Promise<void>;
  /** Several at once, keeping the session alive; ends early when the server gives up on the session. */
  everythingElse(): Promise<void>;
  bytesSent(): number;
}

function createPush(
  { concurrency = 4 }: ImportOptions,
  { run, checked }: { readonly run: ImportRun; readonly checked: CheckedPackage },
): Push {
  const { backend, id, pool, reporter, retries } = run;
  const done = new Set<string>();
  let bytesSent = 0;
  const onBytes = (size: number): void => {
    bytesSent += size;
  };
  const send = async (file: OvfFileInfo, signal: AbortSignal): Promise<void> => {
    const source = file.optionalUpload ? sourceOf(checked, file) : requiredSourceOf(checked, file);
    if (source === undefined || done.has(file.name)) return;
    const addressOf = (current: OvfFileInfo) => ({ kind: 'import', sessionId: id, file: current }) as const;
    const refresh = async () => {
      const { files } = await backend.importSession.get({ id }, run.callOptions(signal));
      return addressOf(files.find(({ name }) => name === file.name) ?? file);
    };
    try {
      await sendFile({ backend, address: addressOf(file), refresh, source, pool, reporter, retries, signal, onBytes });
    } catch (error) {
      throw await run.explain(error);
    }
    done.add(file.name);
  };
  const sendAll = (files: readonly OvfFileInfo[], signal: AbortSignal): Promise<void> =>
    forEachOf(files, { concurrency, signal, work: send });
  return {
    async descriptorAndBundles() {
      const first = await run.get();
      await sendAll(
        first.files.filter(({ fileType }) => fileType === 'OVF'),
        run.signal,
      );
      const info = await run.until((each) => isSelecting(each) || each.state === 'IMPORT_MSG_BUNDLES_TRANSFER');
      if (isSelecting(info)) return;
      await sendAll(
        info.files.filter(({ fileType }) => fileType === 'MSG_BUNDLE'),
        run.signal,
      );
      await run.until(isSelecting);
    },
    async manifestAndCertificate() {
      await sendAll((await run.get()).files.filter(isVerification), run.signal);
    },
    async everythingElse() {
      const { files } = await run.get();
      reporter.expect(files.reduce((sum, file) => sum + (sourceOf(checked, file)?.size ?? 0), 0));
      await sendAll(files.filter(isVerification), run.signal);
      await whileWatched(run, (signal) => sendAll(files, signal));
    },
    bytesSent: () => bytesSent,
  };
}

const keepAliveMs = 15_000;

/** Watches the session while files are sent, and keeps it alive; a session that fails stops the files. */
async function whileWatched(run: ImportRun, send: (signal: AbortSignal) => Promise<void>): Promise<void> {
  const { backend, id, reporter } = run;
  const sent = new AbortController();
  await together(
    [
      async (signal) => {
        await send(signal);
        sent.abort();
      },
      async (signal) => {
        const own = AbortSignal.any([signal, sent.signal]);
        await run.until(isDone, own).catch((error: unknown) => {
          if (!sent.signal.aborted) throw error;
        });
      },
      (signal) =>
        keepAlive(() => backend.importSession.progress({ id, percent: reporter.percent() }, { signal }), {
          everyMs: keepAliveMs,
          signal: AbortSignal.any([signal, sent.signal]),
        }),
    ],
    run.signal,
  );
}
