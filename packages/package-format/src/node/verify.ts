import { open } from 'node:fs/promises';
import { readAll } from '../bytes.ts';
import { type Manifest, readManifest } from '../manifest.ts';
import { readDescriptor } from '../ovf-read.ts';
import { isDescriptorName, type PackageReader, siblingName } from '../package-read.ts';
import { readTar } from '../tar-read.ts';
import { type SignatureReport, verifyCertificate } from './certificate.ts';
import { openFile } from './file.ts';
import { maxTextSize, openPackage } from './open.ts';
import { createRing } from './ring.ts';
import { unwrapped, wrappingOf } from './unwrap.ts';
import {
  compareDisk,
  compareManifest,
  compareOrder,
  compareReferences,
  problemOfError,
  problemOfFinding,
  verifiedFile,
} from './verify-compare.ts';
import {
  createPass,
  type Knowledge,
  type Pass,
  type PassedDisk,
  type PassedMember,
  type PassingMember,
} from './verify-pass.ts';
import type { PackageProblem, VerifyReport } from './verify-report.ts';

/** How to verify. */
export interface VerifyOptions {
  /** In PEM; those of the system and of Node.js when absent. */
  readonly roots?: readonly string[] | undefined;
  /** Milliseconds since 1970, against which certificates are valid; the present when absent. */
  readonly now?: number | undefined;
  /** `lax` forgives what importers commonly forgive. `strict` when absent. */
  readonly mode?: 'strict' | 'lax' | undefined;
  /** `grains` inflates the data of every disk. Without it this is done for disks only that no digest of the manifest covers. */
  readonly disks?: 'grains' | undefined;
  readonly signal?: AbortSignal | undefined;
  /** After each chunk. `done` and `total` in bytes; `total` is undefined for a stream. */
  readonly onProgress?: ((progress: VerifyProgress) => void) | undefined;
}

/** How far a verification is. */
export interface VerifyProgress {
  readonly file: string;
  readonly done: number;
  readonly total?: number | undefined;
}

/** One verification: what came by so far. */
interface Run {
  readonly options: VerifyOptions;
  readonly total?: number | undefined;
  readonly knowledge: Knowledge;
  readonly pass: Pass;
  readonly members: PassedMember[];
  readonly problems: PackageProblem[];
  descriptorName: string | undefined;
  done: number;
}

function createRun(options: VerifyOptions, total?: number): Run {
  const knowledge: Knowledge = {};
  const pass = createPass(knowledge, { depth: options.disks });
  return { options, total, knowledge, pass, members: [], problems: [], descriptorName: undefined, done: 0 };
}

function learnDescriptor(run: Run, { name, bytes }: { name: string; bytes: Uint8Array }): void {
  run.descriptorName = name;
  try {
    const descriptor = readDescriptor(bytes, { file: name, lax: run.options.mode === 'lax' });
    run.knowledge.descriptor = descriptor;
    run.problems.push(...descriptor.findings.map(problemOfFinding));
  } catch (cause) {
    run.problems.push(problemOfError(cause, { kind: 'structure', file: name }));
  }
}

function learnManifest(run: Run, { name, bytes }: { name: string; bytes: Uint8Array }): void {
  try {
    run.knowledge.manifest = readManifest(bytes, { file: name });
  } catch (cause) {
    run.problems.push(problemOfError(cause, { kind: 'digest', file: name }));
    // what it says cannot be compared, so nothing has to be digested for it
    run.knowledge.manifest = { entries: [] };
  }
}

/** In a stream, descriptor and manifest are known when they have passed. */
function learn(run: Run, { name, text }: PassedMember): void {
  if (text === undefined) return;
  if (run.descriptorName === undefined && isDescriptorName(name)) learnDescriptor(run, { name, bytes: text });
  const manifestName = run.descriptorName === undefined ? undefined : siblingName(run.descriptorName, '.mf');
  if (name === manifestName && run.knowledge.manifest === undefined) learnManifest(run, { name, bytes: text });
}

async function takeAll(run: Run, members: AsyncIterable<PassingMember>): Promise<void> {
  for await (const member of members) {
    const passed = await run.pass.take(member, (size) => {
      run.options.signal?.throwIfAborted();
      run.done += size;
      run.options.onProgress?.({ file: member.name, done: run.done, total: run.total });
    });
    run.members.push(passed);
    learn(run, passed);
  }
}

/** What does not make a signature untrusted. */
const remarkCodes: ReadonlySet<string> = new Set(['DIGEST_WEAK', 'KEY_WEAK', 'MANIFEST_NAME']);

/** What only the texts of manifest and certificate tell. */
function verifySignature(run: Run, descriptorName: string): SignatureReport | undefined {
  const textOf = (extension: '.mf' | '.cert') =>
    run.members.find(({ name }) => name === siblingName(descriptorName, extension))?.text;
  const certificate = textOf('.cert');
  const manifest = textOf('.mf');
  const file = siblingName(descriptorName, '.cert');
  if (certificate === undefined) return undefined;
  if (manifest === undefined) {
    const message = 'There is a certificate, but no manifest that it could be the signature of';
    run.problems.push({ kind: 'signature', severity: 'error', code: 'MANIFEST_MISSING', message, file });
    return undefined;
  }
  try {
    const { roots, now } = run.options;
    const manifestName = siblingName(descriptorName, '.mf');
    const report = verifyCertificate({ certificate, manifest, manifestName, roots, now, file });
    for (const { code, message } of report.problems) {
      const severity = remarkCodes.has(code) ? 'warning' : 'error';
      run.problems.push({ kind: 'signature', severity, code, message, file });
    }
    return report;
  } catch (cause) {
    run.problems.push(problemOfError(cause, { kind: 'signature', file }));
    return undefined;
  }
}

function finishManifest(run: Run, descriptorName: string): void {
  const manifestName = siblingName(descriptorName, '.mf');
  const { manifest } = run.knowledge;
  if (manifest !== undefined) {
    const files = run.members.map((member) => verifiedFile(member, manifest));
    run.problems.push(...compareManifest({ manifest, manifestName, descriptorName }, files));
    return;
  }
  const message = 'The package has no manifest, so changes to it cannot be noticed';
  run.problems.push({ kind: 'digest', severity: 'info', code: 'MANIFEST_MISSING', message, file: manifestName });
}

async function finish(run: Run, disks: readonly PassedDisk[]): Promise<VerifyReport> {
  const { descriptorName, members, problems } = run;
  const { descriptor, manifest } = run.knowledge;
  if (descriptorName === undefined) {
    const message = 'The archive has no descriptor (.ovf)';
    problems.push({ kind: 'structure', severity: 'error', code: 'DESCRIPTOR_MISSING', message, file: '' });
  } else finishManifest(run, descriptorName);
  if (descriptor !== undefined && descriptorName !== undefined) {
    problems.push(...compareReferences({ descriptor, descriptorName }, members));
    problems.push(...disks.flatMap((disk) => compareDisk(disk, descriptor)));
  }
  const signature = descriptorName === undefined ? undefined : verifySignature(run, descriptorName);
  return {
    descriptorName,
    descriptor,
    files: members.map((member) => verifiedFile(member, manifest)),
    disks: disks.flatMap(({ reference, report }) =>
      report === undefined ? [] : [{ href: reference.href, kind: report.kind, capacity: report.capacity }],
    ),
    hasManifest: run.knowledge.manifest !== undefined,
    signature,
    problems,
  };
}

async function* membersOf(reader: PackageReader): AsyncGenerator<PassingMember, void, undefined> {
  const allocate = createRing();
  for (const { name, size } of reader.members)
    yield { name, size, bytes: reader.read(name, { start: 0, end: size, allocate }) };
}

async function verifyReader(reader: PackageReader, options: VerifyOptions): Promise<VerifyReport> {
  const run = createRun(
    options,
    reader.members.reduce((sum, { size }) => sum + size, 0),
  );
  const { descriptorName, members } = reader;
  const read = (name: string) => readAll(reader.read(name), maxTextSize);
  learnDescriptor(run, { name: descriptorName, bytes: await read(descriptorName) });
  const manifestName = siblingName(descriptorName, '.mf');
  const hasManifest = members.some(({ name }) => name === manifestName);
  if (hasManifest) learnManifest(run, { name: manifestName, bytes: await read(manifestName) });
  // nothing to compare digests with: none are computed
  else run.knowledge.manifest = noManifest;
  if (reader.kind === 'ova') run.problems.push(...compareOrder(descriptorName, members));
  await takeAll(run, membersOf(reader));
  if (!hasManifest) run.knowledge.manifest = undefined;
  return finish(run, await run.pass.disks());
}

const noManifest: Manifest = { entries: [] };

/**
 * Verifies an archive that comes as a stream, plain or compressed (gzip, xz, zstd), in one pass. What stands in front of
 * the descriptor is digested with every algorithm, because the manifest may come last.
 * @throws PackageError TAR_INVALID, COMPRESSION_INVALID when it is no archive at all; what `bytes` fails with
 */
export async function verifyStream(
  bytes: AsyncIterable<Uint8Array>,
  { file, ...options }: VerifyOptions & { readonly file: string },
): Promise<VerifyReport> {
  const run = createRun(options);
  try {
    await takeAll(run, readTar(unwrapped(bytes, { file })));
  } catch (cause) {
    if (run.members.length === 0) throw cause;
    run.problems.push(problemOfError(cause, { kind: 'structure', file }));
  }
  if (run.descriptorName !== undefined) run.problems.push(...compareOrder(run.descriptorName, run.members));
  return finish(run, await run.pass.disks());
}

async function isWrapped(path: string): Promise<boolean> {
  const handle = await open(path, 'r').catch(() => undefined);
  try {
    const head = Buffer.alloc(6);
    const { bytesRead } = (await handle?.read(head, 0, head.length, 0).catch(() => undefined)) ?? { bytesRead: 0 };
    return wrappingOf(head.subarray(0, bytesRead)) !== undefined;
  } finally {
    await handle?.close();
  }
}

/**
 * Verifies a package: the descriptor, that all its files are there and of their sizes, their digests, the signature of
 * the manifest, and the structure and capacity of its disks. All problems are reported, not only the first. Every byte
 * is read once (texts twice). A reader that is passed stays open.
 * @throws PackageError when there is no package to verify; the reason of `signal`
 */
export async function verifyPackage(
  source: string | PackageReader,
  options: VerifyOptions = {},
): Promise<VerifyReport> {
  if (typeof source !== 'string') return verifyReader(source, options);
  if (await isWrapped(source)) {
    const file = await openFile(source);
    try {
      return await verifyStream(file.read({ start: 0, end: file.size }), { ...options, file: source });
    } finally {
      await file.close();
    }
  }
  const reader = await openPackage(source);
  try {
    return await verifyReader(reader, options);
  } finally {
    await reader.close();
  }
}
