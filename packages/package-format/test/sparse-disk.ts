/** Sectors of the parts of {@link makeSparseDisk}, for who wants to damage one. */
export const sparseDisk = { descriptor: 1, redundant: 21, redundantTable: 22, directory: 26, table: 27, overhead: 128 };
const grainSectors = 128;

/** A monolithicSparse disk of three grains' size, with data in the first and the last, as qemu-img lays them out. */
export function makeSparseDisk(): Uint8Array {
  const { descriptor, redundant, redundantTable, directory, table, overhead } = sparseDisk;
  const bytes = new Uint8Array((overhead + 2 * grainSectors) * 512);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, 0x564d444b, true);
  view.setUint32(4, 1, true);
  view.setUint32(8, 3, true);
  for (const [at, value] of [
    [12, 3 * grainSectors],
    [20, grainSectors],
    [28, descriptor],
    [36, 20],
    [48, redundant],
    [56, directory],
    [64, overhead],
  ] as const)
    view.setBigUint64(at, BigInt(value), true);
  view.setUint32(44, 512, true);
  bytes.set([0x0a, 0x20, 0x0d, 0x0a], 73);
  const text = `# Disk DescriptorFile\nversion=1\ncreateType="monolithicSparse"\nRW ${3 * grainSectors} SPARSE "d.vmdk"\n`;
  bytes.set(new TextEncoder().encode(text), descriptor * 512);
  for (const [at, value] of [
    [redundant * 512, redundantTable],
    [directory * 512, table],
    ...[table, redundantTable].flatMap((sector) => [
      [sector * 512, overhead],
      [sector * 512 + 8, overhead + grainSectors],
    ]),
  ] as const)
    view.setUint32(at ?? 0, value ?? 0, true);
  return bytes.fill(7, overhead * 512);
}
