import {
  beginsAsDescriptor,
  isDescriptorName,
  namesOfHref,
  openOva,
  PackageError,
  type PackageMember,
  type PackageReader,
  pieceName,
  readAll,
  readDescriptor,
  siblingName,
} from '@ovfkit/package-format';
import { isArchivePath, maxTextSize, wrappingOf } from '@ovfkit/package-format/node';
import { CliError } from '../errors.ts';
import type { HttpOptions } from './http-client.ts';
import { type HttpFile, openHttpFile } from './http-file.ts';
import { readStreamedPackage } from './stream-package.ts';
import { redactUrl, shownPath } from './url.ts';

/** The last part of the path, as a file name. */
function nameOf({ pathname }: URL): string {
  const last = pathname.split('/').at(-1) ?? '';
  try {
    return decodeURIComponent(last);
  } catch {
    return last; // a bare percent sign
  }
}

async function openNeighbour(
  name: string,
  { base, options }: { base: URL; options: HttpOptions },
): Promise<HttpFile | undefined> {
  const url = new URL(name.split('/').map(encodeURIComponent).join('/'), base);
  if (url.host !== base.host) return undefined;
  // a signature in the query may cover the whole folder
  url.search = base.search;
  url.username = base.username;
  url.password = base.password;
  try {
    return await openHttpFile(url, options);
  } catch (error) {
    if (error instanceof CliError && (error.status === 403 || error.status === 404)) return undefined;
    throw error;
  }
}

/** Finds the files beside a descriptor: one request for each, which also tells its size. */
async function findNeighbours(
  names: readonly (readonly string[])[],
  open: (name: string) => Promise<HttpFile | undefined>,
): Promise<ReadonlyMap<string, HttpFile>> {
  const found = new Map<string, HttpFile>();
  for (const spellings of names) {
    for (const name of spellings) {
      const file = found.get(name) ?? (await open(name));
      if (file === undefined) continue;
      found.set(name, file);
      break;
    }
  }
  return found;
}

async function openFolder(file: HttpFile, options: HttpOptions): Promise<HttpPackage> {
  const descriptorName = nameOf(file.url);
  // other files may be gzip of their own
  if (file.encoding !== undefined && file.encoding !== 'identity')
    throw new CliError(
      'network',
      `${redactUrl(file.url)} is sent as ${file.encoding}, though it was asked for as it is`,
      {
        hint: 'Have that server send packages without Content-Encoding; or fetch the package first, and give its path.',
      },
    );
  const text = await readAll(file.whole ?? file.read({ start: 0, end: file.size }), maxTextSize);
  const descriptor = readDescriptor(text, { file: descriptorName });
  const hrefs = descriptor.files.map(({ href, chunkSize, size }) => {
    const pieces = chunkSize === undefined || size === undefined ? 0 : Math.min(Math.ceil(size / chunkSize), 10_000);
    return { names: namesOfHref(href), pieces: Array.from({ length: pieces }, (_, index) => pieceName(href, index)) };
  });
  const wanted = [
    [siblingName(descriptorName, '.mf')],
    [siblingName(descriptorName, '.cert')],
    ...hrefs.flatMap(({ names, pieces }) => (pieces.length === 0 ? [names] : pieces.map((piece) => [piece]))),
  ];
  const files = await findNeighbours(wanted, (name) => openNeighbour(name, { base: file.url, options }));
  const members: readonly PackageMember[] = [
    { name: descriptorName, size: text.length },
    ...[...files].map(([name, { size }]) => ({ name, size })),
  ];
  const reader: PackageReader = {
    kind: 'ovf',
    descriptorName,
    members,
    async *read(name, range) {
      if (name === descriptorName) return yield text.slice(range?.start, range?.end);
      const neighbour = files.get(name);
      if (neighbour === undefined)
        throw new PackageError('FILE_MISSING', `The package has no file ${name}`, { file: name });
      // one of unknown size goes by once
      yield* neighbour.whole !== undefined && neighbour.size === 0
        ? neighbour.whole
        : neighbour.read(range ?? { start: 0, end: neighbour.size });
    },
    close: async () => {
      for (const each of [file, ...files.values()]) each.close();
    },
  };
  return {
    kind: 'package',
    reader,
    at: { descriptor: file.url.href, files: new Map([...files].map(([name, { url }]) => [name, url.href])) },
    versions: [file, ...files.values()].map(({ version }) => version),
  };
}

/** What tells archives, compressed ones and descriptors apart. */
async function headOf(file: HttpFile): Promise<Uint8Array> {
  const end = Math.min(64, file.size);
  return readAll(file.read({ start: 0, end }), end);
}

/** Where others fetch a package: an address for each file beside its descriptor, or that of the archive. */
export type PackageAddress =
  | { readonly descriptor: string; readonly files: ReadonlyMap<string, string> }
  | { readonly archive: string };

interface HttpPackage {
  readonly kind: 'package';
  readonly reader: PackageReader;
  readonly at: PackageAddress;
  /** Of its files; others when one of them is another. */
  readonly versions: readonly string[];
}

/** A package at a server: one that can be read anywhere, or an archive that goes by once. The caller closes either. */
export type HttpSource =
  | HttpPackage
  | { readonly kind: 'stream'; readonly bytes: AsyncIterable<Uint8Array>; close(): Promise<void> };

/** Opens a package at a server: a descriptor with its neighbours, or an archive, of which no more than its index is read. */
export async function openHttpSource(address: string, options: HttpOptions): Promise<HttpSource> {
  const file = await openHttpFile(new URL(address), options);
  const close = async (): Promise<void> => file.close();
  try {
    if (isDescriptorName(file.url.pathname) || isDescriptorName(new URL(address).pathname))
      return await openFolder(file, options);
    if (file.whole !== undefined) return { kind: 'stream', bytes: file.whole, close };
    const head = await headOf(file);
    if (beginsAsDescriptor(head) && !isArchivePath(file.url.pathname)) return await openFolder(file, options);
    // a compressed archive cannot be read from anywhere: it is read once
    const isWrapped = wrappingOf(head) !== undefined;
    if (isWrapped) return { kind: 'stream', bytes: file.read({ start: 0, end: file.size }), close };
    const reader = { ...(await openOva(file)), close };
    return { kind: 'package', reader, at: { archive: file.url.href }, versions: [file.version] };
  } catch (error) {
    file.close();
    throw error;
  }
}

/** The same as a package in every case: what goes by is read to its end, and its disks are only counted. */
export async function openHttpPackage(address: string, options: HttpOptions): Promise<PackageReader> {
  const source = await openHttpSource(address, options);
  if (source.kind === 'package') return source.reader;
  const { bytes, close } = source;
  try {
    return { ...(await readStreamedPackage(bytes, shownPath(address))), close };
  } catch (error) {
    await close();
    throw error;
  }
}
