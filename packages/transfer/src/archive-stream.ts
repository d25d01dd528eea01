import { isDescriptorName, PackageError, readAll, readTar } from '@ovfkit/package-format';
import { maxTextSize } from '@ovfkit/package-format/node';

/** An archive that goes by once, with its beginning kept: descriptor, and what of texts stands in front of the first disk. */
export interface ArchiveStream {
  readonly descriptorName: string;
  readonly descriptor: Uint8Array;
  /** The beginning alone, as often as it is asked for. */
  beginning(): AsyncIterable<Uint8Array>;
  /** All of it, once: the beginning again and then what still comes. */
  all(): AsyncIterable<Uint8Array>;
}

const maxBeginning = 4 * maxTextSize;
const texts = /\.(?:ovf|mf|cert|xml|msg|strings|properties)$/i;

/**
 * Reads an archive up to the first member that is no text. Whoever owns `bytes` ends them.
 * @throws PackageError DESCRIPTOR_MISSING when a disk comes before the descriptor, TOO_LARGE, or as `readTar`
 */
export async function openArchiveStream(bytes: AsyncIterable<Uint8Array>): Promise<ArchiveStream> {
  const source = bytes[Symbol.asyncIterator]();
  const kept: Uint8Array[] = [];
  let size = 0;
  // not ended when reading stops: the rest of the archive comes later
  const recorded: AsyncIterable<Uint8Array> = {
    [Symbol.asyncIterator]: () => ({
      async next() {
        const next = await source.next();
        if (next.done === true) return { done: true, value: undefined };
        kept.push(next.value);
        size += next.value.length;
        if (size > maxBeginning)
          throw new PackageError(
            'TOO_LARGE',
            `The archive has more than ${maxBeginning} bytes in front of its first disk.`,
          );
        return { done: false, value: next.value };
      },
    }),
  };
  let found: { readonly name: string; readonly text: Uint8Array } | undefined;
  for await (const { name, bytes: body } of readTar(recorded)) {
    if (!texts.test(name)) break;
    if (found === undefined && isDescriptorName(name)) found = { name, text: await readAll(body, maxTextSize) };
  }
  if (found === undefined)
    throw new PackageError(
      'DESCRIPTOR_MISSING',
      'An archive that goes by once has to begin with its descriptor (.ovf); this one does not.',
    );
  async function* beginning(): AsyncGenerator<Uint8Array, void, undefined> {
    yield* kept;
  }
  async function* all(): AsyncGenerator<Uint8Array, void, undefined> {
    while (kept.length > 0) {
      const [chunk = new Uint8Array()] = kept.splice(0, 1);
      yield chunk;
    }
    for (let next = await source.next(); next.done !== true; next = await source.next()) yield next.value;
  }
  return { descriptorName: found.name, descriptor: found.text, beginning, all };
}
