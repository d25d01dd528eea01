import {
  type ChecksumInfo,
  type LibraryContent,
  type LocalizableMessage,
  message,
  type StoredLibraryItem,
  type UpdateFile,
  type UpdateSession,
} from '@ovfkit/domain';
import { isDescriptorName, PackageError } from '@ovfkit/package-format';
import type { HashAlgorithm, HashDigests } from '@ovfkit/package-format/node';
import type { Core } from '../core.ts';
import { checkManifest, type DigestedFile } from '../manifest.ts';
import { packageFiles } from '../package-files.ts';
import { reportFindings } from '../problem.ts';
import { checkSignature } from '../signature.ts';
import { isPackageItem, membersOf, readItemDescriptor } from './item-package.ts';
import { toMessage } from './update-messages.ts';

const algorithms: readonly HashAlgorithm[] = ['SHA1', 'MD5', 'SHA256', 'SHA512'];

/** vAPI takes SHA-1 where the client does not say. Nothing for an algorithm that is not known. */
export const checksumAlgorithm = ({ algorithm = 'SHA1' }: ChecksumInfo): HashAlgorithm | undefined =>
  algorithms.find((each) => each === algorithm);

/** What is wrong with a file that came, by what was announced of it. */
export function arrivalProblem(
  { name, size: announced, checksumInfo }: UpdateFile,
  { size, digests }: { readonly size: number; readonly digests: HashDigests },
): LocalizableMessage | undefined {
  if (announced !== undefined && announced !== size)
    return message(
      'com.ovfkit.library.size',
      'size mismatch: file={0}, actual={1}, expected={2}',
      name,
      String(size),
      String(announced),
    );
  const algorithm = checksumInfo === undefined ? undefined : checksumAlgorithm(checksumInfo);
  if (checksumInfo === undefined || algorithm === undefined) return undefined;
  const actual = digests.get(algorithm) ?? '';
  if (actual === checksumInfo.checksum.toLowerCase()) return undefined;
  return message(
    'com.ovfkit.library.checksum',
    'checksum mismatch: file={0}, alg={1}, actual={2}, expected={3}',
    name,
    algorithm,
    actual,
    checksumInfo.checksum,
  );
}

/** The files that an item would have: its own, but for what was removed or comes anew, and those of the session. */
export function updatedFiles(item: StoredLibraryItem, session: UpdateSession): readonly LibraryContent[] {
  const added = session.files.flatMap(({ content }) => content);
  const gone = new Set([...session.removed, ...added.map(({ name }) => name)]);
  return [...item.files.filter(({ name }) => !gone.has(name)), ...added];
}

export interface UpdateFindings {
  readonly missing: readonly string[];
  readonly invalid: readonly { readonly name: string; readonly error: LocalizableMessage }[];
}

/** What keeps an update session from being completed, as far as it is here. */
export async function checkUpdate(
  core: Core,
  { item, session }: { readonly item: StoredLibraryItem; readonly session: UpdateSession },
): Promise<UpdateFindings> {
  const failed = session.files.flatMap(({ name, error }) => (error === undefined ? [] : [{ name, error }]));
  const files = updatedFiles(item, session);
  if (!isPackageItem(item) || files.length === 0) return { missing: [], invalid: failed };
  const found = await checkPackage(core, { files, session });
  return { missing: found.missing, invalid: [...failed, ...found.invalid] };
}

interface Package {
  readonly files: readonly LibraryContent[];
  readonly session: UpdateSession;
}

async function checkPackage(core: Core, { files, session }: Package): Promise<UpdateFindings> {
  const [descriptorFile, second] = files.filter(({ name }) => isDescriptorName(name));
  if (descriptorFile === undefined) return { missing: ['*.ovf'], invalid: [] };
  if (second !== undefined)
    return { missing: [], invalid: [{ name: second.name, error: twoDescriptors(second.name) }] };
  try {
    const descriptor = await readItemDescriptor(core, { files, flags: [] });
    const [fault] = reportFindings(descriptor.findings).errors.flatMap(({ issues = [] }) => issues);
    if (fault !== undefined) return { missing: [], invalid: [{ name: descriptorFile.name, error: fault.message }] };
    const missing = packageFiles(descriptor).map(({ name }) => name);
    const added = membersOf(descriptor, files).map((member) => withDigests(member, session));
    const arrival = { before: [], added };
    const errors = [...(await checkSignature(core, arrival)).errors, ...(await checkManifest(core, arrival))];
    return {
      missing: missing.filter((name) => added.every((member) => member.name !== name)),
      invalid: errors.flatMap(({ issues = [] }) => issues.map(({ file, message: error }) => ({ name: file, error }))),
    };
  } catch (error) {
    const { file: name = descriptorFile.name } = error instanceof PackageError ? error : {};
    return { missing: [], invalid: [{ name, error: toMessage(error) }] };
  }
}

const twoDescriptors = (name: string) =>
  message('com.ovfkit.library.descriptors', 'A package has one descriptor; {0} is a second one.', name);

/** What was computed while the bytes passed need not be read for again. */
function withDigests(member: DigestedFile, { files }: UpdateSession): DigestedFile {
  const known = files.find(({ name }) => name === member.name)?.digests ?? [];
  const digests = new Map(
    algorithmsOf(known).map((algorithm) => [
      algorithm,
      known.find((each) => each.algorithm === algorithm)?.digest ?? '',
    ]),
  );
  return { ...member, digests };
}

const manifestAlgorithms: readonly HashAlgorithm[] = ['SHA1', 'SHA256', 'SHA384', 'SHA512'];
const algorithmsOf = (known: UpdateFile['digests']): readonly HashAlgorithm[] =>
  manifestAlgorithms.filter((algorithm) => known.some((each) => each.algorithm === algorithm));
