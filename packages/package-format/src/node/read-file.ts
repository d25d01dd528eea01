import { PackageError } from '../errors.ts';
import type { FileReference } from '../ovf-types.ts';
import { type PackageReader, piecesOf } from '../package-read.ts';
import { decompressed } from './unwrap.ts';

async function* joined(reader: PackageReader, reference: FileReference): AsyncGenerator<Uint8Array, void, undefined> {
  const pieces = piecesOf(reader, reference);
  if (pieces.length === 0)
    throw new PackageError('FILE_MISSING', `The package has no file ${reference.href}`, { file: reference.href });
  for (const { name } of pieces) yield* reader.read(name);
}

/**
 * The plain bytes of a file of the descriptor: pieces joined, gzip undone. Memory does not depend on its size.
 * @throws PackageError FILE_MISSING, NAME_REFUSED, COMPRESSION_UNSUPPORTED, COMPRESSION_INVALID
 */
export async function* readFile(
  reader: PackageReader,
  reference: FileReference,
): AsyncGenerator<Uint8Array, void, undefined> {
  const { compression, href } = reference;
  if (compression === undefined) yield* joined(reader, reference);
  else if (compression === 'gzip') yield* decompressed(joined(reader, reference), { wrapping: 'gzip', file: href });
  else
    throw new PackageError(
      'COMPRESSION_UNSUPPORTED',
      `${href} is compressed with ${compression}, which is not supported`,
      { file: href },
    );
}
