// The one pass over the bytes: digests, sizes and disks are looked at while they go by; small texts are kept.
import { concat } from '../bytes.ts';
import type { DigestAlgorithm, Manifest } from '../manifest.ts';
import { digestAlgorithms } from '../manifest.ts';
import type { Descriptor, FileReference } from '../ovf-types.ts';
import { namesOfHref } from '../package-read.ts';
import type { DiskReport } from '../vmdk-check.ts';
import { createDigest, type Digests } from './digest.ts';
import { createDiskProbe, type DiskDepth, type DiskProbe } from './disk-probe.ts';
import { maxTextSize } from './open.ts';

/** A member on its way. `size` in bytes. */
export interface PassingMember {
  readonly name: string;
  readonly size: number;
  readonly bytes: AsyncIterable<Uint8Array>;
}

/** What is known before the pass, or becomes known in it. */
export interface Knowledge {
  descriptor?: Descriptor | undefined;
  manifest?: Manifest | undefined;
}

/** A member that went by. `text` of descriptor, manifest and certificate. */
export interface PassedMember {
  readonly name: string;
  readonly size: number;
  readonly digests: Digests;
  readonly text?: Uint8Array | undefined;
}

/** A disk, put together from its pieces. */
export interface PassedDisk {
  readonly reference: FileReference;
  readonly report: DiskReport | undefined;
}

const isText = (name: string): boolean => /\.(?:ovf|mf|cert)$/i.test(name);

/** Without a manifest any algorithm may be asked for later; with one, only those it states. */
function algorithmsFor(name: string, { manifest }: Knowledge): readonly DigestAlgorithm[] {
  if (manifest === undefined) return digestAlgorithms;
  return [...new Set(manifest.entries.filter((entry) => entry.name === name).map(({ algorithm }) => algorithm))];
}

/** The file of the descriptor that a member is, or is a piece of. */
function referenceOf(name: string, { descriptor }: Knowledge): FileReference | undefined {
  const stem = name.replace(/\.[0-9]{9}$/, '');
  return descriptor?.files.find((file) =>
    namesOfHref(file.href).some((own) => own === name || (file.chunkSize !== undefined && own === stem)),
  );
}

function isVmdk(reference: FileReference, { descriptor }: Knowledge): boolean {
  const disk = descriptor?.disks.find(({ fileRef }) => fileRef === reference.id);
  return /\.vmdk(?:\.gz)?$/i.test(reference.href) || /vmdk/i.test(disk?.format ?? '');
}

/** Runs the members by, one after the other. */
export interface Pass {
  take(member: PassingMember, onBytes: (size: number) => void): Promise<PassedMember>;
  /** The disks, when all members went by. */
  disks(): Promise<readonly PassedDisk[]>;
}

/** Only a digest makes it needless to look into the grains; in a stream the manifest may come too late to know. */
function depthFor(name: string, { manifest }: Knowledge): DiskDepth {
  return manifest?.entries.some((entry) => entry.name === name) === true ? 'structure' : 'grains';
}

/** Starts a pass; `knowledge` may grow while it goes on. `depth` of all disks; by what the manifest covers when absent. */
export function createPass(knowledge: Knowledge, { depth }: { readonly depth?: DiskDepth | undefined } = {}): Pass {
  const probes = new Map<FileReference, DiskProbe>();
  const probeOf = (name: string): DiskProbe | undefined => {
    const reference = referenceOf(name, knowledge);
    if (reference === undefined || !isVmdk(reference, knowledge)) return undefined;
    const probe =
      probes.get(reference) ??
      createDiskProbe({ compression: reference.compression, depth: depth ?? depthFor(name, knowledge) });
    if (probe !== undefined) probes.set(reference, probe);
    return probe;
  };
  return {
    async take({ name, size, bytes }, onBytes) {
      const digests = algorithmsFor(name, knowledge).map((algorithm) => [algorithm, createDigest(algorithm)] as const);
      const probe = probeOf(name);
      const kept: Uint8Array[] | undefined = isText(name) && size <= maxTextSize ? [] : undefined;
      let seen = 0;
      for await (const part of bytes) {
        for (const [, digest] of digests) digest.update(part);
        const pushed = probe?.push(part);
        if (pushed !== undefined) await pushed;
        kept?.push(part.slice());
        seen += part.length;
        onBytes(part.length);
      }
      return {
        name,
        size: seen,
        digests: new Map(digests.map(([algorithm, digest]) => [algorithm, digest.hex()])),
        text: kept === undefined ? undefined : concat(kept),
      };
    },
    disks: () => Promise.all([...probes].map(async ([reference, probe]) => ({ reference, report: await probe.end() }))),
  };
}
