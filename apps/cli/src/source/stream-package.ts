import { posix } from 'node:path';
import {
  beginsAsDescriptor,
  isDescriptorName,
  PackageError,
  type PackageMember,
  type PackageReader,
  randomAccessOf,
  readAll,
  readTar,
} from '@ovfkit/package-format';
import { maxTextSize, unwrapped } from '@ovfkit/package-format/node';

/** A package that went by. */
export interface StreamedPackage extends PackageReader {
  /** Whether it was nothing but a descriptor: then nobody knows which files lie beside it. */
  readonly isDescriptorOnly: boolean;
}

const keptNames = /\.(?:ovf|mf|cert|xml|msg|strings|properties)$/i;
const maxKept = 4 * maxTextSize;

/** A stream with its first chunk looked at: is it a descriptor alone, or an archive? */
export async function peekStream(
  bytes: AsyncIterable<Uint8Array>,
): Promise<{ readonly isDescriptorOnly: boolean; readonly all: AsyncIterable<Uint8Array> }> {
  const iterator = bytes[Symbol.asyncIterator]();
  const next = await iterator.next();
  const first: Uint8Array = next.done === true ? new Uint8Array() : next.value;
  async function* all(): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      yield first;
      for (let part = await iterator.next(); part.done !== true; part = await iterator.next()) yield part.value;
    } finally {
      await iterator.return?.();
    }
  }
  return { isDescriptorOnly: beginsAsDescriptor(first), all: all() };
}

function readerOf(
  members: readonly PackageMember[],
  kept: ReadonlyMap<string, Uint8Array>,
): Omit<PackageReader, 'kind' | 'descriptorName'> {
  return {
    members,
    async *read(name, range) {
      const bytes = kept.get(name);
      if (bytes === undefined)
        throw new PackageError('CANNOT_READ', `${name} has gone by: a stream is read once`, { file: name });
      yield* randomAccessOf(bytes).read(range ?? { start: 0, end: bytes.length });
    },
    close: async () => {},
  };
}

/**
 * Reads a package to its end: an archive, or a descriptor alone. Small texts are kept, disks are only counted; memory does
 * not grow with the package. `file` is what it is called in what is told of it.
 * @throws PackageError as readTar does, DESCRIPTOR_MISSING
 */
export async function readStreamedPackage(bytes: AsyncIterable<Uint8Array>, file: string): Promise<StreamedPackage> {
  const { isDescriptorOnly, all } = await peekStream(bytes);
  if (isDescriptorOnly) {
    const text = await readAll(all, maxTextSize);
    const name = isDescriptorName(file) ? posix.basename(file) : `${file}.ovf`;
    const reader = readerOf([{ name, size: text.length }], new Map([[name, text]]));
    return { ...reader, kind: 'ovf', descriptorName: name, isDescriptorOnly: true };
  }
  const members: PackageMember[] = [];
  const kept = new Map<string, Uint8Array>();
  let total = 0;
  for await (const { name, size, bytes: body } of readTar(unwrapped(all, { file }))) {
    members.push({ name, size });
    total += keptNames.test(name) ? size : 0;
    if (keptNames.test(name) && total <= maxKept) kept.set(name, await readAll(body, maxTextSize));
  }
  const descriptorName = members.find(({ name }) => isDescriptorName(name))?.name;
  if (descriptorName === undefined)
    throw new PackageError('DESCRIPTOR_MISSING', 'The archive has no descriptor (.ovf)');
  return { ...readerOf(members, kept), kind: 'ova', descriptorName, isDescriptorOnly: false };
}
