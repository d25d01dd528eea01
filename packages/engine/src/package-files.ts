import type { FileType, ImportCreateSpec, SessionFile } from '@ovfkit/domain';
import {
  type Descriptor,
  type FileReference,
  hostResourceTarget,
  PackageError,
  pieceName,
  systemsOf,
} from '@ovfkit/package-format';
import type { Core } from './core.ts';

/** One file that moves: a file of References, or one piece of a chunked one. */
export interface PackageFile {
  readonly name: string;
  readonly reference: FileReference;
  readonly fileType: Extract<FileType, 'MSG_BUNDLE' | 'DISK' | 'NVRAM' | 'CONTENT'>;
  /** Bytes; undefined when the descriptor does not say. */
  readonly size: number | undefined;
}

/**
 * Every file that the references name, in their order, each name once.
 * @throws PackageError VALUE_INVALID for a chunked file without a size: the number of its pieces is not known; TOO_LARGE for too
 *   many files, and for a name too long
 */
export function packageFiles(
  descriptor: Descriptor,
  references: readonly FileReference[] = descriptor.files,
): readonly PackageFile[] {
  const named = new Map<string, PackageFile>();
  for (const reference of references)
    for (const piece of piecesOf(descriptor, reference)) {
      if (piece.name.length > longestName) throw tooLong(piece.name);
      if (!named.has(piece.name)) named.set(piece.name, piece);
      if (named.size > mostFiles) throw tooMany(mostFiles);
    }
  return [...named.values()];
}

const texts: ReadonlySet<FileType> = new Set(['OVF', 'MANIFEST', 'CERT', 'MSG_BUNDLE']);

/** Whether files of a type are read whole, and so have a limit. */
export const isText = (fileType: FileType): boolean => texts.has(fileType);

/** As many as an archive may have members. */
const mostFiles = 65_536;

const tooMany = (count: number): PackageError =>
  new PackageError('TOO_LARGE', `The package has more than ${count} files, the most that are taken.`);

/** Names come back in every answer, twice each; a URL may be one, with all that is in it. */
const longestName = 4096;

const tooLong = (name: string): PackageError =>
  new PackageError('TOO_LARGE', `The name of a file, ${name.slice(0, 20)}…, is longer than ${longestName} characters.`);

/** @throws PackageError TOO_LARGE when the package has more files than the limits of `core` allow */
export function checkMembers({ limits }: Core, descriptor: Descriptor): void {
  if (packageFiles(descriptor).length > limits.members) throw tooMany(limits.members);
}

function piecesOf(descriptor: Descriptor, reference: FileReference): readonly PackageFile[] {
  const { href, size, chunkSize } = reference;
  const fileType = fileTypeOf(descriptor, reference);
  // one piece keeps its own name: writers leave a file that is smaller than a chunk whole
  if (chunkSize === undefined || (size !== undefined && size <= chunkSize))
    return [{ name: href, reference, fileType, size }];
  if (size === undefined || chunkSize === 0)
    throw new PackageError('VALUE_INVALID', `The file ${href} has pieces but no usable size`, { file: href });
  // a terabyte in pieces of one byte each is a line of text, and would be all of the memory
  const pieces = Math.ceil(size / chunkSize);
  if (pieces > mostFiles) throw tooMany(mostFiles);
  return Array.from({ length: pieces }, (_, index) => ({
    name: pieceName(href, index),
    reference,
    fileType,
    size: Math.min(chunkSize, size - index * chunkSize),
  }));
}

function fileTypeOf(descriptor: Descriptor, { id, href }: FileReference): PackageFile['fileType'] {
  if (descriptor.bundles.some(({ fileRef }) => fileRef === id)) return 'MSG_BUNDLE';
  if (descriptor.disks.some(({ fileRef }) => fileRef === id)) return 'DISK';
  return href.toLowerCase().endsWith('.nvram') || nvramIds(descriptor).has(id) ? 'NVRAM' : 'CONTENT';
}

/** Firmware variables are named by an extra configuration: `nvram` = `ovf:/file/ID`. */
function nvramIds({ content }: Descriptor): ReadonlySet<string> {
  const ids = systemsOf(content)
    .flatMap(({ hardware }) => hardware.flatMap(({ extraConfig }) => extraConfig))
    .filter(({ key }) => key === 'nvram')
    .map(({ value }) => hostResourceTarget(value)?.id);
  return new Set(ids.filter((id) => id !== undefined));
}

/** An entry whose bytes have not begun to arrive. */
export const waitingFile = (
  file: Pick<SessionFile, 'name' | 'fileType'> & Partial<Pick<SessionFile, 'size' | 'url' | 'optionalUpload'>>,
): SessionFile => ({
  optionalUpload: false,
  status: 'waiting',
  size: 0,
  bytesTransferred: 0,
  sha256: '',
  ...file,
});

/** The first entry of a session: the descriptor, or for an archive the part that holds it. */
export function firstFile(spec: ImportCreateSpec): SessionFile {
  if (spec.pushSourceContentType === 'OVA_SOURCE') return waitingFile({ name: 'descriptor.ova', fileType: 'OVA' });
  return waitingFile({ name: 'descriptor.ovf', fileType: 'OVF' });
}

/** Whether the client sends one archive, and not the files of a package. */
export const isArchivePush = (spec: ImportCreateSpec): boolean =>
  spec.sourceType === 'PUSH_SOURCE' && spec.pushSourceContentType === 'OVA_SOURCE';

/** The entries of a push once its descriptor is known; `before` is the list so far (contract, section 11.2). */
export function filesOfPush(
  { descriptor, spec }: { readonly descriptor: Descriptor; readonly spec: ImportCreateSpec },
  before: readonly SessionFile[],
): readonly SessionFile[] {
  const files = packageFiles(descriptor);
  if (isArchivePush(spec)) return [...before, ...archiveParts(files)];
  const taken = new Set(before.map(({ name }) => name));
  const clash = files.find(({ name }) => taken.has(name));
  if (clash !== undefined)
    throw new PackageError('NAME_REFUSED', `The name ${clash.name} is kept for the descriptor itself`, {
      file: clash.name,
    });
  return [...before, ...files.map(toEntry), ...optionalFiles({ files, spec })];
}

const toEntry = ({ name, fileType, size }: PackageFile): SessionFile =>
  waitingFile({ name, fileType, size: size ?? 0 });

/** Manifest and certificate, by names that no file of the package has. */
function optionalFiles({ files, spec }: { readonly files: readonly PackageFile[]; readonly spec: ImportCreateSpec }) {
  const free = (stem: string, extension: string): string =>
    files.some(({ name }) => name === `${stem}${extension}`) ? free(`${stem}-`, extension) : `${stem}${extension}`;
  const option = spec.pushSourceOvfOption ?? 'NONE';
  const manifest = waitingFile({ name: free('descriptor', '.mf'), fileType: 'MANIFEST', optionalUpload: true });
  const certificate = waitingFile({ name: free('descriptor', '.cert'), fileType: 'CERT', optionalUpload: true });
  if (option === 'MANIFEST_CERTIFICATE') return [manifest, certificate];
  return option === 'MANIFEST' ? [manifest] : [];
}

function archiveParts(files: readonly PackageFile[]): readonly SessionFile[] {
  const bundles = files.filter(({ fileType }) => fileType === 'MSG_BUNDLE');
  const others = files.filter(({ fileType }) => fileType !== 'MSG_BUNDLE');
  const part = (name: string, of: readonly PackageFile[]) =>
    of.length === 0 ? [] : [waitingFile({ name, fileType: 'OVA', size: totalSize(of) })];
  return [...part('message-bundle.ova', bundles), ...part('disk-content.ova', others)];
}

const totalSize = (files: readonly PackageFile[]): number => files.reduce((total, { size }) => total + (size ?? 0), 0);

/**
 * The entries that remain once the deployment option is known. What arrived already keeps its state; a required file
 * that no system of the option uses drops out.
 */
export function filesOfChoice(
  { descriptor, needed }: { readonly descriptor: Descriptor; readonly needed: readonly FileReference[] },
  before: readonly SessionFile[],
): readonly SessionFile[] {
  const all = new Set(packageFiles(descriptor).map(({ name }) => name));
  const kept = new Set(packageFiles(descriptor, needed).map(({ name }) => name));
  return before.filter(({ name, fileType }) => fileType === 'OVF' || !all.has(name) || kept.has(name));
}
