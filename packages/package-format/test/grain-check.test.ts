import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { writeManifest, writeTar } from '@ovfkit/package-format';
import { type VerifyReport, verifyStream, writeStreamOptimized } from '@ovfkit/package-format/node';
import { expect, test } from 'vitest';
import { collect, descriptorWith, sourceOf, utf8 } from './source.ts';

const grainSize = 65_536;
const capacity = 40 * grainSize;

async function makeDisk(): Promise<Uint8Array> {
  const raw = new Uint8Array(capacity).map((_, at) => (at * 31 + Math.floor(at / 7)) % 253);
  return collect(writeStreamOptimized(sourceOf(raw), { capacity, level: 1, contentId: '12345678' }));
}
const disk = await makeDisk();
/** The first grain's marker stands here, its data 12 bytes later. */
const firstGrain = 128 * 512;

const damaged = disk.slice();
damaged.fill(0, firstGrain + 100, firstGrain + 140);

interface Pack {
  readonly bytes: Uint8Array;
  readonly compression?: string;
  readonly manifest?: 'whole' | 'without the disk';
}

/** Verifies an archive with that disk. The digests fit, so that only looking inside can find anything. */
function verify(
  { bytes, compression = '', manifest }: Pack,
  options: { readonly disks?: 'grains' } = {},
): Promise<VerifyReport> {
  const descriptor = utf8(
    descriptorWith({
      references: `<File ovf:id="f" ovf:href="disk.vmdk" ${compression}/>`,
      sections: `<DiskSection><Info/><Disk ovf:diskId="d" ovf:fileRef="f" ovf:capacity="${capacity}"/></DiskSection>`,
    }),
  );
  const digestOf = (content: Uint8Array) => createHash('sha256').update(content).digest('hex');
  const listed = [['vm.ovf', descriptor] as const, ...(manifest === 'whole' ? [['disk.vmdk', bytes] as const] : [])];
  const text = utf8(
    writeManifest(listed.map(([name, content]) => ({ name, algorithm: 'SHA256', digest: digestOf(content) }))),
  );
  const members: readonly (readonly [string, Uint8Array])[] = [
    ['vm.ovf', descriptor],
    ...(manifest === undefined ? [] : [['vm.mf', text] as const]),
    ['disk.vmdk', bytes],
  ];
  const entries = members.map(([name, content]) => ({ name, size: content.length, bytes: sourceOf(content) }));
  return verifyStream(writeTar(entries), { file: 'vm.ova', ...options });
}

const diskProblems = ({ problems }: VerifyReport) =>
  problems.filter(({ kind }) => kind === 'disk').map(({ code, message, offset }) => ({ code, message, offset }));
const cannotBeInflated = [
  { code: 'DISK_DAMAGED', message: 'The grain for sector 0 cannot be inflated', offset: firstGrain },
];

test('a damaged grain is told with its offset when no digest covers the disk', async () => {
  expect(diskProblems(await verify({ bytes: damaged }))).toEqual(cannotBeInflated);
  expect(diskProblems(await verify({ bytes: damaged, manifest: 'without the disk' }))).toEqual(cannotBeInflated);
});

test('a disk that a digest covers is looked into only when asked', async () => {
  expect(diskProblems(await verify({ bytes: damaged, manifest: 'whole' }))).toEqual([]);
  expect(diskProblems(await verify({ bytes: damaged, manifest: 'whole' }, { disks: 'grains' }))).toEqual(
    cannotBeInflated,
  );
});

test('a damaged grain is found behind gzip', async () => {
  const packed = { bytes: gzipSync(damaged), compression: 'ovf:compression="gzip"' };
  expect(diskProblems(await verify(packed))).toEqual(cannotBeInflated);
});

test('a disk that is whole has no problem inside', async () => {
  expect(diskProblems(await verify({ bytes: disk }))).toEqual([]);
  expect(diskProblems(await verify({ bytes: gzipSync(disk), compression: 'ovf:compression="gzip"' }))).toEqual([]);
});

test('a disk whose grains are not of their size is found, the last one short excepted', async () => {
  const short = disk.slice();
  // twice the sectors per grain: each grain now has half of what it should have
  const text = new TextDecoder('latin1').decode(short.subarray(0, 21 * 512));
  expect(text).toContain('streamOptimized');
  new DataView(short.buffer).setBigUint64(20, 256n, true);
  const messages = diskProblems(await verify({ bytes: short })).map(({ message }) => message);
  expect(messages).toContain(`The grain for sector 0 has ${grainSize} bytes unpacked, not ${2 * grainSize}`);
  new DataView(short.buffer).setBigUint64(20, 64n, true);
  const others = diskProblems(await verify({ bytes: short })).map(({ message }) => message);
  expect(others).toContain(`The grain for sector 0 has more than ${grainSize / 2} bytes unpacked`);
});
