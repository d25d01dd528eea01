import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { pipeline, Readable } from 'node:stream';
import { createGzip } from 'node:zlib';
import { isArchivePath, observed, type PackageTarget, type PlannedFile } from './write-package.ts';

/** A file that waits beside its package. */
export interface SpooledFile extends PlannedFile {
  /** Any part of it, as often as one likes. */
  readPart(range: { readonly start: number; readonly end: number }): AsyncIterable<Uint8Array>;
  /** Removes it, once it is in the package. */
  release(): Promise<void>;
}

const chunkSize = 1024 ** 2;

/**
 * Writes a file beside the target, for its size has to be known before it goes into the package. It is gone when the package is there,
 * or was given up.
 */
export async function spooled(
  file: Omit<PlannedFile, 'size'> & { readonly size?: number | undefined },
  { path, files: out, report }: PackageTarget,
): Promise<SpooledFile> {
  const place = isArchivePath(path) ? `${path}.${file.name.replaceAll('/', '_')}` : join(path, `${file.name}.spool`);
  const source = { ...file, name: `${file.name} (prepare)` };
  const size = await out.write(place, observed(source, { report, onDigest: () => {} }));
  const part = out.partOf(place);
  return {
    name: file.name,
    size,
    mtime: file.mtime,
    read: () => createReadStream(part, { highWaterMark: chunkSize }),
    readPart: ({ start, end }) =>
      start === end ? Readable.from([]) : createReadStream(part, { start, end: end - 1, highWaterMark: chunkSize }),
    release: () => out.drop(place),
  };
}

/** The bytes as gzip packs them. */
export async function* gzipped(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  const gzip = createGzip({ chunkSize: 256 * 1024 });
  const done = new Promise<void>((resolve, reject) => {
    pipeline(Readable.from(bytes, { objectMode: false }), gzip, (error) => (error ? reject(error) : resolve()));
  });
  done.catch(() => {}); // the loop fails with the same error
  for await (const part of gzip) yield part;
  await done;
}
