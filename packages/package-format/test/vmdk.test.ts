import { decodeVmdkHeader, inspectVmdk, randomAccessOf, readDiskDescriptor } from '@ovfkit/package-format';
import { readStreamOptimized, writeStreamOptimized } from '@ovfkit/package-format/node';
import { expect, test } from 'vitest';
import { collect, refusalCode, sourceOf, utf8 } from './source.ts';

const text = `# Disk DescriptorFile
version=1
CID=7e2a7eac
createType="monolithicFlat"
# Extent description
RW 20480 FLAT "disk one-flat.vmdk" 0
RW 4 FLAT "disk two-flat.vmdk" 0
ddb.adapterType = "ide"
`;

test('grains of zeros take no room', async () => {
  const size = 40 * 1024 ** 2;
  const packed = await collect(writeStreamOptimized(sourceOf(new Uint8Array(size)), { capacity: size }));
  expect(packed.length).toBe(128 * 512 + 512 + 512 + 1024 + 512);
});

test('a disk of more than one grain table is read back', async () => {
  const size = 33 * 1024 ** 2;
  const raw = new Uint8Array(size);
  raw.fill(7, size - 1000);
  raw.fill(9, 0, 1000);
  const packed = await collect(writeStreamOptimized(sourceOf(raw), { capacity: size }));
  expect(Buffer.compare(await collect(readStreamOptimized(sourceOf(packed))), raw)).toBe(0);
});

test('the same disk gives the same file when its content id is given', async () => {
  const raw = utf8('x'.repeat(1024));
  const write = () => collect(writeStreamOptimized(sourceOf(raw), { capacity: 1024, contentId: '12345678' }));
  expect(await write()).toEqual(await write());
});

test('a disk that is not of the size announced is refused', async () => {
  const write = (size: number, capacity: number) =>
    collect(writeStreamOptimized(sourceOf(new Uint8Array(size)), { capacity }));
  expect(await refusalCode(() => write(512, 1024))).toBe('SIZE_MISMATCH');
  expect(await refusalCode(() => write(200_000, 1024))).toBe('SIZE_MISMATCH');
  expect(await refusalCode(() => write(500, 500))).toBe('VALUE_INVALID');
});

test('a disk that ends in the middle is refused', async () => {
  const packed = await collect(writeStreamOptimized(sourceOf(utf8('x'.repeat(1024))), { capacity: 1024 }));
  expect(await refusalCode(() => collect(readStreamOptimized(sourceOf(packed.subarray(0, packed.length - 512)))))).toBe(
    'TRUNCATED',
  );
});

test('the descriptor inside tells of the disk', async () => {
  const packed = await collect(writeStreamOptimized(sourceOf(new Uint8Array(1024)), { capacity: 1024 }));
  const { descriptor } = await inspectVmdk(randomAccessOf(packed));
  expect(descriptor).toMatchObject({ createType: 'streamOptimized', extents: [{ sectors: 2, type: 'SPARSE' }] });
});

test('a text descriptor is read, its extents added up', async () => {
  expect(await inspectVmdk(randomAccessOf(utf8(text)))).toMatchObject({
    kind: 'descriptor',
    capacity: 20_484 * 512,
    descriptor: { createType: 'monolithicFlat' },
  });
  expect(readDiskDescriptor(text).values.get('ddb.adapterType')).toBe('ide');
  expect(readDiskDescriptor(text).extents[0]?.file).toBe('disk one-flat.vmdk');
});

test('two extents that are one file are refused', async () => {
  expect(await refusalCode(() => readDiskDescriptor(text.replace('two', 'one')))).toBe('VMDK_INVALID');
});

test('a magic number alone is no header', async () => {
  expect(await refusalCode(() => decodeVmdkHeader(new Uint8Array(512)))).toBe('VMDK_INVALID');
  expect(await refusalCode(() => decodeVmdkHeader(utf8(`KDMV${'x'.repeat(508)}`)))).toBe('VMDK_INVALID');
  expect(await refusalCode(() => inspectVmdk(randomAccessOf(utf8('nothing'))))).toBe('VMDK_INVALID');
});
