// A manifest has one line per file, in DSP0243's form `SHA256(disk.vmdk)= 0af3…`. Also seen: `SHA1 (disk.vmdk) = 0AF3…`,
// `SHA2-256(disk.vmdk)=0af3…`, CRLF, a byte order mark, a line twice, no newline at the end.
import { PackageError } from './errors.ts';

/** Digest algorithms a manifest can name. */
export const digestAlgorithms = ['SHA1', 'SHA256', 'SHA384', 'SHA512'] as const;

/** One of {@link digestAlgorithms}, spelled as in a manifest. */
export type DigestAlgorithm = (typeof digestAlgorithms)[number];

/** The digest of one file, in lower-case hexadecimal. */
export interface ManifestEntry {
  readonly name: string;
  readonly algorithm: DigestAlgorithm;
  readonly digest: string;
}

/** A manifest, in the order of its lines. */
export interface Manifest {
  readonly entries: readonly ManifestEntry[];
}

const digestLengths: Readonly<Record<DigestAlgorithm, number>> = { SHA1: 40, SHA256: 64, SHA384: 96, SHA512: 128 };
const maxLineLength = 4096;
const line = /^\s*([A-Za-z][A-Za-z0-9-]*)\s*\((.*)\)\s*=\s*(\S*)\s*$/s;
const utf8 = new TextDecoder('utf-8', { fatal: true });

/** The algorithm a manifest means: `SHA-256`, `SHA2-256` and `sha256` are all SHA256. */
export function toAlgorithm(text: string): DigestAlgorithm | undefined {
  const plain = text
    .toUpperCase()
    .replace(/^SHA-?2-/, 'SHA')
    .replaceAll('-', '');
  return digestAlgorithms.find((algorithm) => algorithm === plain);
}

function decode(text: string | Uint8Array, file: string | undefined): string {
  if (typeof text === 'string') return text.replace(/^\uFEFF/, '');
  try {
    return utf8.decode(text);
  } catch (cause) {
    throw new PackageError('ENCODING_INVALID', 'The manifest is not UTF-8', { file, cause });
  }
}

function readLine({ text, place }: { text: string; place: { file: string | undefined; line: number } }): ManifestEntry {
  // a longer line is no manifest's, and would make the search below slow
  const [, algorithmText, name, hex] = text.length > maxLineLength ? [] : (line.exec(text) ?? []);
  if (algorithmText === undefined || name === undefined || hex === undefined || name === '') {
    throw new PackageError(
      'MANIFEST_INVALID',
      `Line ${place.line} of the manifest is not ALGORITHM(file)= digest`,
      place,
    );
  }
  const algorithm = toAlgorithm(algorithmText);
  if (algorithm === undefined) {
    throw new PackageError(
      'MANIFEST_INVALID',
      `The manifest uses the unknown digest algorithm ${algorithmText}`,
      place,
    );
  }
  if (hex.length !== digestLengths[algorithm] || !/^[0-9a-fA-F]+$/.test(hex)) {
    throw new PackageError(
      'MANIFEST_INVALID',
      `The digest of ${name} is not ${digestLengths[algorithm]} hexadecimal digits`,
      place,
    );
  }
  return { name, algorithm, digest: hex.toLowerCase() };
}

/**
 * Reads every manifest dialect in use. A file may be listed twice, with one algorithm, only if the digests agree.
 * @throws PackageError MANIFEST_INVALID with the line, ENCODING_INVALID
 */
export function readManifest(
  text: string | Uint8Array,
  { file }: { readonly file?: string | undefined } = {},
): Manifest {
  const entries = new Map<string, ManifestEntry>();
  for (const [index, lineText] of decode(text, file)
    .split(/\r\n|\n|\r/)
    .entries()) {
    if (lineText.trim() === '') continue;
    const place = { file, line: index + 1 };
    const entry = readLine({ text: lineText, place });
    const key = `${entry.algorithm} ${entry.name}`;
    const known = entries.get(key);
    if (known !== undefined && known.digest !== entry.digest) {
      throw new PackageError('MANIFEST_INVALID', `The manifest has two digests for ${entry.name}`, place);
    }
    if (known === undefined) entries.set(key, entry);
  }
  return { entries: [...entries.values()] };
}

/**
 * The strict form of DSP0243, one line per entry, each ended by a newline.
 * @throws PackageError VALUE_INVALID for a name or digest that would not be read back
 */
export function writeManifest(entries: Iterable<ManifestEntry>): string {
  let text = '';
  for (const { name, algorithm, digest } of entries) {
    if (
      name === '' ||
      /[\r\n]/.test(name) ||
      digest.length !== digestLengths[algorithm] ||
      !/^[0-9a-f]+$/.test(digest)
    ) {
      throw new PackageError(
        'VALUE_INVALID',
        `A manifest cannot hold ${JSON.stringify(name)} with the digest ${digest}`,
      );
    }
    text += `${algorithm}(${name})= ${digest}\n`;
  }
  return text;
}
