import type { OvfParams } from '@ovfkit/domain';
import type { Descriptor, ResolvedPackage } from '@ovfkit/package-format';
import { allSections } from './section.ts';

/** What the package will weigh: on the wire, as flat disks and as sparse ones. Unknown sizes count as nothing. */
export function size({ descriptor, resolved }: { descriptor: Descriptor; resolved: ResolvedPackage }): OvfParams {
  const disks = resolved.systems.flatMap((system) => system.disks);
  const sum = (sizes: readonly (number | undefined)[]) => sizes.reduce<number>((total, each) => total + (each ?? 0), 0);
  const sparse = disks.map(({ diskId, fileRef }) => {
    const disk = descriptor.disks.find((each) => each.diskId === diskId);
    return disk?.populatedSize ?? descriptor.files.find(({ id }) => id === fileRef)?.size;
  });
  return {
    type: 'SizeParams',
    approximateDownloadSize: sum(resolved.files.map((file) => file.size)),
    approximateFlatDeploymentSize: sum(disks.map(({ capacity }) => capacity)),
    approximateSparseDeploymentSize: sum(sparse),
    variableDiskSize: descriptor.disks.some(({ capacity }) => capacity?.includes('${') ?? false),
  };
}

/** Sections that nobody reads here, as `{namespace}name`. */
export function unknownSection(descriptor: Descriptor): OvfParams | undefined {
  const sections = allSections(descriptor).filter(({ meaning }) => meaning === undefined);
  if (sections.length === 0) return undefined;
  return {
    type: 'UnknownSectionParams',
    unknownSections: sections.map(({ namespace, name, info }) => ({ tag: `{${namespace}}${name}`, info: info ?? '' })),
  };
}
