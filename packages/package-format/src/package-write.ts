import { PackageError } from './errors.ts';
import { checkName } from './name.ts';
import type { Descriptor } from './ovf-types.ts';
import { isDescriptorName, siblingName } from './package-read.ts';
import { type TarInputEntry, writeTar } from './tar-write.ts';

/**
 * The order DSP0243 asks of an archive: descriptor, manifest, certificate, message bundles, then the files as
 * References has them, last whatever is not mentioned.
 */
export function orderMembers<T extends { readonly name: string }>(
  members: readonly T[],
  {
    descriptorName,
    descriptor,
  }: { readonly descriptorName: string; readonly descriptor: Pick<Descriptor, 'files' | 'bundles'> },
): readonly T[] {
  const bundleIds = new Set(descriptor.bundles.map(({ fileRef }) => fileRef));
  const hrefs = [...descriptor.files.filter(({ id }) => bundleIds.has(id)), ...descriptor.files].map(
    ({ href }) => href,
  );
  const names = [descriptorName, siblingName(descriptorName, '.mf'), siblingName(descriptorName, '.cert'), ...hrefs];
  const ranks = new Map(names.toReversed().map((name, index) => [name, names.length - index]));
  const rankOf = (name: string) => ranks.get(name) ?? ranks.get(name.replace(/\.[0-9]{9}$/, '')) ?? names.length + 1;
  return members.toSorted((a, b) => rankOf(a.name) - rankOf(b.name));
}

/**
 * Writes an OVA of members that are in order already ({@link orderMembers}): the descriptor has to come first.
 * @throws PackageError DESCRIPTOR_MISSING, and as {@link writeTar} does
 */
export async function* writeOva(
  members: Iterable<TarInputEntry> | AsyncIterable<TarInputEntry>,
): AsyncGenerator<Uint8Array, void, undefined> {
  yield* writeTar(startingWithDescriptor(members));
}

async function* startingWithDescriptor(
  members: Iterable<TarInputEntry> | AsyncIterable<TarInputEntry>,
): AsyncGenerator<TarInputEntry, void, undefined> {
  let isFirst = true;
  for await (const member of members) {
    if (isFirst && !isDescriptorName(checkName(member.name))) {
      throw new PackageError('DESCRIPTOR_MISSING', `The first member of an OVA is its descriptor, not ${member.name}`, {
        file: member.name,
      });
    }
    isFirst = false;
    yield member;
  }
  if (isFirst) throw new PackageError('DESCRIPTOR_MISSING', 'An OVA needs a descriptor');
}
