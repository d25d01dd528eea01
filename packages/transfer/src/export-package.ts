import { type OvfFileInfo, SessionError } from '@ovfkit/domain';
import {
  type Manifest,
  orderMembers,
  readAll,
  readDescriptor,
  readManifest,
  type TarInputEntry,
  writeOva,
} from '@ovfkit/package-format';
import { maxTextSize } from '@ovfkit/package-format/node';
import {
  type ExportOptions,
  type ExportResult,
  type ExportRun,
  type TargetSpec,
  withExportSession,
} from './export-run.ts';
import { keepAlive } from './keep-alive.ts';
import type { PackageSink } from './package-sink.ts';
import { type ReceivedFile, receiveFile } from './receive-file.ts';
import { forEachOf, together } from './together.ts';
import type { ExpectedDigest } from './verified.ts';

/**
 * Exports a virtual machine or a vApp by download. Every file is compared with its size, with the session's digest and with the manifest while
 * it arrives; the sink is committed when all are right and discarded in every other ending, and the session is always deleted.
 * @throws SessionError (the server, the network, the sink; INVALID_ARGUMENT for a digest that differs), the signal's reason
 */
export async function exportPackage(options: ExportOptions): Promise<ExportResult> {
  const { target, concurrency = 4 } = options;
  try {
    const work = async (run: ExportRun) => {
      const info = await run.untilReady();
      const files = await whileKeptAlive(run, (signal) =>
        receiveAll({ ...run, signal }, { files: info.files, target, concurrency }),
      );
      const bytesReceived = files.reduce((sum, { size }) => sum + size, 0);
      return { files, warnings: info.warnings, information: info.information, sessionId: run.id, bytesReceived };
    };
    const result = await withExportSession(options, { spec, work });
    await target.commit();
    return result;
  } catch (error) {
    await target.discard();
    throw error;
  }
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

type Received = ExportResult['files'];

async function receiveAll(run: ExportRun, { files, target, concurrency }: Receiving): Promise<Received> {
  run.reporter.expect(files.reduce((sum, { size = 0 }) => sum + size, 0));
  if (files.length === 0) throw new SessionError('NOT_FOUND', 'The export has no files.');
  const manifest = await receiveManifest(run, files);
  const expectedIn = (file: OvfFileInfo): readonly ExpectedDigest[] => [
    ...expectedOf(file),
    ...entriesFor(manifest, file.name),
  ];
  if (target.kind === 'ova') return intoArchive(run, { files, target, expectedIn });
  const received: { readonly name: string; readonly size: number }[] = [];
  await forEachOf(files, {
    concurrency,
    signal: run.signal,
    async work(file, signal) {
      received.push(await intoSink({ ...run, signal }, { file, target, expected: expectedIn(file) }));
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

interface OneFile {
  readonly file: OvfFileInfo;
  readonly expected: readonly ExpectedDigest[];
}

function receive(run: ExportRun, { file, expected }: OneFile): Promise<ReceivedFile> {
  const { backend, id, signal } = run;
  const addressOf = (current: OvfFileInfo) => ({ kind: 'export', sessionId: id, file: current }) as const;
  const refresh = async () => {
    const { files } = await backend.exportSession.get({ id }, { signal });
    return addressOf(files.find(({ name }) => name === file.name) ?? file);
  };
  return receiveFile({ ...run, address: addressOf(file), refresh, expected });
}

async function intoSink(
  run: ExportRun,
  { target, ...one }: OneFile & { readonly target: PackageSink },
): Promise<{ readonly name: string; readonly size: number }> {
  const { bytes } = await receive(run, one);
  return { name: one.file.name, size: await writeAll(bytes, { target, name: one.file.name }) };
}

async function writeAll(
  bytes: AsyncIterable<Uint8Array>,
  { target, name }: { readonly target: PackageSink; readonly name: string },
): Promise<number> {
  const sink = await target.open(name);
  let size = 0;
  for await (const chunk of bytes) {
    await sink.write(chunk);
    size += chunk.length;
  }
  await sink.finish();
  return size;
}

/** The archive is made here, one file after the other, without a copy in between. */
async function intoArchive(
  run: ExportRun,
  {
    files,
    target,
    expectedIn,
  }: {
    readonly files: readonly OvfFileInfo[];
    readonly target: PackageSink;
    readonly expectedIn: (file: OvfFileInfo) => readonly ExpectedDigest[];
  },
): Promise<Received> {
  const ordered = await inOrder(run, files);
  const received: { readonly name: string; readonly size: number }[] = [];
  async function* entries(): AsyncGenerator<TarInputEntry, void, undefined> {
    for (const file of ordered) {
      const { size, bytes } = await receive(run, { file, expected: expectedIn(file) });
      if (size === undefined)
        throw new SessionError(
          'UNSUPPORTED',
          `The server does not say how long ${file.name} is, so it cannot be put into an archive. Export to a folder.`,
        );
      received.push({ name: file.name, size });
      yield { name: file.name, size, bytes };
    }
  }
  await writeAll(writeOva(entries()), { target, name: 'package.ova' });
  return received;
}

async function inOrder(run: ExportRun, files: readonly OvfFileInfo[]): Promise<readonly OvfFileInfo[]> {
  const file = files.find(({ fileType }) => fileType === 'OVF');
  if (file === undefined) throw new SessionError('NOT_FOUND', 'The export has no descriptor.');
  const { bytes } = await receive(run, { file, expected: expectedOf(file) });
  const descriptor = readDescriptor(await readAll(bytes, maxTextSize), { file: file.name, lax: true });
  return orderMembers(files, { descriptorName: file.name, descriptor });
}
