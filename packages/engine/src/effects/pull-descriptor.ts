import { type FileType, SessionError, type SessionFile, type SessionMember } from '@ovfkit/domain';
import {
  createByteCursor,
  type Descriptor,
  isDescriptorName,
  PackageError,
  readAll,
  siblingName,
  type TarMember,
} from '@ovfkit/package-format';
import type { SessionAddress } from '../blob-key.ts';
import { parseOnce, readBundle } from '../descriptor.ts';
import { byAnyName } from '../href-names.ts';
import { checkManifest, type DigestedFile, manifestEntries, unlistedWarnings } from '../manifest.ts';
import { checkMembers, packageFiles, waitingFile } from '../package-files.ts';
import { reportFindings } from '../problem.ts';
import { type Origin, retried, translated } from '../pull/fetch-file.ts';
import { pulledArchive, shownUrl, urlOf } from '../pull/pull-address.ts';
import { type Getting, getFile, getFromStream, memberOf, type WantedFile } from '../pull/pulled-package.ts';
import { indexRemoteArchive } from '../pull/remote-archive.ts';
import type { Receiver } from '../receiver.ts';
import { checkSignature } from '../signature.ts';
import { takenOnce } from '../take-members.ts';
import { chooseDescriptor, sidecarType } from '../upload/upload-archive.ts';
import { readLibraryItem } from './read-library-item.ts';

/** What is known of the source while the first files are fetched. */
interface Source {
  /** After redirects. */
  readonly url: string;
  readonly isArchive: boolean;
  /** Of an archive on a server that answers ranges. */
  readonly members: readonly TarMember[] | undefined;
}

/** Fetches descriptor, manifest, certificate and bundles of a pull source, or finds them in a library item; the files of the session follow from them. */
export async function pullDescriptor(
  receiver: Receiver,
  { id, signal }: { readonly id: string; readonly signal: AbortSignal },
): Promise<void> {
  const { core, kind, flow } = receiver;
  const session = await flow.get(id);
  if (!session.state.endsWith('IMPORT_OVF_TRANSFER')) return;
  if (session.createSpec.sourceType === 'CONTENT_LIBRARY_SOURCE') return readLibraryItem(receiver, id);
  const { pullSource = '', sslCertificateThumbprint, importFlags = [] } = session.createSpec;
  const address: SessionAddress = { kind, id };
  const first: Origin = { url: pullSource, thumbprint: sslCertificateThumbprint, signal };
  const source = await openSource(receiver, first);
  const getting: Getting = {
    core,
    session: address,
    origin: { ...first, url: source.url },
    entries: undefined,
    onStart: async () => {},
  };
  const head = await getHead({ source, getting });
  const descriptorFile = head.find(({ fileType }) => fileType === 'OVF');
  if (descriptorFile === undefined) throw new SessionError('NOT_FOUND', `${shownUrl(source.url)} has no descriptor.`);
  const bytes = await readAll(core.blobs.read(descriptorFile.blob), core.limits.textSize);
  const lax = importFlags.includes('LAX');
  const descriptor = parseOnce(core, { bytes, file: descriptorFile.name, lax });
  checkMembers(core, descriptor);
  const { errors, warnings, information } = reportFindings(descriptor.findings);
  const bundles = errors.length > 0 ? [] : await getBundles({ source, getting, descriptor });
  for (const bundle of bundles) await readBundle(core, bundle);
  const added = [...head, ...bundles];
  const signature = await checkSignature(core, { before: [], added });
  const wrong = [...signature.errors, ...(await checkManifest(core, { before: [], added }))];
  const mismatches = errors.length > 0 ? errors : wrong;
  const files = errors.length > 0 ? [] : listFiles({ source, descriptor, added });
  const unlisted = await warningsOf(receiver, { added, files });
  await flow.step(id, (current) => {
    if (!current.state.endsWith('IMPORT_OVF_TRANSFER')) return undefined;
    if (mismatches.length > 0) return { type: 'fail', errors: mismatches };
    return { type: 'readDescriptor', files, warnings: [...warnings, ...signature.warnings, ...unlisted], information };
  });
}

const headSize = 512;

/** Looks at the first bytes, and asks for no more: XML is a descriptor, anything else has to be an archive. */
function openSource({ core }: Receiver, origin: Origin): Promise<Source> {
  const { url, thumbprint, signal } = origin;
  return retried(core, origin, async () => {
    const range = { start: 0, end: headSize };
    const pulled = await core.pull.open({ url, signal, range, ...(thumbprint === undefined ? {} : { thumbprint }) });
    const cursor = createByteCursor(translated(pulled.bytes));
    const head = await cursor.read(headSize);
    // a server that knows no ranges goes on
    const isRanged = (await cursor.read(1)).length === 0;
    await cursor.close();
    if (looksLikeXml(head)) return { url: pulled.url, isArchive: false, members: undefined };
    const members = isRanged ? await indexRemoteArchive(core, { ...origin, url: pulled.url }) : undefined;
    return { url: pulled.url, isArchive: true, members };
  });
}

const looksLikeXml = (head: Uint8Array): boolean => /^[\uFEFF\s]*</.test(new TextDecoder().decode(head));

interface Getters {
  readonly source: Source;
  readonly getting: Getting;
}

/** The descriptor, with manifest and certificate where there are some. */
async function getHead({ source, getting }: Getters): Promise<readonly DigestedFile[]> {
  const { url, isArchive, members } = source;
  if (!isArchive) {
    const name = descriptorName(url);
    const descriptor = await getFile(getting, { wanted: { name, fileType: 'OVF', url } });
    return [descriptor, ...(await getSidecars({ source, getting, name }))];
  }
  if (members === undefined) return getFromStream(getting, chooseDescriptor);
  const named = members.find(({ name }) => isDescriptorName(name));
  const head: DigestedFile[] = [];
  for (const member of members) {
    const fileType: FileType | undefined = member === named ? 'OVF' : sidecarType(member.name);
    if (fileType === undefined || head.some((each) => each.fileType === fileType)) continue;
    head.push(await getFile(getting, { wanted: { name: member.name, fileType, url }, member }));
  }
  return head;
}

/** The last segment of the URL, so that the manifest's line for it is found. */
function descriptorName(url: string): string {
  const segment = new URL(url).pathname.split('/').at(-1) ?? '';
  return segment === '' ? 'descriptor.ovf' : decodeOr(segment);
}

function decodeOr(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

/** Manifest and certificate have the descriptor's stem (DSP0243, clause 6); a package need not have them. */
async function getSidecars({
  source,
  getting,
  name,
}: Getters & { readonly name: string }): Promise<readonly DigestedFile[]> {
  if (!isDescriptorName(name)) return [];
  const found: DigestedFile[] = [];
  for (const [extension, fileType] of [
    ['.mf', 'MANIFEST'],
    ['.cert', 'CERT'],
  ] as const) {
    const sibling = siblingName(name, extension);
    const wanted: WantedFile = { name: sibling, fileType, url: urlOf(encodeURIComponent(sibling), source.url) };
    try {
      found.push(await getFile(getting, { wanted }));
    } catch (error) {
      if (!(error instanceof SessionError) || error.kind !== 'NOT_FOUND') throw error;
    }
  }
  return found;
}

async function getBundles({
  source,
  getting,
  descriptor,
}: Getters & { readonly descriptor: Descriptor }): Promise<readonly DigestedFile[]> {
  const bundles = packageFiles(descriptor).filter(({ fileType }) => fileType === 'MSG_BUNDLE');
  if (bundles.length === 0) return [];
  if (source.isArchive && source.members === undefined) {
    const bundleBy = byAnyName(bundles);
    const taken = await getFromStream(getting, ({ name }, before) => {
      const bundle = bundleBy(name);
      if (bundle !== undefined) return takenOnce(bundle, before);
      return before.length === bundles.length ? 'stop' : 'skip';
    });
    const absent = bundles.find(({ name }) => taken.every((each) => each.name !== name));
    if (absent === undefined) return taken;
    throw new PackageError('FILE_MISSING', `The archive has no file ${absent.name}`, { file: absent.name });
  }
  const got: DigestedFile[] = [];
  for (const { name, fileType } of bundles) {
    const member = source.members === undefined ? undefined : memberOf(source.members, name);
    const url = source.isArchive ? source.url : urlOf(name, source.url);
    got.push(await getFile(getting, { wanted: { name, fileType, url }, member }));
  }
  return got;
}

/** Everything of the package, with what is here already; from an archive each file has the archive's address. */
function listFiles({
  source,
  descriptor,
  added,
}: {
  readonly source: Source;
  readonly descriptor: Descriptor;
  readonly added: readonly SessionMember[];
}): readonly SessionFile[] {
  const here = new Set(added.map(({ name }) => name));
  const waiting = packageFiles(descriptor).filter(({ name }) => !here.has(name));
  return [
    ...added.map(
      ({ name, fileType, size, sha256 }): SessionFile => ({
        ...waitingFile({
          name,
          fileType,
          size,
          url: source.isArchive ? pulledArchive(source.url) : urlOf(name, source.url),
        }),
        optionalUpload: fileType === 'MANIFEST' || fileType === 'CERT',
        status: 'complete',
        bytesTransferred: size,
        sha256,
      }),
    ),
    ...waiting.map(({ name, fileType, size }) => {
      const known = source.members === undefined ? size : memberOf(source.members, name).size;
      const url = source.isArchive ? pulledArchive(source.url) : urlOf(name, source.url);
      return waitingFile({ name, fileType, size: known ?? 0, url });
    }),
  ];
}

async function warningsOf(
  { core }: Receiver,
  { added, files }: { readonly added: readonly DigestedFile[]; readonly files: readonly SessionFile[] },
) {
  const entries = await manifestEntries(core, added);
  const names = files
    .filter(({ fileType }) => fileType !== 'OVF' && fileType !== 'MANIFEST' && fileType !== 'CERT')
    .map(({ name }) => name);
  return entries === undefined ? [] : unlistedWarnings(entries, names);
}
