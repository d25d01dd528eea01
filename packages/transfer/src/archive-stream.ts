import {
  isDescriptorName,
  PackageError,
  type PackageReader,
  randomAccessOf,
  readAll,
  readTar,
  type TarEntry,
} from '@ovfkit/package-format';
import { maxTextSize } from '@ovfkit/package-format/node';

/** An archive that goes by once. */
export interface ArchiveStream {
  /** Its beginning, in memory: the descriptor, and what of texts stands in front of the first other member. */
  readonly beginning: PackageReader;
  /** What comes behind that, once. The body of each has to be read before the next is asked for. */
  readonly rest: AsyncIterator<TarEntry, void>;
}

const maxBeginning = 4 * maxTextSize;
const texts = /\.(?:ovf|mf|cert|xml|msg|strings|properties)$/i;

const isBeginning = ({ name, size }: TarEntry, left: number): boolean =>
  isDescriptorName(name) || (texts.test(name) && size <= Math.min(left, maxTextSize));

/**
 * Reads the beginning of an archive. Whoever owns `bytes` ends them.
 * @throws PackageError DESCRIPTOR_MISSING when a disk comes before the descriptor, TOO_LARGE for a descriptor, or as `readTar`
 */
export async function openArchiveStream(bytes: AsyncIterable<Uint8Array>): Promise<ArchiveStream> {
  const entries = readTar(bytes);
  const kept = new Map<string, Uint8Array>();
  let left = maxBeginning;
  let first = await entries.next();
  for (; first.done !== true && isBeginning(first.value, left); first = await entries.next()) {
    const { name, size, bytes: body } = first.value;
    left -= size;
    kept.set(name, await readAll(body, maxTextSize));
  }
  const behind = first;
  async function* rest(): AsyncGenerator<TarEntry, void, undefined> {
    if (behind.done === true) return;
    yield behind.value;
    yield* entries;
  }
  return { beginning: readerOf(kept), rest: rest() };
}

function readerOf(kept: ReadonlyMap<string, Uint8Array>): PackageReader {
  const descriptorName = [...kept.keys()].find(isDescriptorName);
  if (descriptorName === undefined)
    throw new PackageError(
      'DESCRIPTOR_MISSING',
      'An archive that goes by once has to begin with its descriptor (.ovf); this one does not.',
    );
  return {
    kind: 'ova',
    descriptorName,
    members: [...kept].map(([name, { length: size }]) => ({ name, size })),
    read(name, range) {
      const bytes = kept.get(name);
      if (bytes === undefined)
        throw new PackageError('CANNOT_READ', `${name} is not in the beginning of the archive`, { file: name });
      return randomAccessOf(bytes).read(range ?? { start: 0, end: bytes.length });
    },
    close: async () => {},
  };
}
