import type { ImportCreateSpec, SessionFile, SessionMember } from '@ovfkit/domain';
import { type Descriptor, PackageError } from '@ovfkit/package-format';
import type { SessionAddress } from '../blob-key.ts';
import type { Core } from '../core.ts';
import { checkSourceItem, membersOf, readItemDescriptor } from '../library/item-package.ts';
import { checkManifest, manifestEntries, unlistedWarnings } from '../manifest.ts';
import { packageFiles, waitingFile } from '../package-files.ts';
import { reportFindings } from '../problem.ts';
import type { Receiver } from '../receiver.ts';
import { checkSignature } from '../signature.ts';

/**
 * Takes the files of a library item as they are now: nothing is copied, and a later change of the item does not touch them.
 * Manifest and signature have to hold, as those of a push.
 */
export async function readLibraryItem({ core, kind, flow }: Receiver, id: string): Promise<void> {
  const { createSpec } = await flow.get(id);
  const { descriptor, members } = await core.references.take(() => borrow(core, { address: { kind, id }, createSpec }));
  const { errors, warnings, information } = reportFindings(descriptor.findings);
  const checked = errors.length > 0 ? { errors, warnings: [] } : await checkPackage(core, { descriptor, members });
  await flow.step(id, ({ state }) => {
    if (!state.endsWith('IMPORT_OVF_TRANSFER')) return undefined;
    if (checked.errors.length > 0) return { type: 'fail', errors: checked.errors };
    const files = members.map(completeEntry);
    return { type: 'readDescriptor', files, warnings: [...warnings, ...checked.warnings], information, members };
  });
}

interface Package {
  readonly descriptor: Descriptor;
  readonly members: readonly SessionMember[];
}

/** In its turn, so that the item's files are not deleted before they are borrowed. */
async function borrow(
  core: Core,
  { address, createSpec }: { readonly address: SessionAddress; readonly createSpec: ImportCreateSpec },
): Promise<Package> {
  const { contentLibraryItem = '', importFlags: flags = [] } = createSpec;
  const { files } = await checkSourceItem(core, contentLibraryItem);
  const descriptor = await readItemDescriptor(core, { files, flags });
  const members = packageMembers(descriptor, membersOf(descriptor, files));
  core.borrowed.take(
    address,
    members.map(({ blob }) => blob),
  );
  return { descriptor, members };
}

async function checkPackage(core: Core, { descriptor, members }: Package) {
  const arrival = { before: [], added: members };
  const signature = await checkSignature(core, arrival);
  const entries = await manifestEntries(core, members);
  const names = packageFiles(descriptor).map(({ name }) => name);
  return {
    errors: [...signature.errors, ...(await checkManifest(core, arrival))],
    warnings: [...signature.warnings, ...(entries === undefined ? [] : unlistedWarnings(entries, names))],
  };
}

/** What is of the package; an item may hold other files beside. @throws PackageError FILE_MISSING */
function packageMembers(descriptor: Descriptor, members: readonly SessionMember[]): readonly SessionMember[] {
  const named = packageFiles(descriptor).map(({ name }) => name);
  const absent = named.find((name) => members.every((member) => member.name !== name));
  if (absent !== undefined) throw new PackageError('FILE_MISSING', `The item has no file ${absent}`, { file: absent });
  const own: ReadonlySet<string> = new Set(['OVF', 'MANIFEST', 'CERT']);
  return members.filter(({ name, fileType }) => own.has(fileType) || named.includes(name));
}

const completeEntry = ({ name, fileType, size, sha256 }: SessionMember): SessionFile => ({
  ...waitingFile({ name, fileType, size }),
  optionalUpload: fileType === 'MANIFEST' || fileType === 'CERT',
  status: 'complete',
  bytesTransferred: size,
  sha256,
});
