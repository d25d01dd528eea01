import { join } from './sample-bytes.ts';

// ustar: a header of 512 bytes, the file, zeros up to the next multiple of 512; two blocks of zeros end the archive.

const block = 512;

/** A file of an archive, whole: samples are small. */
export interface SampleFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** The files in one ustar archive. Names are ASCII of at most 100 characters. */
export const writeArchive = (files: readonly SampleFile[]): Uint8Array =>
  join([
    ...files.flatMap(({ name, bytes }) => [headerOf(name, bytes.length), padded(bytes)]),
    new Uint8Array(2 * block),
  ]);

/** The files of an archive without extended headers. */
export function readArchive(archive: Uint8Array): readonly SampleFile[] {
  const files: SampleFile[] = [];
  let offset = 0;
  while (offset + block <= archive.length && archive[offset] !== 0) {
    const size = Number.parseInt(textAt(archive, { start: offset + 124, end: offset + 135 }), 8);
    const start = offset + block;
    files.push({
      name: textAt(archive, { start: offset, end: offset + 100 }),
      bytes: archive.subarray(start, start + size),
    });
    offset = start + Math.ceil(size / block) * block;
  }
  return files;
}

function headerOf(name: string, size: number): Uint8Array {
  const header = new Uint8Array(block);
  const octal = (value: number, digits: number) => value.toString(8).padStart(digits, '0');
  const put = (at: number, text: string) => header.set(new TextEncoder().encode(text), at);
  put(0, name);
  put(100, `${octal(0o644, 7)}\0${octal(0, 7)}\0${octal(0, 7)}\0`);
  put(124, `${octal(size, 11)}\0${octal(0, 11)}\0`);
  put(148, ' '.repeat(8)); // the checksum counts itself as spaces
  put(156, '0'); // a plain file
  put(257, 'ustar\u000000');
  const sum = header.reduce((total, byte) => total + byte, 0);
  put(148, `${octal(sum, 6)}\0 `);
  return header;
}

function padded(bytes: Uint8Array): Uint8Array {
  const whole = new Uint8Array(Math.ceil(bytes.length / block) * block);
  whole.set(bytes);
  return whole;
}

const textAt = (bytes: Uint8Array, { start, end }: { readonly start: number; readonly end: number }): string =>
  new TextDecoder().decode(bytes.subarray(start, end)).split('\0', 1)[0] ?? '';
