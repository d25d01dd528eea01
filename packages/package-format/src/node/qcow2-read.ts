import { promisify } from 'node:util';
import { createZstdDecompress, inflateRaw } from 'node:zlib';
import { type RandomAccess, readAll } from '../bytes.ts';
import { PackageError } from '../errors.ts';
import {
  decodeCluster,
  decodeQcow2Header,
  decodeTableEntry,
  type Qcow2Cluster,
  type Qcow2Header,
  qcow2HeaderSize,
} from '../qcow2-header.ts';
import { ahead, type DiskImage, type DiskPart } from './disk-part.ts';

const inflateAsync = promisify(inflateRaw);
const clustersAhead = 16;

interface PlacedCluster {
  readonly start: number;
  readonly cluster: Exclude<Qcow2Cluster, { kind: 'zero' }>;
}

async function readExactly(source: RandomAccess, start: number, size: number): Promise<Uint8Array> {
  if (start + size > source.size)
    throw new PackageError('TRUNCATED', 'The image ends before its data does', { offset: source.size });
  return readAll(source.read({ start, end: start + size }), size);
}

async function* clustersOf(source: RandomAccess, header: Qcow2Header): AsyncGenerator<PlacedCluster, void, undefined> {
  const { capacity, clusterSize, tableOffset, tableEntries } = header;
  const perTable = clusterSize / 8;
  for (let index = 0; index < tableEntries; index += 1) {
    const tableAt = decodeTableEntry(await readExactly(source, tableOffset + index * 8, 8), 0);
    if (tableAt === 0) continue;
    const table = await readExactly(source, tableAt, clusterSize);
    for (let entry = 0; entry < perTable; entry += 1) {
      const start = (index * perTable + entry) * clusterSize;
      if (start >= capacity) return;
      const cluster = decodeCluster(table, { at: entry * 8, clusterSize });
      if (cluster.kind !== 'zero') yield { start, cluster };
    }
  }
}

/** Stops when the cluster is whole: what follows in its last sector belongs to another and is no zstd data. */
async function expandZstd(packed: Uint8Array, clusterSize: number): Promise<Uint8Array> {
  const decoder = createZstdDecompress({ chunkSize: clusterSize });
  const parts: Uint8Array[] = [];
  let size = 0;
  decoder.end(packed);
  for await (const part of decoder) {
    parts.push(part);
    size += part.length;
    if (size >= clusterSize) break;
  }
  return Buffer.concat(parts).subarray(0, clusterSize);
}

async function expand(
  packed: Uint8Array,
  {
    compression,
    clusterSize,
    offset,
  }: { compression: Qcow2Header['compression']; clusterSize: number; offset: number },
): Promise<Uint8Array> {
  try {
    return compression === 'zstd'
      ? await expandZstd(packed, clusterSize)
      : await inflateAsync(packed, { maxOutputLength: clusterSize, chunkSize: clusterSize });
  } catch (cause) {
    throw new PackageError('QCOW2_INVALID', 'A cluster of the image cannot be decompressed', { offset, cause });
  }
}

/**
 * A qcow2 image: its present state, not its snapshots.
 * @throws PackageError QCOW2_INVALID, TRUNCATED
 */
export async function openQcow2(source: RandomAccess): Promise<DiskImage> {
  const header = decodeQcow2Header(await readExactly(source, 0, Math.min(qcow2HeaderSize, source.size)));
  const { capacity, clusterSize, compression } = header;
  async function read({ start, cluster }: PlacedCluster): Promise<DiskPart> {
    const { offset } = cluster;
    const size = Math.min(clusterSize, capacity - start);
    if (cluster.kind === 'plain') return { start, bytes: await readExactly(source, offset, size) };
    // the last sectors counted may lie beyond the file's end
    const packed = await readExactly(source, offset, Math.min(cluster.size, Math.max(1, source.size - offset)));
    return { start, bytes: (await expand(packed, { compression, clusterSize, offset })).subarray(0, size) };
  }
  return {
    format: 'qcow2',
    capacity,
    parts: () => ahead(clustersOf(source, header), { count: clustersAhead, work: read }),
  };
}
