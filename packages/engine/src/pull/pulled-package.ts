import type { FileType } from '@ovfkit/domain';
import { type ManifestEntry, PackageError, type TarMember } from '@ovfkit/package-format';
import { blobKey, type SessionAddress } from '../blob-key.ts';
import { abortable } from '../byte-stream.ts';
import type { Core } from '../core.ts';
import { meantBy } from '../href-names.ts';
import { algorithmsFor, type DigestedFile } from '../manifest.ts';
import { isText } from '../package-files.ts';
import { type Chooser, takeMembers } from '../take-members.ts';
import { fetchFile, type Origin, withUrl } from './fetch-file.ts';
import { streamArchive } from './remote-archive.ts';

/** A file to get out of a package that is pulled. */
export interface WantedFile {
  readonly name: string;
  readonly fileType: FileType;
  /** Where it lies; that of the archive for one of its members. */
  readonly url: string;
  readonly etag?: string | undefined;
}

/** How files are got: one by one, or out of an archive. */
export interface Getting {
  readonly core: Core;
  readonly session: SessionAddress;
  readonly origin: Origin;
  readonly entries: readonly ManifestEntry[] | undefined;
  readonly onStart: (name: string, etag: string | undefined) => Promise<void>;
}

/** Gets one file that has an address of its own, or whose place in an archive is known. */
export async function getFile(
  getting: Getting,
  { wanted, member }: { readonly wanted: WantedFile; readonly member?: TarMember | undefined },
): Promise<DigestedFile> {
  const { core } = getting;
  const { name, fileType, url, etag } = wanted;
  const blob = blobKey(getting.session, name);
  const fetched = await fetchFile(core, {
    ...getting.origin,
    url,
    blob,
    etag,
    algorithms: algorithmsFor(getting.entries, wanted),
    onStart: (seen) => getting.onStart(name, seen),
    ...(isText(fileType) ? { text: name } : {}),
    ...(member === undefined ? {} : { within: { offset: member.offset, size: member.size } }),
  });
  return { name, fileType, blob, ...fetched };
}

/** Where a file lies in an archive. @throws PackageError FILE_MISSING */
export function memberOf(members: readonly TarMember[], name: string): TarMember {
  const member = meantBy(name, members);
  if (member !== undefined) return member;
  throw new PackageError('FILE_MISSING', `The archive has no file ${name}`, { file: name });
}

/** Gets files out of an archive on a server without ranges, in one pass over all of it. @throws PackageError FILE_MISSING */
export async function getFromStream(getting: Getting, choose: Chooser): Promise<readonly DigestedFile[]> {
  const { core, origin, session, entries } = getting;
  try {
    const bytes = abortable(streamArchive(core, origin), origin.signal);
    return await takeMembers(core, { session, bytes, choose, entries });
  } catch (error) {
    throw withUrl(error, origin.url);
  }
}
