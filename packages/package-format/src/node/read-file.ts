import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { PackageError } from '../errors.ts';
import type { FileReference } from '../ovf-types.ts';
import { type PackageReader, piecesOf } from '../package-read.ts';

async function* joined(reader: PackageReader, reference: FileReference): AsyncGenerator<Uint8Array, void, undefined> {
  const pieces = piecesOf(reader, reference);
  if (pieces.length === 0)
    throw new PackageError('FILE_MISSING', `The package has no file ${reference.href}`, { file: reference.href });
  for (const { name } of pieces) yield* reader.read(name);
}

async function* inflated(bytes: AsyncIterable<Uint8Array>, file: string): AsyncGenerator<Uint8Array, void, undefined> {
  const source = Readable.from(bytes, { objectMode: false });
  const gunzip = createGunzip({ chunkSize: 256 * 1024 });
  source.on('error', (cause) => gunzip.destroy(cause));
  try {
    for await (const part of source.pipe(gunzip)) yield part;
  } catch (cause) {
    throw cause instanceof PackageError
      ? cause
      : new PackageError('COMPRESSION_INVALID', `${file} is not whole gzip data`, { file, cause });
  } finally {
    source.destroy();
    gunzip.destroy();
  }
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
  else if (compression === 'gzip') yield* inflated(joined(reader, reference), href);
  else
    throw new PackageError(
      'COMPRESSION_UNSUPPORTED',
      `${href} is compressed with ${compression}, which is not supported`,
      { file: href },
    );
}
