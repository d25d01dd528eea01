import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import {
  blobStoreCases,
  inventoryCases,
  readArchive,
  sampleDisk,
  sampleOva,
  samplePackage,
  sessionBackendCases,
  sessionStoreCases,
  writeArchive,
} from '../src/index.ts';

const textOf = (bytes: Uint8Array | undefined): string => new TextDecoder().decode(bytes);

test('the manifest of a sample package has the right digest of every file', () => {
  const sample = samplePackage({ name: 'app', languages: ['de', 'fr'] });
  const lines = textOf(sample.manifest.bytes).trimEnd().split('\n');
  const files = [sample.descriptor, sample.disk, ...sample.bundles];
  expect(lines).toEqual(
    files.map(({ name, bytes }) => `SHA256(${name})= ${createHash('sha256').update(bytes).digest('hex')}`),
  );
});

test('the descriptor of a sample package names each file with its size', () => {
  const sample = samplePackage({ name: 'app', languages: ['de'] });
  for (const { name, bytes } of [sample.disk, ...sample.bundles]) {
    expect(textOf(sample.descriptor.bytes)).toContain(`ovf:href="${name}" ovf:size="${bytes.length}"`);
  }
});

test('an archive holds its files in order, each from a multiple of 512 bytes', () => {
  const sample = samplePackage({ name: 'app', languages: ['de'] });
  const ova = sampleOva(sample);
  expect(ova.length % 512).toBe(0);
  const expected = [sample.descriptor, sample.manifest, ...sample.bundles, sample.disk];
  expect(readArchive(ova).map(({ name, bytes }) => [name, bytes.length])).toEqual(
    expected.map(({ name, bytes }) => [name, bytes.length]),
  );
  const files = [
    { name: 'a', bytes: new Uint8Array(0) },
    { name: 'b', bytes: new Uint8Array(513).fill(7) },
  ];
  expect(readArchive(writeArchive(files))).toEqual(files);
});

test('a sample disk is a streamOptimized VMDK whose footer repeats the header with the place of the directory', () => {
  const disk = sampleDisk('app');
  const view = new DataView(disk.buffer, disk.byteOffset, disk.length);
  const footer = disk.length - 1024;
  for (const start of [0, footer]) expect(textOf(disk.subarray(start, start + 4))).toBe('KDMV');
  expect(view.getBigUint64(56, true)).toBe(0xffff_ffff_ffff_ffffn);
  const directory = Number(view.getBigUint64(footer + 56, true)) * 512;
  const table = view.getUint32(directory, true) * 512;
  const grain = view.getUint32(table + 9 * 4, true) * 512;
  expect(view.getBigUint64(grain, true)).toBe(9n * 128n);
  expect(textOf(disk.subarray(512, 1024))).toContain('createType="streamOptimized"');
});

test('no two cases of a port have the same name', () => {
  for (const cases of [sessionStoreCases, blobStoreCases, inventoryCases, sessionBackendCases]) {
    const names = cases.map(({ name }: { readonly name: string }) => name);
    expect(new Set(names).size).toBe(names.length);
  }
});
