import { readAll } from '../bytes.ts';
import { PackageError } from '../errors.ts';
import type { DigestAlgorithm } from '../manifest.ts';
import { foldName } from '../name.ts';
import { type DescriptorEdit, editDescriptor } from '../ovf-edit.ts';
import { isSealName, type PackageMember, piecesOf, siblingName } from '../package-read.ts';
import { orderMembers } from '../package-write.ts';
import type { SigningIdentity } from './certificate-sign.ts';
import type { OnMismatch } from './compared.ts';
import { makeCertificate } from './make-certificate.ts';
import { maxTextSize } from './open.ts';
import {
  copied,
  type PackagePart,
  type PackageStorage,
  type PackageWatch,
  type PlannedMember,
  partOf,
  type Spool,
} from './package-parts.ts';
import { once, type PackageSource } from './package-source.ts';

/** What the new package is to be like. */
export interface PackageOptions extends PackageStorage, PackageWatch {
  /** Of a new manifest. When absent, the manifest stays while nothing else changes, or its algorithm does; SHA256 when there was none. */
  readonly digest?: DigestAlgorithm | undefined;
  /** Changes to the descriptor. */
  readonly edits?: readonly DescriptorEdit[] | undefined;
  /** Members to leave out. The descriptor may not refer to them any more. */
  readonly without?: ReadonlySet<string> | undefined;
  /** Signs the manifest; a certificate that is there is replaced. */
  readonly identity?: SigningIdentity | undefined;
  /** Told of files whose digest differs from the manifest of the source, in place of refusing them. */
  readonly onMismatch?: OnMismatch | undefined;
}

/** All members but those that are made of them: descriptor, seals that stay, files. */
export interface PackagePlan {
  readonly descriptorName: string;
  readonly members: readonly PlannedMember[];
  /** Of the manifest to make; absent when the old one stays. */
  readonly algorithm?: DigestAlgorithm | undefined;
  /** A certificate that would be false in the new package. */
  readonly dropped: readonly string[];
}

const planned = (name: string, bytes: Uint8Array): PlannedMember => ({
  name,
  size: bytes.length,
  stated: [],
  read: () => once(bytes),
});

/** Members that References does not name. */
function otherMembers(source: PackageSource): readonly PackageMember[] {
  const { descriptorName, descriptor, members } = source;
  const mentioned = new Set([
    descriptorName,
    ...descriptor.files.flatMap((file) => piecesOf(source, file).map(({ name }) => name)),
  ]);
  return members.filter(({ name }) => !mentioned.has(name) && !isSealName(descriptorName, name));
}

/** Manifest and certificate as they are, or signed anew: they are worth something only while nothing changes. */
async function keptSeals(source: PackageSource, { identity }: PackageOptions): Promise<readonly PlannedMember[]> {
  const { descriptorName, members, readCompared: read } = source;
  const kept = async (name: string) => planned(name, await readAll(read(name), maxTextSize));
  const manifest = await kept(siblingName(descriptorName, '.mf'));
  if (identity !== undefined) {
    const { name, bytes } = await makeCertificate({ descriptorName, members, read }, identity);
    return [manifest, planned(name, bytes)];
  }
  const certificateName = siblingName(descriptorName, '.cert');
  return members.some(({ name }) => name === certificateName) ? [manifest, await kept(certificateName)] : [manifest];
}

/** Every file of References in its new form; one that several elements name, once. */
async function partsOf(
  source: PackageSource,
  { options, spool }: { readonly options: PackageOptions; readonly spool: Spool },
): Promise<{ readonly members: readonly PlannedMember[]; readonly edits: readonly DescriptorEdit[] }> {
  const parts = new Map<string, PackagePart>();
  const edits: DescriptorEdit[] = [];
  const { descriptorName, descriptor } = source;
  // some writers list the seals in References as well
  for (const file of descriptor.files.filter(({ href }) => !isSealName(descriptorName, href))) {
    const part = parts.get(file.href) ?? (await partOf(file, { source, storage: options, spool, watch: options }));
    parts.set(file.href, part);
    if (part.change !== undefined) edits.push({ type: 'setFile', id: file.id, ...part.change });
  }
  return { members: [...parts.values()].flatMap(({ members }) => members), edits };
}

function refuseDuplicates(members: readonly PlannedMember[]): void {
  const seen = new Set<string>();
  for (const { name } of members) {
    if (seen.has(foldName(name)))
      throw new PackageError('FILE_EXISTS', `${name} would be in the package twice`, { file: name });
    seen.add(foldName(name));
  }
}

function descriptorMember(source: PackageSource, edits: readonly DescriptorEdit[]): PlannedMember {
  const { descriptorName, descriptor, text } = source;
  const edited = edits.length === 0 ? text : new TextEncoder().encode(editDescriptor(descriptor, edits));
  return planned(descriptorName, edited);
}

/**
 * Plans a package. Files that change their compression, or whose size nobody knows, are written to the spool at once.
 * @throws PackageError FILE_MISSING, COMPRESSION_UNSUPPORTED, COMPRESSION_INVALID, VALUE_INVALID, FILE_EXISTS
 */
export async function planPackage(
  source: PackageSource,
  { options, spool }: { readonly options: PackageOptions; readonly spool: Spool },
): Promise<PackagePlan> {
  const { descriptorName, descriptor, entries, members, isEdited } = source;
  const { chunkSize, digest, without } = options;
  if (chunkSize !== undefined && (!Number.isSafeInteger(chunkSize) || chunkSize < 1))
    throw new PackageError('VALUE_INVALID', `Pieces of ${chunkSize} bytes cannot be made`);
  const { members: files, edits } = await partsOf(source, { options, spool });
  const rest = [...files, ...copied(otherMembers(source), source)].filter(({ name }) => without?.has(name) !== true);
  const isKept = edits.length === 0 && !isEdited && digest === undefined && entries.length > 0;
  const sealed = isKept ? await keptSeals(source, options) : [];
  const hrefs = new Map(edits.flatMap((edit) => (edit.type === 'setFile' ? [[edit.id, edit.href]] : [])));
  const renamed = descriptor.files.map((file) => ({ ...file, href: hrefs.get(file.id) ?? file.href }));
  const all = [descriptorMember(source, edits), ...sealed, ...rest];
  refuseDuplicates(all);
  const certificateName = siblingName(descriptorName, '.cert');
  const isDropped = !isKept && options.identity === undefined && members.some(({ name }) => name === certificateName);
  return {
    descriptorName,
    members: orderMembers(all, { descriptorName, descriptor: { ...descriptor, files: renamed } }),
    algorithm: isKept ? undefined : (digest ?? entries[0]?.algorithm ?? 'SHA256'),
    dropped: isDropped ? [certificateName] : [],
  };
}
