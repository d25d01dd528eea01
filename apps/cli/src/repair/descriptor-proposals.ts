import {
  type Descriptor,
  type DescriptorEdit,
  type Disk,
  hostResourceTarget,
  inspectVmdk,
  isSealName,
  PackageError,
  type PackageReader,
  piecesOf,
  readWhole,
  systemsOf,
  toBytes,
} from '@ovfkit/package-format';
import type { Change } from './change.ts';
import { hardwareProposals, type Wanted } from './hardware-target.ts';

/** Edits, and what they change. */
export interface Proposals {
  readonly edits: readonly DescriptorEdit[];
  readonly changes: readonly Change[];
  /** Members that are not to be in the package any more. */
  readonly without: ReadonlySet<string>;
}

export interface RepairWishes extends Wanted {
  readonly nvram: 'keep' | 'drop';
}

interface Source {
  readonly reader: PackageReader;
  readonly descriptor: Descriptor;
}

const none = { edits: [], changes: [] } as const;

function sizeProposals({ reader, descriptor }: Source): readonly Omit<Proposals, 'without'>[] {
  return descriptor.files.map((file) => {
    const pieces = piecesOf(reader, file);
    const size = pieces.reduce((sum, piece) => sum + piece.size, 0);
    if (pieces.length === 0 || size === file.size) return none;
    const before = file.size === undefined ? 'nothing' : `${file.size}`;
    return {
      edits: [{ type: 'setFile', id: file.id, size }],
      changes: [{ code: 'FILE_SIZE', message: `${file.href} has ${size} bytes; the descriptor said ${before}` }],
    };
  });
}

/** A manifest cannot have a digest of itself, nor the descriptor know how large it will be. */
function sealProposals({ reader, descriptor }: Source): readonly Omit<Proposals, 'without'>[] {
  return descriptor.files
    .filter(({ href }) => isSealName(reader.descriptorName, href))
    .map(({ id, href }) => ({
      edits: [{ type: 'removeFile', id }],
      changes: [{ code: 'REFERENCE_REMOVED', message: `${href} was among the files of the descriptor` }],
    }));
}

/** What the disk itself says; undefined when it cannot be told without reading all of it. */
async function capacityIn({ reader, descriptor }: Source, { fileRef }: Disk): Promise<number | undefined> {
  const file = descriptor.files.find(({ id }) => id === fileRef);
  if (file === undefined || file.compression !== undefined) return undefined;
  const [piece, second] = piecesOf(reader, file);
  if (piece === undefined || second !== undefined) return undefined;
  try {
    const { capacity } = await inspectVmdk({ size: piece.size, read: (range) => reader.read(piece.name, range) });
    return capacity;
  } catch (error) {
    if (error instanceof PackageError && error.code === 'VMDK_INVALID') return undefined; // another kind of disk
    throw error;
  }
}

async function capacityProposals(source: Source): Promise<readonly Omit<Proposals, 'without'>[]> {
  const proposals: Omit<Proposals, 'without'>[] = [];
  for (const disk of source.descriptor.disks) {
    const { diskId, capacity, capacityAllocationUnits = 'byte' } = disk;
    if (capacity?.includes('${') === true) continue;
    const actual = await capacityIn(source, disk);
    const quantity = capacity === undefined ? undefined : readWhole(capacity);
    const stated = quantity === undefined ? undefined : toBytes(quantity, capacityAllocationUnits);
    if (actual === undefined || actual === 0 || actual === stated) continue;
    const before = capacity === undefined ? 'nothing' : `${capacity} (${capacityAllocationUnits})`;
    proposals.push({
      edits: [{ type: 'setDisk', diskId, capacity: String(actual), capacityAllocationUnits: 'byte' }],
      changes: [{ code: 'CAPACITY', message: `Disk ${diskId} has ${actual} bytes; the descriptor said ${before}` }],
    });
  }
  return proposals;
}

/** NVRAM that is not there breaks imports; NVRAM that is not wanted can go. */
function nvramProposals({ reader, descriptor }: Source, { nvram }: RepairWishes): readonly Proposals[] {
  return systemsOf(descriptor.content).flatMap(({ id: system, hardware }) =>
    (hardware[0]?.extraConfig ?? []).flatMap(({ key, value }) => {
      const target = key === 'nvram' ? hostResourceTarget(value) : undefined;
      const file = descriptor.files.find(({ id }) => target?.kind === 'file' && id === target.id);
      const pieces = file === undefined ? [] : piecesOf(reader, file);
      if (target === undefined || (pieces.length > 0 && nvram === 'keep')) return [];
      const why = nvram === 'drop' ? 'is left out' : 'is not in the package';
      const edits: readonly DescriptorEdit[] = [
        { type: 'removeExtraConfig', key, system },
        ...(file === undefined ? [] : [{ type: 'removeFile', id: file.id } as const]),
      ];
      const changes = [
        { code: 'NVRAM_REMOVED', message: `${system}: the NVRAM ${file?.href ?? target.id} ${why}` },
      ] as const;
      return [{ edits, changes, without: new Set(pieces.map(({ name }) => name)) }];
    }),
  );
}

/** Every change to the descriptor that makes it right, or fit for what is wished. */
export async function descriptorProposals(source: Source, wishes: RepairWishes): Promise<Proposals> {
  const nvram = nvramProposals(source, wishes);
  const seals = sealProposals(source);
  const removed = [...nvram, ...seals].flatMap(({ edits }) => edits);
  const dropped = new Set(removed.flatMap((edit) => (edit.type === 'removeFile' ? [edit.id] : [])));
  const files = source.descriptor.files.filter(({ id }) => !dropped.has(id));
  const rest = { reader: source.reader, descriptor: { ...source.descriptor, files } };
  const all = [
    ...seals,
    ...sizeProposals(rest),
    ...(await capacityProposals(rest)),
    ...hardwareProposals(source.descriptor, wishes),
    ...nvram,
  ];
  return {
    edits: all.flatMap(({ edits }) => edits),
    changes: all.flatMap(({ changes }) => changes),
    without: new Set(nvram.flatMap(({ without }) => [...without])),
  };
}
