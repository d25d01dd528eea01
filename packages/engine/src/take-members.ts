import type { FileType } from '@ovfkit/domain';
import { type ManifestEntry, readTar, type TarMember } from '@ovfkit/package-format';
import { createHashing } from '@ovfkit/package-format/node';
import { blobKey, type SessionAddress } from './blob-key.ts';
import { observed, textTooLarge } from './byte-stream.ts';
import type { Core } from './core.ts';
import { hashed } from './hashing.ts';
import { algorithmsFor, type DigestedFile, manifestEntries } from './manifest.ts';
import { isText } from './package-files.ts';

/** What to do with a member of an archive; `as` is its name in the descriptor, where that is another. */
export type Choice = { readonly take: FileType; readonly as?: string } | 'skip' | 'stop';

/** Asked for each member in order, with what was taken before it. */
export type Chooser = (member: TarMember, taken: readonly DigestedFile[]) => Choice;

/** Takes what the descriptor names; an archive may have it under both spellings of the name, of which the first counts. */
export const takenOnce = (
  { name, fileType }: { readonly name: string; readonly fileType: FileType },
  taken: readonly DigestedFile[],
): Choice => (taken.some((each) => each.name === name) ? 'skip' : { take: fileType, as: name });

/** One pass over an archive. */
export interface Taking {
  readonly session: SessionAddress;
  /** The archive from its start. */
  readonly bytes: AsyncIterable<Uint8Array>;
  readonly choose: Chooser;
  /** Of a manifest that is here already. */
  readonly entries: readonly ManifestEntry[] | undefined;
  /** Told the bytes taken so far, all members together. */
  readonly onBytes?: (total: number) => void;
}

/**
 * Takes members out of an archive as it passes, each into a blob of its own, sealed. What a blob held before is gone.
 * Stops reading as soon as `choose` says so.
 * @throws PackageError when the archive is damaged; errors of `bytes` as they come
 */
export async function takeMembers(core: Core, taking: Taking): Promise<readonly DigestedFile[]> {
  const taken: DigestedFile[] = [];
  let total = 0;
  for await (const member of readTar(taking.bytes)) {
    const choice = taking.choose(member, taken);
    if (choice === 'stop') break;
    if (choice === 'skip') continue;
    const { take, as: name = member.name } = choice;
    if (isText(take) && member.size > core.limits.textSize) throw textTooLarge(member.name);
    const before = total;
    const bytes = observed(member.bytes, (size) => taking.onBytes?.(before + size));
    const entries = taking.entries ?? (await manifestEntries(core, taken));
    const key = blobKey(taking.session, name);
    const file = { name, fileType: take, blob: key };
    const hashing = createHashing(algorithmsFor(entries, file));
    await core.writers.hold(key, async () => {
      await core.blobs.delete(key);
      await core.blobs.append(key, 0, hashed(bytes, hashing));
      await core.blobs.seal(key, (await hashing.digests()).get('SHA256') ?? '');
    });
    const digests = await hashing.digests();
    taken.push({ ...file, size: member.size, sha256: digests.get('SHA256') ?? '', digests });
    total += member.size;
  }
  return taken;
}
