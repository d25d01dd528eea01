import { encodeOffsets, encodeQcow2Header, encodeRefcounts } from '../qcow2-header.ts';
import { blocksOf, type DiskPart } from './disk-part.ts';

const clusterSize = 65_536;
const entriesPerTable = clusterSize / 8;
const countsPerBlock = clusterSize / 2;

/** Puts bytes at a place of the file that is written. */
export type WriteAt = (bytes: Uint8Array, offset: number) => Promise<void>;

/** Hands out clusters one after the other; the first is the header's. */
function createClusters(writeAt: WriteAt) {
  let next = 1;
  return {
    used: () => next,
    async put(bytes: Uint8Array): Promise<number> {
      const offset = next * clusterSize;
      next += Math.ceil(bytes.length / clusterSize);
      const gap = (clusterSize - (bytes.length % clusterSize)) % clusterSize;
      await writeAt(gap === 0 ? bytes : Buffer.concat([bytes, Buffer.alloc(gap)]), offset);
      return offset;
    },
  };
}

/** The counts have to count their own clusters, too. */
async function putRefcounts({ used, put }: ReturnType<typeof createClusters>) {
  const tableClusters = (blocks: number) => Math.ceil(blocks / entriesPerTable);
  let blocks = Math.ceil(used() / countsPerBlock);
  while (blocks * countsPerBlock < used() + blocks + tableClusters(blocks)) blocks += 1;
  const total = used() + blocks + tableClusters(blocks);
  const offsets: number[] = [];
  for (let index = 0; index < blocks; index += 1) {
    const count = Math.min(countsPerBlock, total - index * countsPerBlock);
    offsets.push(await put(encodeRefcounts(count, clusterSize)));
  }
  const size = tableClusters(blocks) * clusterSize;
  return {
    refcountOffset: await put(encodeOffsets(offsets, { size, mark: 'none' })),
    refcountClusters: size / clusterSize,
  };
}

/**
 * Writes a disk as a qcow2 image: clusters of zeros are left out, the header comes last. Holds one table, and 8 bytes
 * per 512 MiB.
 * @returns the size of the image in bytes
 */
export async function writeQcow2(
  parts: AsyncIterable<DiskPart>,
  { capacity, writeAt }: { readonly capacity: number; readonly writeAt: WriteAt },
): Promise<number> {
  const clusters = createClusters(writeAt);
  const first: number[] = [];
  let second: number[] | undefined;
  const endTables = async (count: number): Promise<void> => {
    while (first.length < count) {
      const table = second;
      second = undefined;
      first.push(
        table === undefined ? 0 : await clusters.put(encodeOffsets(table, { size: clusterSize, mark: 'copied' })),
      );
    }
  };
  for await (const { index, bytes } of blocksOf(parts, { capacity, size: clusterSize })) {
    await endTables(Math.floor(index / entriesPerTable));
    second ??= Array<number>(entriesPerTable).fill(0);
    second[index % entriesPerTable] = await clusters.put(bytes);
  }
  await endTables(Math.ceil(capacity / clusterSize / entriesPerTable));
  const tableOffset = await clusters.put(encodeOffsets(first, { size: Math.max(8, first.length * 8), mark: 'copied' }));
  const refcounts = await putRefcounts(clusters);
  await writeAt(encodeQcow2Header({ capacity, tableEntries: first.length, tableOffset, ...refcounts }), 0);
  return clusters.used() * clusterSize;
}
