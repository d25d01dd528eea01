import { readdir, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join, sep } from 'node:path';
import { readAll } from '../bytes.ts';
import { PackageError } from '../errors.ts';
import { nameProblem } from '../name.ts';
import { readDescriptor } from '../ovf-read.ts';
import type { FileReference } from '../ovf-types.ts';
import {
  beginsAsDescriptor,
  isArchivePath,
  isDescriptorName,
  locateMember,
  namesOfHref,
  openOva,
  type PackageMember,
  type PackageReader,
  pieceName,
  siblingName,
} from '../package-read.ts';
import { type OpenFile, openFile } from './file.ts';
import { openWrapped } from './open-wrapped.ts';
import { wrappingOf } from './unwrap.ts';

/** What tells archives, wrapped ones and descriptors apart. */
const headSize = 64;

/** Descriptors, manifests and bundles are read whole, so they have an end: 16 MiB. */
export const maxTextSize = 16 * 1024 * 1024;

function isMissing(cause: unknown): boolean {
  return cause instanceof Error && 'code' in cause && (cause.code === 'ENOENT' || cause.code === 'ENOTDIR');
}

/** undefined when there is no such file. Links that lead out of the folder are refused, whoever made them. */
async function findMember(folder: string, name: string): Promise<PackageMember | undefined> {
  const path = join(folder, name);
  try {
    const real = await realpath(path);
    if (!real.startsWith(folder.endsWith(sep) ? folder : folder + sep)) {
      throw new PackageError('NAME_REFUSED', `${name} is a link that leads out of the package`, { file: name });
    }
    const stats = await stat(real);
    return stats.isFile() ? { name, size: stats.size } : undefined;
  } catch (cause) {
    if (isMissing(cause)) return undefined;
    throw cause instanceof PackageError
      ? cause
      : new PackageError('CANNOT_READ', `${path} cannot be read`, { file: name, cause });
  }
}

/** The member of that name, or the pieces it is cut into; nothing for a name that leaves the folder. */
async function findPieces(folder: string, name: string): Promise<readonly PackageMember[]> {
  if (nameProblem(name) !== undefined) return [];
  const whole = await findMember(folder, name);
  if (whole !== undefined) return [whole];
  const pieces: PackageMember[] = [];
  for (let index = 0; ; index += 1) {
    const piece = await findMember(folder, pieceName(name, index));
    if (piece === undefined) return pieces;
    pieces.push(piece);
  }
}

/** What there is of a file, under its href as it stands or percent-decoded. */
async function findFile(folder: string, { href }: FileReference): Promise<readonly PackageMember[]> {
  for (const name of namesOfHref(href)) {
    const pieces = await findPieces(folder, name);
    if (pieces.length > 0) return pieces;
  }
  return [];
}

async function readWhole(file: OpenFile): Promise<Uint8Array> {
  try {
    return await readAll(file.read({ start: 0, end: file.size }), maxTextSize);
  } finally {
    await file.close();
  }
}

async function listMembers(folder: string, descriptorName: string): Promise<readonly PackageMember[]> {
  const file = await openFile(join(folder, descriptorName));
  const size = file.size;
  const descriptor = readDescriptor(await readWhole(file), { file: descriptorName });
  const members = new Map<string, PackageMember>([[descriptorName, { name: descriptorName, size }]]);
  for (const extension of ['.mf', '.cert'] as const) {
    const sibling = await findMember(folder, siblingName(descriptorName, extension));
    if (sibling !== undefined) members.set(sibling.name, sibling);
  }
  for (const reference of descriptor.files) {
    for (const piece of await findFile(folder, reference)) members.set(piece.name, piece);
  }
  return [...members.values()];
}

async function openFolder(folder: string, descriptorName: string): Promise<PackageReader> {
  const root = await realpath(folder);
  const members = await listMembers(root, descriptorName);
  return {
    kind: 'ovf',
    descriptorName,
    members,
    async *read(name, part) {
      const { range } = locateMember(members, { name, range: part });
      const file = await openFile(join(root, name));
      try {
        yield* file.read({ ...range, allocate: part?.allocate });
      } finally {
        await file.close();
      }
    },
    close: async () => {},
  };
}

/** An archive, or a descriptor under another name. */
async function openByContent(path: string): Promise<PackageReader> {
  const file = await openFile(path);
  try {
    const head = await readAll(file.read({ start: 0, end: Math.min(file.size, headSize) }), headSize);
    if (beginsAsDescriptor(head) && !isArchivePath(path)) {
      await file.close();
      return await openFolder(dirname(path), basename(path));
    }
    const wrapping = wrappingOf(head);
    if (wrapping !== undefined) return await openWrapped({ file, wrapping, name: path });
    const reader = await openOva(file);
    return { ...reader, close: () => file.close() };
  } catch (cause) {
    await file.close();
    throw cause;
  }
}

/** @throws PackageError DESCRIPTOR_MISSING or DESCRIPTOR_AMBIGUOUS when the folder has not exactly one descriptor */
async function findDescriptor(folder: string): Promise<string> {
  const [name, second] = (await readdir(folder)).filter(isDescriptorName).toSorted();
  if (name === undefined)
    throw new PackageError('DESCRIPTOR_MISSING', `${folder} has no descriptor (.ovf)`, { file: folder });
  if (second !== undefined)
    throw new PackageError('DESCRIPTOR_AMBIGUOUS', `${folder} has more than one descriptor: ${name}, ${second}`, {
      file: folder,
    });
  return name;
}

/**
 * Opens a package on disk: a folder with one descriptor, a descriptor (under any name) with its neighbours, or an archive, which is
 * indexed by seeking; one that is compressed as a whole (gzip, xz, zstd) is decompressed to be listed, and again by a read that
 * goes back in it. Files that
 * are missing are simply no members. The caller closes the reader.
 * @throws PackageError CANNOT_READ, DESCRIPTOR_*, TAR_*, COMPRESSION_INVALID, XML_* and others, naming the file
 */
export async function openPackage(path: string): Promise<PackageReader> {
  const stats = await stat(path).catch((cause: unknown) => {
    throw new PackageError('CANNOT_READ', isMissing(cause) ? `${path} does not exist` : `${path} cannot be read`, {
      file: path,
      cause,
    });
  });
  if (stats.isDirectory()) return openFolder(path, await findDescriptor(path));
  return isDescriptorName(path) ? openFolder(dirname(path), basename(path)) : openByContent(path);
}
