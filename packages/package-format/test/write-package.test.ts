import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readDescriptor, readManifest } from '@ovfkit/package-format';
import {
  checkManifest,
  digest,
  type NewPackage,
  openPackage,
  openSpooled,
  type PackageProgress,
  streamPackage,
  verifyPackage,
  type WritePackageOptions,
  writePackage,
} from '@ovfkit/package-format/node';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { codeSigner, makeIdentity } from './identity.ts';
import { collect, cutAt, descriptorWith, refusal, refusalCode, sourceOf, textFrom, utf8 } from './source.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ovfkit-write-'));
});
afterEach(() => rm(folder, { recursive: true }));

const path = (name: string): string => join(folder, name);
const disk = new Uint8Array(5000).map((_, at) => at % 251);

const sample = (files: NewPackage['files'] = [{ name: 'disk.vmdk', read: () => sourceOf(disk) }]): NewPackage => ({
  descriptorName: 'vm.ovf',
  descriptor: descriptorWith({ references: '<File ovf:id="d" ovf:href="disk.vmdk" ovf:vendor="kept"/>' }),
  files,
});

const write = (to: string, options: Partial<WritePackageOptions> = {}) =>
  writePackage(sample(), { path: path(to), ...options });

/** Makes another package of one that was written. */
async function rewrite(from: string, to: string, options: Partial<WritePackageOptions> = {}) {
  const reader = await openPackage(path(from));
  try {
    return await writePackage(reader, { path: path(to), ...options });
  } finally {
    await reader.close();
  }
}

describe('a package made of a descriptor and files', () => {
  test('has the sizes of its files in the descriptor, and a manifest', async () => {
    const written = await write('a.ova');
    expect(written).toMatchObject({ algorithm: 'SHA256', dropped: [], size: (await readFile(path('a.ova'))).length });
    expect(written.members.map(({ name }) => name)).toEqual(['vm.ovf', 'vm.mf', 'disk.vmdk']);
    const reader = await openPackage(path('a.ova'));
    const text = await textFrom(reader.read('vm.ovf'));
    expect(readDescriptor(text).files).toMatchObject([{ href: 'disk.vmdk', size: 5000 }]);
    expect(text).toContain('ovf:vendor="kept"');
    await reader.close();
  });

  test('lacks no file that its descriptor names, and has no name twice', async () => {
    expect(await refusalCode(() => writePackage(sample([]), { path: path('a.ova') }))).toBe('FILE_MISSING');
    const [file] = sample().files;
    const twice = file === undefined ? [] : [file, { ...file, name: 'DISK.vmdk' }];
    expect(await refusalCode(() => writePackage(sample(twice), { path: path('a.ova') }))).toBe('FILE_EXISTS');
    expect(await readdir(folder)).toEqual([]);
  });

  test('may not promise more bytes than it has', async () => {
    const files = [{ name: 'disk.vmdk', size: 5001, read: () => sourceOf(disk) }];
    expect(await refusalCode(() => writePackage(sample(files), { path: path('a.ova') }))).toBe('SIZE_MISMATCH');
    expect(await readdir(folder)).toEqual([]);
  });
});

describe('a package made of another', () => {
  test('is refused when a file does not match its digest, whatever becomes of it', async () => {
    await write('first');
    await writeFile(path('first/disk.vmdk'), new Uint8Array(5000));
    for (const options of [{}, { compression: 'gzip' }, { chunkSize: 600 }] as const) {
      const { code, file, message } = await refusal(() => rewrite('first', 'a.ova', options));
      expect({ code, file }).toEqual({ code: 'DIGEST_MISMATCH', file: 'disk.vmdk' });
      expect(message).toContain(await digest(sourceOf(new Uint8Array(5000)), 'SHA256'));
    }
    expect(await readdir(folder)).toEqual(['first']);
  });

  test('takes bytes that differ when its maker says so, and tells which', async () => {
    await write('first');
    await writeFile(path('first/disk.vmdk'), new Uint8Array(5000));
    const differing: string[] = [];
    await rewrite('first', 'a.ova', { digest: 'SHA512', onMismatch: ({ name }) => void differing.push(name) });
    expect(differing).toEqual(['disk.vmdk']);
    const { problems } = await verifyPackage(path('a.ova'));
    expect(problems.filter(({ kind }) => kind === 'digest')).toEqual([]);
  });

  test('can have another descriptor, and one that was edited by hand is noticed first', async () => {
    await write('first');
    await rewrite('first', 'a.ova', { edits: [{ type: 'rename', name: 'renamed' }] });
    const reader = await openPackage(path('a.ova'));
    expect(await textFrom(reader.read('vm.ovf'))).toContain('renamed');
    await reader.close();
    await writeFile(path('first/vm.ovf'), (await readFile(path('first/vm.ovf'), 'utf8')).replace('A machine', 'Mine'));
    const options = { edits: [{ type: 'rename', name: 'other' }] } as const;
    expect(await refusal(() => rewrite('first', 'b.ova', options))).toMatchObject({ file: 'vm.ovf' });
  });

  test('can be without a member', async () => {
    await write('first.ova');
    const edits = [{ type: 'removeFile', id: 'd' }] as const;
    await rewrite('first.ova', 'second', { edits, without: new Set(['disk.vmdk']) });
    expect((await readdir(path('second'))).toSorted()).toEqual(['vm.mf', 'vm.ovf']);
  });

  test('says how far it is, file by file, and ends when it is told to', async () => {
    await write('first');
    const seen: PackageProgress[] = [];
    await rewrite('first', 'a.ova', { compression: 'gzip', onProgress: (each) => void seen.push(each) });
    expect(seen).toContainEqual({ file: 'disk.vmdk.gz', phase: 'prepare', done: expect.any(Number) });
    const last = seen.findLast(({ file }) => file === 'disk.vmdk.gz');
    expect(last).toMatchObject({ phase: 'write', done: last?.size });
    const signal = AbortSignal.abort(new Error('stop'));
    await expect(rewrite('first', 'b.ova', { signal })).rejects.toThrow('stop');
    expect((await readdir(folder)).toSorted()).toEqual(['a.ova', 'first']);
  });

  test('cannot be cut into more pieces than anybody can handle', async () => {
    const input = sample([{ name: 'disk.vmdk', read: () => sourceOf(new Uint8Array(20_001)) }]);
    const { code, message } = await refusal(() => writePackage(input, { path: path('a.ova'), chunkSize: 2 }));
    expect(code).toBe('VALUE_INVALID');
    expect(message).toContain('would become 10001 pieces; 10000 are allowed, so make them of 3 bytes or more');
    expect(await readdir(folder)).toEqual([]);
    await writePackage(input, { path: path('a.ova'), chunkSize: 3 });
  });

  test.each([0, -1, 1.5])('cannot be cut into pieces of %d bytes', async (chunkSize) => {
    expect(await refusalCode(() => write('a.ova', { chunkSize }))).toBe('VALUE_INVALID');
  });
});

describe('a stream', () => {
  test('has the manifest at its end, and is a package like any other', async () => {
    await writeFile(path('a.ova'), streamPackage(sample(), { digest: 'SHA384' }));
    const { problems, files } = await verifyPackage(path('a.ova'));
    expect(files.map(({ name }) => name)).toEqual(['vm.ovf', 'disk.vmdk', 'vm.mf']);
    expect(problems.filter(({ kind, code }) => kind === 'digest' || code === 'MEMBER_ORDER')).toEqual([]);
  });

  test('gives chunks that stay valid, for a pipe may hold them', async () => {
    const names = Array.from({ length: 20 }, (_, index) => `f${index}.bin`);
    const input: NewPackage = {
      descriptorName: 'vm.ovf',
      descriptor: descriptorWith({
        references: names.map((name) => `<File ovf:id="${name}" ovf:href="${name}"/>`).join(''),
      }),
      files: names.map((name, index) => ({ name, size: 100, read: () => sourceOf(new Uint8Array(100).fill(index)) })),
    };
    await writePackage(input, { path: path('many') });
    const reader = await openPackage(path('many'));
    await writeFile(path('b.ova'), await collect(streamPackage(reader)));
    await reader.close();
    const { problems } = await verifyPackage(path('b.ova'));
    expect(problems.filter(({ kind }) => kind === 'digest')).toEqual([]);
  });

  test('that comes in is kept as long as it is open', async () => {
    const bytes = await collect(streamPackage(sample()));
    const reader = await openSpooled(cutAt(bytes, [700]), { path: path('in') });
    await checkManifest(reader);
    expect(await collect(reader.read('disk.vmdk'))).toEqual(disk);
    expect(await readdir(folder)).toEqual(['in.part']);
    await reader.close();
    expect(await readdir(folder)).toEqual([]);
    expect(await refusalCode(() => openSpooled(sourceOf(utf8('x'.repeat(600))), { path: path('in') }))).toMatch(
      /^TAR_/,
    );
    expect(await readdir(folder)).toEqual([]);
  });
});

describe('a signed package', () => {
  test.each(['ec', 'rsa'] as const)('is made in one go with an %s key, in every form', async (kind) => {
    const { key, certificate } = await makeIdentity({ subject: 'Signer', kind, extensions: codeSigner() });
    const identity = { key, chain: certificate };
    await write('plain.ova');
    await write('a.ova', { identity });
    await write('folder', { identity });
    await writeFile(path('stream.ova'), streamPackage(sample(), { identity }));
    const again = await rewrite('plain.ova', 'again.ova', { identity });
    expect(again.algorithm).toBeUndefined();
    for (const name of ['a.ova', 'folder', 'stream.ova', 'again.ova']) {
      const { signature, problems } = await verifyPackage(path(name), { roots: [certificate] });
      expect(signature).toMatchObject({ status: 'valid' });
      expect(problems.filter((problem) => problem.kind === 'digest' || problem.code === 'MEMBER_ORDER')).toEqual([]);
    }
  });

  test('loses a certificate that would be false, and says so', async () => {
    const { key, certificate } = await makeIdentity({ subject: 'Signer', extensions: codeSigner() });
    await write('a.ova', { identity: { key, chain: certificate } });
    expect(await rewrite('a.ova', 'same')).toMatchObject({ dropped: [] });
    expect(await readdir(path('same'))).toContain('vm.cert');
    expect(await rewrite('a.ova', 'other', { digest: 'SHA512' })).toMatchObject({ dropped: ['vm.cert'] });
    expect(await readdir(path('other'))).not.toContain('vm.cert');
    const { entries } = readManifest(await readFile(path('other/vm.mf')));
    expect(entries.map(({ algorithm }) => algorithm)).toEqual(['SHA512', 'SHA512']);
  });

  test('vouches for nothing that is not there', async () => {
    const { key, certificate } = await makeIdentity({ subject: 'Signer', extensions: codeSigner() });
    await write('first');
    const manifest = await readFile(path('first/vm.mf'), 'utf8');
    await writeFile(path('first/vm.mf'), `${manifest}SHA256(gone.iso)= ${'0'.repeat(64)}\n`);
    const sign = () => rewrite('first', 'a.ova', { identity: { key, chain: certificate } });
    expect(await refusal(sign)).toMatchObject({ code: 'FILE_MISSING', file: 'gone.iso' });
  });
});
