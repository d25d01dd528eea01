import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { type DigestAlgorithm, writeManifest, writeTar } from '@ovfkit/package-format';
import {
  openPackage,
  packageProblemCodes,
  signatureProblemCodes,
  signManifest,
  type VerifyReport,
  verifyPackage,
  verifyStream,
  writeStreamOptimized,
} from '@ovfkit/package-format/node';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeIdentity, type TestIdentity } from './identity.ts';
import { collect, descriptorWith, item, refusalCode, sourceOf, utf8 } from './source.ts';

const capacity = 1024 ** 2;
let folder = '';
let disk: Uint8Array = new Uint8Array();
let signer: TestIdentity;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ovfkit-verify-'));
  const raw = Buffer.alloc(capacity, 'data');
  disk = await collect(writeStreamOptimized(sourceOf(raw), { capacity, contentId: '12345678' }));
  signer = await makeIdentity({ subject: 'Signer' });
});
afterAll(() => rm(folder, { recursive: true }));

type Parts = Readonly<Record<string, Uint8Array | string>>;

const hardware = [
  item({ ElementName: 'cpu', InstanceID: 1, ResourceType: 3, VirtualQuantity: 1 }),
  item({ AllocationUnits: 'byte * 2^20', ElementName: 'mem', InstanceID: 2, ResourceType: 4, VirtualQuantity: 64 }),
].join('');

function descriptorOf(attributes = `ovf:size="${disk.length}"`, stated = capacity): string {
  return descriptorWith({
    references: `<File ovf:id="f" ovf:href="disk.vmdk" ${attributes}/>`,
    sections: `<DiskSection><Info>Disks</Info><Disk ovf:diskId="d" ovf:fileRef="f" ovf:capacity="${stated}"
      ovf:format="http://www.vmware.com/interfaces/specifications/vmdk.html#streamOptimized"/></DiskSection>`,
    hardware,
  });
}

const digestOf = (bytes: Uint8Array | string, algorithm: DigestAlgorithm) =>
  createHash(algorithm.toLowerCase()).update(bytes).digest('hex');

function manifestOf(parts: Parts, algorithm: DigestAlgorithm = 'SHA256'): string {
  return writeManifest(
    Object.entries(parts).map(([name, bytes]) => ({ name, algorithm, digest: digestOf(bytes, algorithm) })),
  );
}

/** Descriptor, manifest and disk, in that order. */
function goodParts(): Parts {
  const parts = { 'vm.ovf': descriptorOf(), 'disk.vmdk': disk };
  return { 'vm.ovf': parts['vm.ovf'], 'vm.mf': manifestOf(parts), 'disk.vmdk': disk };
}

const archiveOf = (parts: Parts) =>
  collect(
    writeTar(
      Object.entries(parts).map(([name, content]) => {
        const bytes = typeof content === 'string' ? utf8(content) : content;
        return { name, size: bytes.length, bytes: sourceOf(bytes) };
      }),
    ),
  );

let turn = 0;

/** The same package as an archive by seeking, as a stream, compressed and as a folder. */
async function verifyAll(parts: Parts, options: Parameters<typeof verifyPackage>[1] = {}) {
  turn += 1;
  const archive = await archiveOf(parts);
  const path = join(folder, `${turn}.ova`);
  await writeFile(path, archive);
  await writeFile(`${path}.gz`, gzipSync(archive));
  const own = join(folder, String(turn));
  for (const [name, content] of Object.entries(parts)) {
    await mkdir(dirname(join(own, name)), { recursive: true });
    await writeFile(join(own, name), content);
  }
  return {
    ova: await verifyPackage(path, options),
    stream: await verifyStream(sourceOf(archive), { ...options, file: 'stream' }),
    gzip: await verifyPackage(`${path}.gz`, options),
    folder: await verifyPackage(own, options),
  };
}

const codesOf = ({ problems }: VerifyReport) =>
  problems.filter(({ severity }) => severity !== 'info').map(({ code }) => code);

/** The codes, which have to be the same whichever way the package is read. */
async function codes(parts: Parts, options?: Parameters<typeof verifyPackage>[1]): Promise<readonly string[]> {
  const reports = await verifyAll(parts, options);
  for (const other of [reports.stream, reports.gzip]) expect(codesOf(other)).toEqual(codesOf(reports.ova));
  return codesOf(reports.ova);
}

test('a sound package has no problem, whichever way it is read', async () => {
  for (const report of Object.values(await verifyAll(goodParts()))) {
    expect(report.problems).toEqual([]);
    expect(report).toMatchObject({ descriptorName: 'vm.ovf', hasManifest: true, signature: undefined });
    expect(report.disks).toMatchObject([{ href: 'disk.vmdk', kind: 'streamOptimized', capacity }]);
    const { digests } = report.files.find(({ name }) => name === 'disk.vmdk') ?? {};
    expect(digests).toEqual([
      { algorithm: 'SHA256', stated: digestOf(disk, 'SHA256'), actual: digestOf(disk, 'SHA256') },
    ]);
  }
});

test.each(['SHA1', 'SHA256', 'SHA384', 'SHA512'] as const)('digests of %s are compared', async (algorithm) => {
  const parts = { 'vm.ovf': descriptorOf(), 'disk.vmdk': disk };
  const lines = manifestOf(parts, algorithm);
  expect(await codes({ 'vm.ovf': parts['vm.ovf'], 'vm.mf': lines, 'disk.vmdk': disk })).toEqual([]);
  const changed = disk.with(disk.length - 600, 1);
  expect(await codes({ 'vm.ovf': parts['vm.ovf'], 'vm.mf': lines, 'disk.vmdk': changed })).toContain('DIGEST_MISMATCH');
});

test('a manifest at the end is as good', async () => {
  const { 'vm.ovf': descriptor = '', 'vm.mf': manifest = '' } = goodParts();
  expect(await codes({ 'vm.ovf': descriptor, 'disk.vmdk': disk, 'vm.mf': manifest })).toEqual([]);
});

test('a disk before its descriptor is digested all the same, and the order is told', async () => {
  const { 'vm.ovf': descriptor = '', 'vm.mf': manifest = '' } = goodParts();
  const { stream, ova } = await verifyAll({
    'disk.vmdk': disk.with(70_000, 9),
    'vm.ovf': descriptor,
    'vm.mf': manifest,
  });
  expect(codesOf(stream)).toEqual(['MEMBER_ORDER', 'DIGEST_MISMATCH']);
  expect(codesOf(ova)).toContain('MEMBER_ORDER');
  expect(codesOf(ova)).toContain('DIGEST_MISMATCH');
});

test('files that are missing, of another size, unlisted or unknown are all told at once', async () => {
  const descriptor = descriptorOf('ovf:size="5"').replace(
    '</References>',
    '<File ovf:id="g" ovf:href="gone.iso"/></References>',
  );
  const parts = { 'vm.ovf': descriptor, 'disk.vmdk': disk };
  const manifest = `${manifestOf(parts)}SHA1(away.txt)= ${'0'.repeat(40)}\n`;
  expect(await codes({ 'vm.ovf': descriptor, 'vm.mf': manifest, 'disk.vmdk': disk, 'notes.txt': 'x' })).toEqual([
    'MANIFEST_FILE_MISSING',
    'FILE_NOT_IN_MANIFEST',
    'SIZE_MISMATCH',
    'FILE_MISSING',
    'FILE_NOT_REFERENCED',
  ]);
});

test('a damaged disk is told by the offset within it, although its digest fits', async () => {
  const damaged = disk.with(disk.length - 1024 + 12, 77);
  const parts = { 'vm.ovf': descriptorOf(), 'disk.vmdk': damaged };
  const { ova } = await verifyAll({ 'vm.ovf': parts['vm.ovf'], 'vm.mf': manifestOf(parts), 'disk.vmdk': damaged });
  expect(ova.problems).toMatchObject([
    { kind: 'disk', code: 'DISK_DAMAGED', file: 'disk.vmdk', offset: disk.length - 1024 },
  ]);
});

test('a disk larger than the descriptor says is an error, a smaller one odd', async () => {
  const report = async (stated: number) => {
    const parts = { 'vm.ovf': descriptorOf(undefined, stated), 'disk.vmdk': disk };
    return (await verifyAll({ ...parts, 'vm.mf': manifestOf(parts) })).ova.problems.filter(
      ({ kind }) => kind === 'disk',
    );
  };
  expect(await report(capacity / 2)).toMatchObject([{ code: 'DISK_CAPACITY', severity: 'error' }]);
  expect(await report(capacity * 2)).toMatchObject([{ code: 'DISK_CAPACITY', severity: 'warning' }]);
});

test('compressed and chunked disks are looked into as well', async () => {
  const damaged = disk.with(disk.length - 1024 + 12, 77);
  for (const [bytes, expected] of [
    [disk, []],
    [damaged, ['DISK_DAMAGED']],
  ] as const) {
    const packed = gzipSync(bytes);
    const zipped = {
      'vm.ovf': descriptorOf(`ovf:compression="gzip" ovf:size="${packed.length}"`),
      'disk.vmdk': packed,
    };
    expect(await codes({ 'vm.ovf': zipped['vm.ovf'], 'vm.mf': manifestOf(zipped), 'disk.vmdk': packed })).toEqual(
      expected,
    );
    const cut = {
      'vm.ovf': descriptorOf(`ovf:chunkSize="66000" ovf:size="${bytes.length}"`),
      'disk.vmdk.000000000': bytes.subarray(0, 66_000),
      'disk.vmdk.000000001': bytes.subarray(66_000),
    };
    const { 'vm.ovf': descriptor, ...pieces } = cut;
    expect(await codes({ 'vm.ovf': descriptor, 'vm.mf': manifestOf(cut), ...pieces })).toEqual(expected);
  }
  const broken = gzipSync(disk).subarray(0, -20);
  const parts = { 'vm.ovf': descriptorOf('ovf:compression="gzip"'), 'disk.vmdk': broken };
  expect(await codes({ 'vm.ovf': parts['vm.ovf'], 'vm.mf': manifestOf(parts), 'disk.vmdk': broken })).toEqual([
    'COMPRESSION_INVALID',
  ]);
});

test('a signature is verified over the manifest as it lies there', async () => {
  const parts = goodParts();
  const { 'vm.ovf': descriptor = '', 'vm.mf': manifest = '' } = parts;
  const bytes = typeof manifest === 'string' ? utf8(manifest) : manifest;
  const certificate = signManifest({
    manifest: bytes,
    manifestName: 'vm.mf',
    identity: { key: signer.key, chain: signer.certificate },
  });
  const signed = { 'vm.ovf': descriptor, 'vm.mf': manifest, 'vm.cert': certificate, 'disk.vmdk': disk };
  const roots = [signer.certificate];
  expect(await codes(signed, { roots })).toEqual([]);
  expect(await codes(signed, { roots: [] })).toEqual(['CHAIN_UNTRUSTED']);
  expect(await codes({ ...signed, 'vm.mf': `${manifest}\n` }, { roots })).toEqual(['SIGNATURE_WRONG']);
  expect(await codes({ ...signed, 'vm.cert': 'no certificate' }, { roots })).toEqual(['CERTIFICATE_INVALID']);
  const { 'vm.mf': _, ...without } = signed;
  expect(await codes(without, { roots })).toEqual(['MANIFEST_MISSING']);
});

test('a manifest nobody can read is one problem, not one for each file', async () => {
  const parts = { 'vm.ovf': descriptorOf(), 'vm.mf': 'nonsense', 'disk.vmdk': disk };
  expect((await codes(parts)).filter((code) => code === 'MANIFEST_INVALID')).toHaveLength(1);
});

test('an archive that breaks off is told together with all that was found before', async () => {
  const archive = await archiveOf(goodParts());
  const { problems, files } = await verifyStream(sourceOf(archive.subarray(0, 9000)), { file: 'cut.ova' });
  expect(files.map(({ name }) => name)).toEqual(['vm.ovf', 'vm.mf']);
  expect(problems.map(({ code }) => code)).toContain('TRUNCATED');
});

test('what is no package at all is thrown', async () => {
  expect(await refusalCode(() => verifyPackage(join(folder, 'nothing')))).toBe('CANNOT_READ');
  expect(await refusalCode(() => verifyStream(sourceOf(new Uint8Array(100)), { file: 'a' }))).toBe('TAR_INVALID');
});

test('progress reaches the total, and a canceled verification ends with the reason', async () => {
  const path = join(folder, 'progress.ova');
  await writeFile(path, await archiveOf(goodParts()));
  let last = { done: 0, total: 0 as number | undefined };
  await verifyPackage(path, { onProgress: ({ done, total }) => (last = { done, total }) });
  expect(last.done).toBe(last.total);
  const controller = new AbortController();
  const canceled = verifyPackage(path, { signal: controller.signal, onProgress: () => controller.abort('enough') });
  await expect(canceled).rejects.toBe('enough');
});

test('a reader that is given stays open', async () => {
  const path = join(folder, 'open.ova');
  await writeFile(path, await archiveOf(goodParts()));
  const reader = await openPackage(path);
  expect((await verifyPackage(reader)).problems).toEqual([]);
  expect((await collect(reader.read('vm.mf'))).length).toBeGreaterThan(0);
  await reader.close();
});

test('the README tells of every code that only a verification gives', async () => {
  const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8');
  const rows = [...readme.matchAll(/^\| `([A-Z_]+)` \|/gm)].map(([, code]) => code);
  expect(rows.toSorted()).toEqual([...packageProblemCodes, ...signatureProblemCodes].toSorted());
});
