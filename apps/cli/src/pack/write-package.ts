import { join } from 'node:path';
import {
  type DigestAlgorithm,
  type ManifestEntry,
  readAll,
  siblingName,
  type TarInputEntry,
  tarLayout,
  writeManifest,
  writeOva,
} from '@ovfkit/package-format';
import { digested, maxTextSize } from '@ovfkit/package-format/node';
import { CliError } from '../errors.ts';
import type { Report } from '../output/report.ts';
import type { OutputFiles } from './output-files.ts';

/** A file on its way into a package. `read` may be called once. */
export interface PlannedFile {
  readonly name: string;
  readonly size: number;
  readonly mtime?: number | undefined;
  read(): AsyncIterable<Uint8Array>;
  /** What the digest has to be; a file that differs is refused. */
  readonly expected?: readonly ManifestEntry[] | undefined;
  /** Told of a digest that differs, in place of refusing it. */
  readonly onMismatch?: ((entry: ManifestEntry, actual: string) => void) | undefined;
}

/** A package to write: the descriptor first, the rest in order, without manifest. */
export interface PackagePlan {
  readonly descriptorName: string;
  readonly files: readonly PlannedFile[];
  /** Of the manifest to make; none is made when absent. */
  readonly algorithm?: DigestAlgorithm | undefined;
}

/** Where to. A path that ends in `.ova` is an archive, any other a folder. */
export interface PackageTarget {
  readonly path: string;
  readonly files: OutputFiles;
  readonly report: Report;
}

/** The manifest of what was written; undefined when none was asked for. */
export interface WrittenPackage {
  readonly manifest?: string | undefined;
  readonly size: number;
}

/** Whether a path means an archive. */
export function isArchivePath(path: string): boolean {
  return path.toLowerCase().endsWith('.ova');
}

const digestSizes: Readonly<Record<DigestAlgorithm, number>> = { SHA1: 40, SHA256: 64, SHA384: 96, SHA512: 128 };

/** @throws CliError of the class verificationFailed, with both digests */
export function checkDigest(actual: string, { name, digest, algorithm }: ManifestEntry, size: number): void {
  if (actual === digest) return;
  throw new CliError('verificationFailed', `${name} does not match its digest`, {
    details: [`manifest  ${algorithm} ${digest}`, `actual    ${algorithm} ${actual}`, `bytes     ${size}`],
    hint: 'The package is damaged or was changed; get it again.',
  });
}

/** The bytes of a file, told to the report, digested and compared on the way. */
export async function* observed(
  file: Omit<PlannedFile, 'size'> & { readonly size?: number | undefined },
  {
    algorithm,
    report,
    onDigest,
  }: { algorithm?: DigestAlgorithm | undefined; report: Report; onDigest: (hex: string) => void },
): AsyncGenerator<Uint8Array, void, undefined> {
  const { name, size, expected = [], onMismatch } = file;
  const algorithms = [...expected.map((entry) => entry.algorithm), ...(algorithm === undefined ? [] : [algorithm])];
  let transferred = 0;
  report.event({ type: 'file', name, transferred, size });
  const bytes = digested(file.read(), algorithms, (digests) => {
    for (const entry of expected) {
      const actual = digests.get(entry.algorithm) ?? '';
      if (onMismatch === undefined) checkDigest(actual, entry, transferred);
      else if (actual !== entry.digest) onMismatch(entry, actual);
    }
    if (algorithm !== undefined) onDigest(digests.get(algorithm) ?? '');
  });
  for await (const chunk of bytes) {
    yield chunk;
    transferred += chunk.length;
    report.event({ type: 'file', name, transferred, size });
  }
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array, void, undefined> {
  yield bytes;
}

interface Digesting {
  readonly plan: PackagePlan;
  readonly report: Report;
}

/** Hands out each file's bytes and gathers the entries of the manifest. */
function createEntries({ plan, report }: Digesting) {
  const entries: ManifestEntry[] = [];
  const { algorithm } = plan;
  return {
    bytesOf: (file: PlannedFile) =>
      observed(file, {
        algorithm,
        report,
        onDigest: (digest) => {
          if (algorithm !== undefined) entries.push({ name: file.name, algorithm, digest });
        },
      }),
    manifest: () => (algorithm === undefined ? undefined : writeManifest(entries)),
  };
}

/** The manifest stands before what it digests: its room is kept, and filled in when all bytes have passed. */
async function writeArchive(plan: PackagePlan, { path, files: out, report }: PackageTarget): Promise<WrittenPackage> {
  const { algorithm, files } = plan;
  const { bytesOf, manifest } = createEntries({ plan, report });
  const inputOf = (file: PlannedFile): TarInputEntry => ({
    name: file.name,
    size: file.size,
    mtime: file.mtime,
    bytes: bytesOf(file),
  });
  if (algorithm === undefined) return { size: await out.write(path, writeOva(files.map(inputOf))) };
  const name = siblingName(plan.descriptorName, '.mf');
  const dummy = '0'.repeat(digestSizes[algorithm]);
  const room = new TextEncoder().encode(
    writeManifest(files.map((file) => ({ name: file.name, algorithm, digest: dummy }))),
  );
  const [first, ...rest] = files.map(inputOf);
  const all = [...(first === undefined ? [] : [first]), { name, size: room.length, bytes: once(room) }, ...rest];
  const offset = tarLayout(all).members.find((member) => member.name === name)?.offset ?? 0;
  const size = await out.write(path, writeOva(all));
  const text = manifest() ?? '';
  await out.patch(path, { offset, bytes: new TextEncoder().encode(text) });
  return { manifest: text, size };
}

async function writeFolder(plan: PackagePlan, { path, files: out, report }: PackageTarget): Promise<WrittenPackage> {
  const { bytesOf, manifest } = createEntries({ plan, report });
  const [descriptor, ...rest] = plan.files;
  let size = 0;
  // who sees the descriptor sees the whole package: it is read first, and gets its name last
  const text = descriptor === undefined ? undefined : await readAll(bytesOf(descriptor), maxTextSize);
  for (const file of rest) size += await out.write(join(path, file.name), bytesOf(file));
  const manifestText = manifest();
  if (manifestText !== undefined) {
    const name = siblingName(plan.descriptorName, '.mf');
    size += await out.write(join(path, name), once(new TextEncoder().encode(manifestText)));
  }
  if (text !== undefined) size += await out.write(join(path, plan.descriptorName), once(text));
  return { manifest: manifestText, size };
}

/**
 * Writes a package as an archive or a folder in one pass over its bytes.
 * @throws CliError verificationFailed for a digest that differs; PackageError
 */
export async function writePackage(plan: PackagePlan, target: PackageTarget): Promise<WrittenPackage> {
  return isArchivePath(target.path) ? writeArchive(plan, target) : writeFolder(plan, target);
}
