import { type OvfFileInfo, SessionError } from '@ovfkit/domain';
import { type Manifest, orderMembers, readAll, readDescriptor, readManifest } from '@ovfkit/package-format';
import { maxTextSize } from '@ovfkit/package-format/node';
import {
  type ExportOptions,
  type ExportResult,
  type ExportRun,
  type TargetSpec,
  withExportSession,
} from './export-run.ts';
import { archiveName, intoArchive, intoFile, type Received, receive } from './export-sink.ts';
import { keepAlive } from './keep-alive.ts';
import type { PackageSink } from './package-sink.ts';
import { forEachOf, together } from './together.ts';
import type { ExpectedDigest } from './verified.ts';

/**
 * Exports a virtual machine or a vApp by download. Every file is compared with its size, with the session's digest and with the manifest while
 * it arrives; the sink is committed when all are right. In every other ending the sink is discarded and the session deleted, unless a
 * `continuation` keeps both: then the next attempt receives only what is not there yet.
 * @throws SessionError (the server, the network, the sink; INVALID_ARGUMENT for a digest that differs), the signal's reason
 */
export async function exportPackage(options: ExportOptions): Promise<ExportResult> {
  const { target, concurrency = 4, continuation } = options;
  try {
    const work = async (run: ExportRun) => {
      const info = await run.untilReady();
      await continuation?.onFiles(target.kind === 'ova' ? [archiveName] : info.files.map(({ name }) => name));
      const received = await whileKeptAlive(run, (signal) =>
        receiveAll({ ...run, signal }, { files: info.files, target, concurrency }),
      );
      const bytesReceived = received.reduce((sum, { size, kept }) => sum + size - kept, 0);
      const files = received.map(({ name, size }) => ({ name, size }));
      return { files, warnings: info.warnings, information: info.information, sessionId: run.id, bytesReceived };
    };
    const result = await withExportSession(options, { spec, work });
    await target.commit();
    return result;
  } catch (error) {
    await (continuation?.isKept(error) ? target.leave() : target.discard());
    throw error;
  }
}

/**
 * Makes an export final that had everything when its process ended: `begun` are the files it told its continuation of. Those that are final
 * already are left alone.
 * @throws SessionError UNABLE_TO_ALLOCATE_RESOURCE
 */
export async function finishExport(target: PackageSink, begun: readonly string[]): Promise<void> {
  for (const name of begun) {
    const left = await target.left(name);
    if (left !== undefined) await (await target.open(name, left.size)).finish();
  }
  await target.commit();
}

/**
 * Files, for an archive as well: each is compared with the manifest as it arrives. Of an archive that the server makes nothing says what
 * its bytes should be.
 */
const spec: TargetSpec = { targetType: 'DOWNLOAD_TARGET', targetContentType: 'OVF_TARGET' };

const keepAliveMs = 15_000;

/** Progress is what the contract names as the keep-alive of a download (section 12.2). */
async function whileKeptAlive<Result>(run: ExportRun, work: (signal: AbortSignal) => Promise<Result>): Promise<Result> {
  const { backend, id, reporter } = run;
  const done = new AbortController();
  const results: Result[] = [];
  await together(
    [
      async (signal) => {
        results.push(await work(signal));
        done.abort();
      },
      (signal) =>
        keepAlive(() => backend.exportSession.progress({ id, percent: reporter.percent() }, { signal }), {
          everyMs: keepAliveMs,
          signal: AbortSignal.any([signal, done.signal]),
        }),
    ],
    run.signal,
  );
  const [result] = results;
  if (result === undefined) throw new SessionError('ERROR', 'The export ended without a result.');
  return result;
}

interface Receiving {
  readonly files: readonly OvfFileInfo[];
  readonly target: PackageSink;
  readonly concurrency: number;
}

async function receiveAll(run: ExportRun, { files, target, concurrency }: Receiving): Promise<readonly Received[]> {
  run.reporter.expect(files.reduce((sum, { size = 0 }) => sum + size, 0));
  if (files.length === 0) throw new SessionError('NOT_FOUND', 'The export has no files.');
  const manifest = await receiveManifest(run, files);
  const expectedIn = (file: OvfFileInfo): readonly ExpectedDigest[] => [
    ...expectedOf(file),
    ...entriesFor(manifest, file.name),
  ];
  if (target.kind === 'ova') return intoArchive(run, { files: await inOrder(run, files), target, expectedIn });
  const received: Received[] = [];
  await forEachOf(files, {
    concurrency,
    signal: run.signal,
    async work(file, signal) {
      received.push(await intoFile({ ...run, signal }, { file, target, expected: expectedIn(file) }));
    },
  });
  return received;
}

const expectedOf = ({ sha256 }: OvfFileInfo): readonly ExpectedDigest[] =>
  sha256 === undefined || sha256 === '' ? [] : [{ algorithm: 'SHA256', digest: sha256.toLowerCase() }];

const entriesFor = (manifest: Manifest | undefined, name: string): readonly ExpectedDigest[] =>
  (manifest?.entries ?? []).filter((entry) => entry.name === name);

/** Read beforehand, so that each file is compared as it arrives; small enough to be received twice. */
async function receiveManifest(run: ExportRun, files: readonly OvfFileInfo[]): Promise<Manifest | undefined> {
  const file = files.find(({ fileType }) => fileType === 'MANIFEST');
  if (file === undefined) return undefined;
  const { bytes } = await receive(run, { file, expected: expectedOf(file) });
  return readManifest(await readAll(bytes, maxTextSize), { file: file.name });
}

async function inOrder(run: ExportRun, files: readonly OvfFileInfo[]): Promise<readonly OvfFileInfo[]> {
  const file = files.find(({ fileType }) => fileType === 'OVF');
  if (file === undefined) throw new SessionError('NOT_FOUND', 'The export has no descriptor.');
  const { bytes } = await receive(run, { file, expected: expectedOf(file) });
  const descriptor = readDescriptor(await readAll(bytes, maxTextSize), { file: file.name, lax: true });
  return orderMembers(files, { descriptorName: file.name, descriptor });
}
