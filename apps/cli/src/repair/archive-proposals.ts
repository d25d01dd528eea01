import {
  indexTar,
  isSealName,
  type ManifestEntry,
  orderMembers,
  type PackageMember,
  type PackageReader,
  readAll,
  siblingName,
  writeManifest,
} from '@ovfkit/package-format';
import { maxTextSize, openFile, wrappingOf } from '@ovfkit/package-format/node';
import type { PackageSource } from '../pack/package-source.ts';
import { isUrl } from '../source/url.ts';
import type { Change } from './change.ts';

const blockSize = 512;
const latin1 = new TextDecoder('latin1');

/** `ustar` and two zeros: POSIX; `ustar` and spaces: GNU; anything else is older than both. */
function dialectOf(header: Uint8Array): 'ustar' | 'GNU' | 'old' {
  const magic = latin1.decode(header.subarray(257, 265));
  if (magic.startsWith('ustar\u0000')) return 'ustar';
  return magic.startsWith('ustar ') ? 'GNU' : 'old';
}

/** How the archive as such is written. Told for files here only: elsewhere it is not worth the reads. */
export async function archiveProposals(
  path: string,
  { kind }: Pick<PackageReader, 'kind'>,
): Promise<readonly Change[]> {
  if (kind !== 'ova' || isUrl(path)) return [];
  const file = await openFile(path);
  try {
    const head = await readAll(file.read({ start: 0, end: Math.min(6, file.size) }), blockSize);
    const wrapping = wrappingOf(head);
    if (wrapping !== undefined)
      return [{ code: 'UNWRAPPED', message: `The archive is compressed with ${wrapping}; an OVA is a plain one` }];
    for (const { name, offset } of await indexTar(file)) {
      const header = await readAll(file.read({ start: offset - blockSize, end: offset }), blockSize);
      const dialect = dialectOf(header);
      if (dialect !== 'ustar')
        return [
          {
            code: 'TAR_DIALECT',
            message: `${name} has a header of the ${dialect} tar format; ustar is what every tool reads`,
          },
        ];
    }
    return [];
  } finally {
    await file.close();
  }
}

/** Whether members stand where DSP0243 wants them: manifest and certificate behind the descriptor, or both at the end. */
export function orderProposals({ reader, descriptor }: PackageSource): readonly Change[] {
  if (reader.kind !== 'ova') return [];
  const { descriptorName, members } = reader;
  const wanted = orderMembers(members, { descriptorName, descriptor });
  const isSeal = ({ name }: PackageMember): number => Number(isSealName(descriptorName, name));
  const sealedLast = wanted.toSorted((a, b) => isSeal(a) - isSeal(b));
  if (members.every(({ name }, at) => name === sealedLast[at]?.name)) return [];
  const index = members.findIndex(({ name }, at) => name !== wanted[at]?.name);
  const found = members[index];
  if (found === undefined) return [];
  const message = `${found.name} stands where ${wanted[index]?.name ?? ''} has to be: descriptor, manifest, certificate, files`;
  return [{ code: 'MEMBER_ORDER', message }];
}

interface ManifestFacts {
  readonly entries: readonly ManifestEntry[];
  readonly algorithm: string;
}

/** What is wrong with the manifest as a text; its digests are compared elsewhere. */
export async function manifestProposals(
  { reader }: PackageSource,
  { entries, algorithm }: ManifestFacts,
): Promise<readonly Change[]> {
  const name = siblingName(reader.descriptorName, '.mf');
  if (!reader.members.some((member) => member.name === name))
    return [{ code: 'MANIFEST_MADE', message: `There was no manifest; it has ${algorithm} digests` }];
  const text = new TextDecoder().decode(await readAll(reader.read(name), maxTextSize));
  const listed = new Set(entries.map((entry) => entry.name));
  const members = reader.members
    .map((member) => member.name)
    .filter((each) => !isSealName(reader.descriptorName, each));
  const missing = members.filter((member) => !listed.has(member));
  const surplus = [...listed].filter((each) => !members.includes(each));
  const others = [...new Set(entries.map((entry) => entry.algorithm))].filter((each) => each !== algorithm);
  const change = (code: Change['code'], message: string): Change => ({ code, message });
  return [
    ...missing.map((member) => change('MANIFEST_INCOMPLETE', `${member} was not in the manifest`)),
    ...surplus.map((member) => change('MANIFEST_INCOMPLETE', `${member} was in the manifest, not in the package`)),
    ...(others.length === 0
      ? []
      : [change('MANIFEST_ALGORITHM', `Digests are ${algorithm}, not ${others.join(', ')}`)]),
    ...(text === writeManifest(entries) || entries.length === 0
      ? []
      : [change('MANIFEST_DIALECT', 'The manifest was not written as DSP0243 wants it')]),
  ];
}
