import { message, type OvfError, type OvfWarning, type SessionMember } from '@ovfkit/domain';
import {
  type DigestAlgorithm,
  isDescriptorName,
  type ManifestEntry,
  namesOfHref,
  readManifest,
} from '@ovfkit/package-format';
import type { HashDigests } from '@ovfkit/package-format/node';
import type { Core } from './core.ts';
import { readText } from './descriptor.ts';
import { hashAll } from './hashing.ts';
import { fileIssue, validation } from './problem.ts';
import { receivedOf } from './received.ts';

/** A file with the digests that were computed while its bytes passed. */
export interface DigestedFile extends SessionMember {
  readonly digests?: HashDigests;
}

/** The lines of the manifest among `files`; nothing when it has not come. @throws PackageError MANIFEST_INVALID */
export async function manifestEntries(
  core: Core,
  files: readonly SessionMember[],
): Promise<readonly ManifestEntry[] | undefined> {
  const manifest = receivedOf(files, 'MANIFEST');
  if (manifest === undefined) return undefined;
  const known = core.manifests.find(manifest.sha256);
  if (known !== undefined) return known;
  const { entries } = readManifest(await readText(core, manifest), { file: manifest.name });
  core.manifests.keep(manifest.sha256, entries, entries.length);
  return entries;
}

/**
 * What the manifest says of a file, by its name as the descriptor has it, else percent-decoded. A pushed descriptor has a name of the server's, so its
 * line is known by its ending.
 */
export function entriesOf(
  entries: readonly ManifestEntry[],
  { name, fileType }: Pick<SessionMember, 'name' | 'fileType'>,
): readonly ManifestEntry[] {
  for (const known of namesOfHref(name)) {
    const own = entries.filter((entry) => entry.name === known);
    if (own.length > 0) return own;
  }
  if (fileType !== 'OVF') return [];
  const descriptors = entries.filter((entry) => isDescriptorName(entry.name));
  return new Set(descriptors.map((entry) => entry.name)).size === 1 ? descriptors : [];
}

/** The algorithms beside SHA-256 that the manifest wants for a file. */
export const algorithmsFor = (
  entries: readonly ManifestEntry[] | undefined,
  file: Pick<SessionMember, 'name' | 'fileType'>,
): readonly DigestAlgorithm[] => entriesOf(entries ?? [], file).map(({ algorithm }) => algorithm);

/** Digests that had to be read for, so that a check that is made again after a lost race does not read again. */
export type DigestMemo = Map<string, string>;

interface ManifestCheck {
  readonly before: readonly SessionMember[];
  readonly added: readonly DigestedFile[];
  readonly memo?: DigestMemo;
}

/**
 * Checks what `added` makes checkable: itself against a manifest that is here, or all others against the manifest it
 * is. So each pair is checked once, when its second half arrives. Nothing is found wrong when the result is empty.
 * @throws PackageError MANIFEST_INVALID
 */
export async function checkManifest(
  core: Core,
  { before, added, memo = new Map() }: ManifestCheck,
): Promise<readonly OvfError[]> {
  const others = before.filter(({ name }) => added.every((file) => file.name !== name));
  const entries = await manifestEntries(core, [...others, ...added]);
  if (entries === undefined) return [];
  const isNew = added.some(({ fileType }) => fileType === 'MANIFEST');
  const errors: OvfError[] = [];
  for (const file of isNew ? [...others, ...added] : added) {
    // a manifest that lists itself cannot be right, and the certificate signs it
    if (file.fileType === 'MANIFEST' || file.fileType === 'CERT') continue;
    for (const entry of entriesOf(entries, file)) errors.push(...(await mismatch(core, { file, entry, memo })));
  }
  return errors;
}

async function mismatch(
  core: Core,
  { file, entry, memo }: { readonly file: DigestedFile; readonly entry: ManifestEntry; readonly memo: DigestMemo },
): Promise<readonly OvfError[]> {
  const actual = await digestOf(core, { file, algorithm: entry.algorithm, memo });
  if (actual === entry.digest) return [];
  const text = message(
    'com.ovfkit.manifest.mismatch',
    'The {1} digest of {0} is {3}, but the manifest says {2}.',
    entry.name,
    entry.algorithm,
    entry.digest,
    actual,
  );
  return [validation([fileIssue(entry.name, text)])];
}

async function digestOf(
  core: Core,
  {
    file,
    algorithm,
    memo,
  }: { readonly file: DigestedFile; readonly algorithm: DigestAlgorithm; readonly memo: DigestMemo },
): Promise<string> {
  const key = `${algorithm} ${file.blob}`;
  const known = algorithm === 'SHA256' ? file.sha256 : (file.digests?.get(algorithm) ?? memo.get(key));
  if (known !== undefined) return known;
  const digests = await (await hashAll(core.blobs.read(file.blob), [algorithm])).digests();
  const digest = digests.get(algorithm) ?? '';
  memo.set(key, digest);
  return digest;
}

/** One warning for each file of `names` that the manifest does not mention: nothing proves its bytes. */
export function unlistedWarnings(entries: readonly ManifestEntry[], names: readonly string[]): readonly OvfWarning[] {
  const listed = new Set(entries.map(({ name }) => name));
  return names
    .filter((name) => !namesOfHref(name).some((own) => listed.has(own)))
    .map((name) =>
      validation([
        fileIssue(name, message('com.ovfkit.manifest.unlisted', 'The manifest has no digest of {0}.', name)),
      ]),
    );
}
