import {
  type Descriptor,
  type Finding,
  PackageError,
  type PackageReader,
  piecesOf,
  readAll,
  readDescriptor,
  readManifest,
  siblingName,
} from '@ovfkit/package-format';
import { digest, maxTextSize } from '@ovfkit/package-format/node';
import { digestMismatch, type ExpectedDigest } from './verified.ts';

/** A package that is worth sending. */
export interface CheckedPackage {
  readonly reader: PackageReader;
  /** Of the descriptor, of which nothing else is kept while the files are sent. */
  readonly files: Descriptor['files'];
  /** Absent without a manifest, or when it is not to be used. */
  readonly manifestName?: string;
  readonly certificateName?: string;
  /** What the manifest says, by the name of the file. */
  readonly digests: ReadonlyMap<string, readonly ExpectedDigest[]>;
  readonly warnings: readonly string[];
}

export interface CheckOptions {
  readonly verifyManifest: boolean;
  /** Leaves what the descriptor has wrong to the server. */
  readonly lax: boolean;
}

/**
 * Everything that can be told before a byte moves: the descriptor is sound, every file it names is there, the manifest can be read and fits
 * the descriptor. The other digests are compared while the files are sent.
 * @throws PackageError with every problem in its text; SessionError INVALID_ARGUMENT when the descriptor's digest differs
 */
export async function checkPackage(reader: PackageReader, options: CheckOptions): Promise<CheckedPackage> {
  const beginning = await checkBeginning(reader, options);
  return { ...beginning, warnings: checkFiles(reader, beginning) };
}

/** The same of a package of which only descriptor, manifest and certificate are there. Errors as `checkPackage`. */
export async function checkBeginning(
  reader: PackageReader,
  { verifyManifest, lax }: CheckOptions,
): Promise<CheckedPackage> {
  const file = reader.descriptorName;
  const descriptor = readDescriptor(await readAll(reader.read(file), maxTextSize), { file, lax });
  const manifestName = verifyManifest ? memberNamed(reader, siblingName(file, '.mf')) : undefined;
  const certificateName = manifestName === undefined ? undefined : memberNamed(reader, siblingName(file, '.cert'));
  const digests = manifestName === undefined ? new Map() : await readDigests(reader, manifestName);
  await checkDescriptorDigest(reader, digests.get(file) ?? []); // first: what is wrong with a changed descriptor came of the change
  refuseErrors(descriptor, file);
  return {
    reader,
    files: descriptor.files,
    digests,
    warnings: [],
    ...(manifestName === undefined ? {} : { manifestName }),
    ...(certificateName === undefined ? {} : { certificateName }),
  };
}

const memberNamed = ({ members }: PackageReader, name: string): string | undefined =>
  members.find((member) => member.name === name)?.name;

/** @throws PackageError DESCRIPTOR_INVALID with everything that is wrong */
function refuseErrors({ findings }: Descriptor, file: string): void {
  const errors = findings.filter(({ severity }) => severity === 'error');
  const [first] = errors;
  if (first === undefined) return;
  const text = errors.map((each) => `${placeOf(each, file)}: ${each.message}`).join('; ');
  throw new PackageError('DESCRIPTOR_INVALID', text, { file, line: first.line, column: first.column });
}

const placeOf = ({ line, column }: Finding, file: string): string => `${file}:${line}:${column}`;

/** A size that differs is a warning: descriptors are edited by hand more often than disks are cut. */
function checkFiles(reader: PackageReader, { files }: Pick<CheckedPackage, 'files'>): readonly string[] {
  const warnings: string[] = [];
  const missing: string[] = [];
  for (const reference of files) {
    if (/^[a-z][a-z0-9+.-]*:\/\//i.test(reference.href)) continue; // not part of the package: the server fetches it, or says why not
    const pieces = piecesOf(reader, reference);
    const size = pieces.reduce((sum, piece) => sum + piece.size, 0);
    if (pieces.length === 0) missing.push(reference.href);
    else if (reference.size !== undefined && reference.size !== size)
      warnings.push(`${reference.href} has ${size} bytes, its descriptor says ${reference.size}`);
  }
  const [first] = missing;
  if (first === undefined) return warnings;
  throw new PackageError('FILE_MISSING', `The package lacks ${missing.join(', ')}, which its descriptor names`, {
    file: first,
  });
}

async function readDigests(
  reader: PackageReader,
  manifestName: string,
): Promise<Map<string, readonly ExpectedDigest[]>> {
  const { entries } = readManifest(await readAll(reader.read(manifestName), maxTextSize), { file: manifestName });
  const digests = new Map<string, readonly ExpectedDigest[]>();
  for (const { name, algorithm, digest: hex } of entries)
    digests.set(name, [...(digests.get(name) ?? []), { algorithm, digest: hex }]);
  return digests;
}

async function checkDescriptorDigest(reader: PackageReader, expected: readonly ExpectedDigest[]): Promise<void> {
  for (const { algorithm, digest: hex } of expected) {
    const actual = await digest(reader.read(reader.descriptorName), algorithm);
    if (actual !== hex) throw digestMismatch(reader.descriptorName, { algorithm, expected: hex, actual });
  }
}
