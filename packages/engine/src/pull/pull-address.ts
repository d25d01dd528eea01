import { SessionError } from '@ovfkit/domain';

/**
 * The address of a file that a descriptor names, resolved against the descriptor's own (contract, 14.20).
 * @throws SessionError INVALID_ARGUMENT for anything but http and https
 */
export function urlOf(href: string, base: string): string {
  const url = URL.parse(href, base);
  if (url !== null && (url.protocol === 'http:' || url.protocol === 'https:')) return url.href;
  throw new SessionError('INVALID_ARGUMENT', `The file ${href} has no address that can be fetched.`);
}

// A fragment never goes over the wire, so it can say of an address what kind of thing it names.
const archiveMark = '#archive';

/** The address of an archive, as the files that are its members carry it. */
export const pulledArchive = (url: string): string => `${url.replace(/#.*$/s, '')}${archiveMark}`;

/** The address of the archive a file is a member of; nothing for a file with an address of its own. */
export const archiveOf = (url: string): string | undefined =>
  url.endsWith(archiveMark) ? url.slice(0, -archiveMark.length) : undefined;
