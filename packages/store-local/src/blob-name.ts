import { sep } from 'node:path';
import { SessionError } from '@ovfkit/domain';

/** Of a piece of a path before its suffix; 255 is what common file systems take. */
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
 * The key `import/5f3a/disk.vmdk` becomes `import%2F+/5f3a%2F+/disk.vmdk.part`, later `….blob`: what begins alike lies in
 * one folder, no key leaves the folder of all, and a listing still reads well. Folders end in `+`, which no encoded key
 * contains; the suffix keeps `..` and the key `a.part` harmless. A segment too long for a name is cut into several.
 * @throws SessionError INVALID_ARGUMENT for an empty key
 */
export function blobPaths(key: string): BlobPaths {
  if (key === '') throw new SessionError('INVALID_ARGUMENT', 'A key is empty.');
  const pieces = piecesOf(encode(key));
  // no `join`: it would read dots
  const path = [...pieces.slice(0, -1).map(inFolder), pieces.at(-1) ?? ''].join(sep);
  return { open: `${path}.part`, sealed: `${path}.blob` };
}

/** The deepest folder that holds every key beginning with `prefix`, and maybe others; empty for the folder of all. */
export const blobFolder = (prefix: string): string =>
  piecesOf(encode(prefix.slice(0, prefix.lastIndexOf('/') + 1)))
    .slice(0, -1)
    .map(inFolder)
    .join(sep);

/** Cut behind each slash; the last piece is empty when the key ends in one. */
const piecesOf = (name: string): readonly string[] =>
  name
    .split(/(?<=%2F)/)
    .flatMap((segment) => segment.match(new RegExp(`.{1,${longest}}`, 'g')) ?? [])
    .concat(name.endsWith('%2F') ? [''] : []);

const inFolder = (piece: string): string => `${piece}+`;

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
