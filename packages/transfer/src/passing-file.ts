import { PackageError, type ReadPart, type TarEntry } from '@ovfkit/package-format';
import type { FileSource } from './sources.ts';
import type { ExpectedDigest } from './verified.ts';

/** More than is on its way at once, so that after a break it can be sent again. */
const keptSize = 16 * 1024 * 1024;

interface Passing {
  readonly expected: readonly ExpectedDigest[];
  /** Awaited before whoever reads the last byte is told that it was the last. */
  readonly beforeEnd: () => Promise<void>;
}

/** A member of an archive that goes by once, of which the last bytes are kept. One reads it at a time. */
export function createPassingFile({ name, size, bytes }: TarEntry, { expected, beforeEnd }: Passing): FileSource {
  const passing = bytes[Symbol.asyncIterator]();
  const kept: { readonly start: number; readonly chunk: Uint8Array }[] = [];
  let position = 0;
  let pulling: Promise<void> | undefined;

  const from = (): number => kept[0]?.start ?? position;
  const pull = async (): Promise<void> => {
    const next = await passing.next();
    if (next.done === true) throw new PackageError('TRUNCATED', `${name} ends in the middle`, { file: name });
    kept.push({ start: position, chunk: next.value });
    position += next.value.length;
    for (let [, second] = kept; second !== undefined && position - second.start >= keptSize; [, second] = kept)
      kept.shift();
  };
  // a reader that gave up may still wait for its chunk: the next one waits for the same
  const pulled = (): Promise<void> => {
    pulling ??= pull().finally(() => {
      pulling = undefined;
    });
    return pulling;
  };

  async function* read({ start, end }: ReadPart): AsyncGenerator<Uint8Array, void, undefined> {
    for (let at = start; at < end; ) {
      while (position <= at) await pulled();
      const found = kept.findLast((each) => each.start <= at);
      if (found === undefined)
        throw new PackageError('CANNOT_READ', `${name} has gone by: a stream is read once`, { file: name });
      const piece = found.chunk.subarray(at - found.start, end - found.start);
      yield piece;
      at += piece.length;
    }
    if (end === size) await beforeEnd();
  }
  return { name, size, expected, from, read };
}
