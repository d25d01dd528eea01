import { join } from 'node:path';
import { SessionError } from '@ovfkit/domain';

/** Of a file's name before its suffix; 255 is what common file systems take. */
const longest = 200;

/** With the flag `u` a pair is one character of its own. */
const isLone = /[\uD800-\uDFFF]/u;
const writtenLone = /%u([0-9A-F]{4})/;
const suffixes = ['.part', '.blob'] as const;

/** Where the bytes of a key lie, below the blob folder: `open` while they grow, `sealed` when they are final. */
export interface BlobPaths {
  readonly open: string;
  readonly sealed: string;
}

/**
 * The key `import/5f3a/disk.vmdk` becomes `import%2F5f3a%2Fdisk.vmdk.part`, later `….blob`: one flat folder, no key
 * leaves it, and a listing still reads well. The suffix keeps `..` and the key `a.part` harmless. A name too
 * long for a file is cut, all but its last piece being folders that end in `+`, which no encoded key contains.
 * @throws SessionError INVALID_ARGUMENT for an empty key
 */
export function blobPaths(key: string): BlobPaths {
  if (key === '') throw new SessionError('INVALID_ARGUMENT', 'A key is empty.');
  const name = encode(key);
  const pieces = Array.from({ length: Math.ceil(name.length / longest) }, (_, index) =>
    name.slice(index * longest, (index + 1) * longest),
  );
  const path = join(...pieces.slice(0, -1).map((piece) => `${piece}+`), pieces.at(-1) ?? '');
  return { open: `${path}.part`, sealed: `${path}.blob` };
}

/** The key of a path below the blob folder; nothing when no key gives it, as a file that someone else put there. */
export function keyOf(path: string): string | undefined {
  const suffix = suffixes.find((each) => path.endsWith(each));
  if (suffix === undefined) return undefined;
  const key = decode(path.slice(0, -suffix.length).replaceAll(/\+[/\\]/g, ''));
  if (key === undefined || key === '') return undefined;
  return Object.values(blobPaths(key)).includes(path) ? key : undefined;
}

/** encodeURIComponent refuses half a surrogate pair, which a JavaScript string may hold; that is written `%uD83D`. */
const encode = (key: string): string =>
  key.replaceAll(/[^A-Za-z0-9._-]/gu, (character) =>
    isLone.test(character)
      ? `%u${hex(character)}`
      : encodeURIComponent(character).replaceAll(/[!'()*~]/g, (each) => `%${hex(each)}`),
  );

const hex = (character: string): string => character.charCodeAt(0).toString(16).toUpperCase();

function decode(name: string): string | undefined {
  try {
    return name
      .split(writtenLone)
      .map((piece, index) =>
        index % 2 === 1 ? String.fromCharCode(Number.parseInt(piece, 16)) : decodeURIComponent(piece),
      )
      .join('');
  } catch {
    return undefined; // not percent-encoded: not our file
  }
}
