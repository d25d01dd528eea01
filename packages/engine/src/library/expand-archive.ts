import { SessionError } from '@ovfkit/domain';
import { isDescriptorName, PackageError } from '@ovfkit/package-format';
import { createHashing, type HashAlgorithm } from '@ovfkit/package-format/node';
import { blobKey } from '../blob-key.ts';
import type { Core } from '../core.ts';
import { hashed } from '../hashing.ts';
import { checkManifest } from '../manifest.ts';
import { takeMembers } from '../take-members.ts';
import { sidecarType } from '../upload/upload-archive.ts';
import type { Arrived } from './update-arrival.ts';

/** Whether a file of a package item is an archive, which the item has as its members. */
export const isArchiveName = (name: string): boolean => name.toLowerCase().endsWith('.ova');

/** An archive on its way into an update session. */
export interface Expanding {
  /** Of the session. */
  readonly id: string;
  readonly name: string;
  /** From its start; read to its end, for its digest. */
  readonly bytes: AsyncIterable<Uint8Array>;
  readonly algorithms: readonly HashAlgorithm[];
  /** Told the bytes of members so far. */
  readonly onBytes: (total: number) => void;
}

/**
 * Takes every member of an archive into a blob of its own, as it passes, and checks its manifest.
 * @throws PackageError when the archive is damaged; SessionError INVALID_ARGUMENT for a wrong digest
 */
export async function expandArchive(core: Core, expanding: Expanding): Promise<Arrived> {
  const { id, name, algorithms, onBytes } = expanding;
  const hashing = createHashing(algorithms);
  const taken = await takeMembers(core, {
    session: { kind: 'update', id },
    bytes: hashed(expanding.bytes, hashing),
    choose: (member, before) => {
      const isFirst = isDescriptorName(member.name) && before.every(({ fileType }) => fileType !== 'OVF');
      return { take: isFirst ? 'OVF' : (sidecarType(member.name) ?? 'CONTENT') };
    },
    entries: undefined,
    onBytes,
  });
  if (taken.every(({ fileType }) => fileType !== 'OVF'))
    throw new PackageError('DESCRIPTOR_MISSING', `The archive ${name} has no descriptor: no member ends in .ovf.`);
  const [fault] = (await checkManifest(core, { before: [], added: taken })).flatMap(({ issues = [] }) => issues);
  if (fault !== undefined)
    throw new SessionError('INVALID_ARGUMENT', fault.message.defaultMessage, { messages: [fault.message] });
  const content = taken.map(({ name: member, blob, size, sha256 }) => ({ name: member, blob, size, sha256 }));
  return { name, size: hashing.size(), digests: await hashing.digests(), content };
}

/** Where the bytes of members are counted while an archive passes. */
export const countKey = (id: string, name: string): string => blobKey({ kind: 'update', id }, name);
