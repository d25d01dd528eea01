import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { DigestAlgorithm } from '../manifest.ts';
import { isArchivePath, type PackageReader } from '../package-read.ts';
import { writeOva } from '../package-write.ts';
import { type TarInputEntry, tarLayout } from '../tar-write.ts';
import { compared, type OnMismatch } from './compared.ts';
import {
  createOutputFiles,
  type OutputFiles,
  type OutputFilesOptions,
  withOutputFiles,
  writeFile,
} from './output-files.ts';
import { type PackageWatch, type PlannedMember, type Spool, told } from './package-parts.ts';
import { type PackageOptions, type PackagePlan, planPackage } from './package-plan.ts';
import { createSeals, type Seal } from './package-seals.ts';
import { manifestEntries, once, openPackageSource, type PackageInput } from './package-source.ts';
import { createRing } from './ring.ts';

/** Where a package goes, and what it is to be like. */
export interface WritePackageOptions extends PackageOptions, OutputFilesOptions {
  /** An archive when it ends in `.ova`, else a folder. */
  readonly path: string;
}

/** What was written. Sizes are bytes. */
export interface WrittenPackage {
  /** Of the archive, or of all files. */
  readonly size: number;
  /** As they stand in the package. */
  readonly members: readonly { readonly name: string; readonly size: number }[];
  /** Of the manifest that was made; absent when the manifest is the one that was there. */
  readonly algorithm?: DigestAlgorithm | undefined;
  /** A certificate that was left out, for it signed the manifest as it was. */
  readonly dropped: readonly string[];
}

const facts = ({ name, size }: { readonly name: string; readonly size: number }) => ({ name, size });
const sealFacts = ({ name, bytes }: Seal) => ({ name, size: bytes.length });

interface Job {
  readonly plan: PackagePlan;
  readonly options: PackageOptions;
}

/** The seals of a job, and the bytes of its members on their way to the package. */
function sealing({ plan: { descriptorName, algorithm }, options }: Job) {
  const { identity, onMismatch } = options;
  const seals = createSeals({ descriptorName, algorithm, identity, onMismatch });
  const bytesOf = (member: PlannedMember) =>
    told(seals.bytesOf(member, member.read()), {
      file: member.name,
      phase: 'write',
      size: member.size,
      watch: options,
    });
  const inputOf = (member: PlannedMember): TarInputEntry => ({ ...facts(member), bytes: bytesOf(member) });
  const sealInput = (seal: Seal): TarInputEntry => ({ ...sealFacts(seal), bytes: once(seal.bytes) });
  return { ...seals, bytesOf, inputOf, sealInput };
}

const written = (
  { algorithm, dropped }: PackagePlan,
  of: Pick<WrittenPackage, 'size' | 'members'>,
): WrittenPackage => ({
  ...of,
  algorithm,
  dropped,
});

async function writeArchive(job: Job, { path, files }: { path: string; files: OutputFiles }): Promise<WrittenPackage> {
  const { plan, options } = job;
  const { rooms, made, inputOf, sealInput } = sealing(job);
  const kept = rooms(plan.members);
  const [descriptor, ...rest] = plan.members;
  const entries = [
    ...(descriptor === undefined ? [] : [inputOf(descriptor)]),
    ...kept.map(sealInput),
    ...rest.map(inputOf),
  ];
  const { members } = tarLayout(entries);
  const size = await writeFile(files, { path, bytes: writeOva(entries), signal: options.signal });
  for (const { name, bytes } of made(kept))
    await files.patch(path, { offset: members.find((member) => member.name === name)?.offset ?? 0, bytes });
  return written(plan, { size, members: members.map(facts) });
}

async function writeFolder(job: Job, { path, files }: { path: string; files: OutputFiles }): Promise<WrittenPackage> {
  const { plan } = job;
  const { made, bytesOf } = sealing(job);
  const members: { readonly name: string; readonly size: number }[] = [];
  const put = async (name: string, bytes: AsyncIterable<Uint8Array>): Promise<void> => {
    members.push({ name, size: await writeFile(files, { path: join(path, name), bytes }) });
  };
  for (const member of plan.members) await put(member.name, bytesOf(member));
  for (const { name, bytes } of made()) await put(name, once(bytes));
  return written(plan, { size: members.reduce((sum, { size }) => sum + size, 0), members });
}

async function planned(
  input: PackageInput,
  {
    options,
    spool,
    allocate,
  }: { options: PackageOptions; spool: Spool; allocate?: ((size: number) => Uint8Array) | undefined },
): Promise<Job> {
  const { edits, onMismatch } = options;
  const source = await openPackageSource(input, { edits, onMismatch, allocate });
  return { plan: await planPackage(source, { options, spool }), options };
}

/**
 * Writes a package, made of another one or of a descriptor and files, as an archive or a folder. Members stand as DSP0243 demands, digests of
 * the source are compared and those of the new manifest made in one pass; a file whose compression changes, or whose size nobody knows, is
 * first written beside the target. All files appear at once, or none. Memory does not depend on sizes.
 * @throws PackageError DIGEST_MISMATCH, FILE_EXISTS, FILE_MISSING, CANNOT_WRITE, and what reading the source does; the reason of `signal`
 */
export async function writePackage(input: PackageInput, options: WritePackageOptions): Promise<WrittenPackage> {
  const { path, signal } = options;
  const isArchive = isArchivePath(path);
  return withOutputFiles(options, async (files) => {
    const prefix = isArchive ? `${path}.` : join(resolve(path), '/');
    // a chunk is written before the next one is asked for, so its memory can be used again
    const allocate = createRing();
    const job = await planned(input, { options, spool: { files, prefix, allocate }, allocate });
    const result = await (isArchive ? writeArchive(job, { path, files }) : writeFolder(job, { path, files }));
    signal?.throwIfAborted();
    return result;
  });
}

/**
 * The bytes of an archive, for a pipe, in chunks that stay valid: manifest and certificate stand at its end, where DSP0243 allows them as well, because a pipe cannot be
 * filled in afterwards. Files whose compression changes wait in the system's folder for temporary files.
 * @returns what was written
 * @throws PackageError as {@link writePackage} does; digests that differ are found when their bytes have gone
 */
export async function* streamPackage(
  input: PackageInput,
  options: PackageOptions = {},
): AsyncGenerator<Uint8Array, WrittenPackage, undefined> {
  const folder = await mkdtemp(join(tmpdir(), 'ovfkit-'));
  const files = createOutputFiles();
  try {
    const job = await planned(input, { options, spool: { files, prefix: join(folder, '/') } });
    const { plan } = job;
    const { made, inputOf, sealInput } = sealing(job);
    const members = plan.members.map(facts);
    async function* entries(): AsyncGenerator<TarInputEntry, void, undefined> {
      for (const member of plan.members) yield inputOf(member);
      for (const seal of made()) {
        members.push(sealFacts(seal));
        yield sealInput(seal);
      }
    }
    let size = 0;
    for await (const chunk of writeOva(entries())) {
      yield chunk;
      size += chunk.length;
    }
    return written(plan, { size, members });
  } finally {
    await files.discard();
    await rm(folder, { recursive: true, force: true });
  }
}

/** How to compare. */
export interface CheckManifestOptions extends PackageWatch {
  /** Told of files whose digest differs, in place of refusing them. */
  readonly onMismatch?: OnMismatch | undefined;
}

/**
 * Compares every file that the manifest of a package lists; does nothing when there is no manifest. Files that it lists and the package does
 * not have are passed over.
 * @throws PackageError DIGEST_MISMATCH, MANIFEST_INVALID; the reason of `signal`
 */
export async function checkManifest(
  reader: PackageReader,
  { onMismatch, ...watch }: CheckManifestOptions = {},
): Promise<void> {
  const entries = await manifestEntries(reader);
  for (const { name, size } of reader.members) {
    const stated = entries.filter((entry) => entry.name === name);
    if (stated.length === 0) continue;
    const bytes = compared(reader.read(name), { stated, onMismatch });
    // nothing is done with the bytes: what matters happens on their way
    for await (const _ of told(bytes, { file: name, phase: 'write', size, watch }));
  }
}
