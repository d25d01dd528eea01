import { SessionError } from '@ovfkit/domain';

/**
 * The address of a file that a descriptor names, resolved against the descriptor's own (contract, 14.20). A path stays
 * below the descriptor's folder: what lies beside it is not the package's.
 * @throws SessionError INVALID_ARGUMENT for a path that leaves the folder, and for anything but http and https
 */
export function urlOf(href: string, base: string): string {
  const isAddress = URL.canParse(href);
  const url = URL.parse(isAddress ? href : escaped(href), base);
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:'))
    throw new SessionError('INVALID_ARGUMENT', `The file ${href} has no address that can be fetched.`);
  const folder = new URL('.', base);
  const isBelow = url.origin === folder.origin && url.pathname.startsWith(folder.pathname);
  if (isBelow || isAddress) return url.href;
  throw new SessionError('INVALID_ARGUMENT', `The path of the file ${href} leaves the folder of its package.`);
}

/** Writers put names of files as they are where a URI belongs: `#` and `?` begin nothing, and `%` only an escape. */
const escaped = (name: string): string =>
  name
    .replaceAll(/%(?![0-9a-f]{2})/gi, '%25')
    .replaceAll('#', '%23')
    .replaceAll('?', '%3F');

/** An address as it may be told: without user name, password and query, by which it may be signed. */
export function shownUrl(url: string): string {
  const shown = URL.parse(url);
  if (shown === null || (shown.username === '' && shown.password === '' && shown.search === '')) return url;
  shown.username = '';
  shown.password = '';
  shown.search = '';
  return shown.href;
}

// A fragment never goes over the wire, so it can say of an address what kind of thing it names.
const archiveMark = '#archive';

/** The address of an archive, as the files that are its members carry it. */
export const pulledArchive = (url: string): string => `${url.replace(/#.*$/s, '')}${archiveMark}`;

/** The address of the archive a file is a member of; nothing for a file with an address of its own. */
export const archiveOf = (url: string): string | undefined =>
  url.endsWith(archiveMark) ? url.slice(0, -archiveMark.length) : undefined;
