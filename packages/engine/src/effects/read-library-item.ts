import type { SessionFile, SessionMember } from '@ovfkit/domain';
import { type Descriptor, PackageError } from '@ovfkit/package-format';
import { checkSourceItem, membersOf, readItemDescriptor } from '../library/item-package.ts';
import { manifestEntries, unlistedWarnings } from '../manifest.ts';
import { packageFiles, waitingFile } from '../package-files.ts';
import { reportFindings } from '../problem.ts';
import type { Receiver } from '../receiver.ts';

/**
 * Takes the files of a library item as they are now: nothing is copied, and a later change of the item does not touch them.
 * Their digests were checked when the item got them.
 */
export async function readLibraryItem({ core, kind, flow }: Receiver, id: string): Promise<void> {
  await core.references.take(async () => {
    const { createSpec } = await flow.get(id);
    const { contentLibraryItem = '', importFlags: flags = [] } = createSpec;
    const { files } = await checkSourceItem(core, contentLibraryItem);
    const descriptor = await readItemDescriptor(core, { files, flags });
    const { errors, warnings, information } = reportFindings(descriptor.findings);
    const members = packageMembers(descriptor, membersOf(descriptor, files));
    core.borrowed.take(
      { kind, id },
      members.map(({ blob }) => blob),
    );
    const unlisted = warningsOf(descriptor, await manifestEntries(core, members));
    await flow.step(id, ({ state }) => {
      if (!state.endsWith('IMPORT_OVF_TRANSFER')) return undefined;
      if (errors.length > 0) return { type: 'fail', errors };
      const listed = members.map(completeEntry);
      return { type: 'readDescriptor', files: listed, warnings: [...warnings, ...unlisted], information, members };
    });
  });
}

/** What is of the package; an item may hold other files beside. @throws PackageError FILE_MISSING */
function packageMembers(descriptor: Descriptor, members: readonly SessionMember[]): readonly SessionMember[] {
  const named = packageFiles(descriptor).map(({ name }) => name);
  const absent = named.find((name) => members.every((member) => member.name !== name));
  if (absent !== undefined) throw new PackageError('FILE_MISSING', `The item has no file ${absent}`, { file: absent });
  const own: ReadonlySet<string> = new Set(['OVF', 'MANIFEST', 'CERT']);
  return members.filter(({ name, fileType }) => own.has(fileType) || named.includes(name));
}

const warningsOf = (descriptor: Descriptor, entries: Awaited<ReturnType<typeof manifestEntries>>) =>
  entries === undefined
    ? []
    : unlistedWarnings(
        entries,
        packageFiles(descriptor).map(({ name }) => name),
      );

const completeEntry = ({ name, fileType, size, sha256 }: SessionMember): SessionFile => ({
  ...waitingFile({ name, fileType, size }),
  optionalUpload: fileType === 'MANIFEST' || fileType === 'CERT',
  status: 'complete',
  bytesTransferred: size,
  sha256,
});
