import { type Descriptor, resolveConfiguration } from '@ovfkit/package-format';

/** What one disk takes of a datastore, in bytes; 0 while the package does not say. */
export interface DiskNeed {
  readonly diskId: string;
  /** As large as the guest sees it. */
  readonly flat: number;
  /** What is in it. */
  readonly sparse: number;
}

/** What each disk of a package takes under a deployment option; nothing of a package that is not read here. */
export function diskNeedsOf(descriptor: Descriptor | undefined, wanted: string | undefined): readonly DiskNeed[] {
  if (descriptor === undefined) return [];
  const { deploymentOptions, disks: all, files } = descriptor;
  const known = deploymentOptions.some(({ id }) => id === wanted) ? wanted : undefined;
  const option = known ?? deploymentOptions.find(({ isDefault }) => isDefault)?.id;
  const { systems } = resolveConfiguration(descriptor, { option, properties: new Map() });
  return systems
    .flatMap(({ disks }) => disks)
    .map(({ diskId, capacity = 0, fileRef }) => {
      const populated = all.find((disk) => disk.diskId === diskId)?.populatedSize;
      return { diskId, flat: capacity, sparse: populated ?? files.find(({ id }) => id === fileRef)?.size ?? 0 };
    });
}
