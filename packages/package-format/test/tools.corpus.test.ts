// Other people's tools have the last word on what is written here: qemu-img, openssl, GNU tar, sha256sum, gzip, xz
// and zstd must be installed.
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkVmdk, randomAccessOf, readCertificate, writeCertificate, writeManifest } from '@ovfkit/package-format';
import {
  convertDisk,
  digest,
  openFile,
  openPackage,
  readStreamOptimized,
  signManifest,
  verifyCertificate,
  writeStreamOptimized,
} from '@ovfkit/package-format/node';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { collect, refusal, sourceOf, utf8 } from './source.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ovfkit-tools-'));
});
afterAll(() => rm(folder, { recursive: true }));

const run = (command: string, ...args: readonly string[]) =>
  execFileSync(command, args, { cwd: folder, encoding: 'utf8' });

/** Random, compressible and empty stretches. */
function mixed(size: number): Uint8Array {
  const raw = new Uint8Array(size);
  for (let at = 0, turn = 0; at < size; at += 300_000, turn += 1) {
    const end = Math.min(size, at + 300_000);
    if (turn % 3 === 0) raw.set(randomBytes(end - at), at);
    if (turn % 3 === 1) raw.fill(turn % 256, at, end);
  }
  return raw;
}

test.each([
  ['one sector', 512],
  ['a part of a grain at the end', 1024 ** 2 + 512],
  ['two grain tables', 40 * 1024 ** 2],
])('qemu-img finds no fault in a disk of %s, and the same bytes in it', async (_, size) => {
  const raw = mixed(size);
  await writeFile(join(folder, 'disk.vmdk'), writeStreamOptimized(sourceOf(raw), { capacity: size }));
  expect(run('qemu-img', 'check', '-f', 'vmdk', 'disk.vmdk')).toContain('No errors were found');
  expect(run('qemu-img', 'info', '-f', 'vmdk', 'disk.vmdk')).toContain('create type: streamOptimized');
  run('qemu-img', 'convert', '-f', 'vmdk', '-O', 'raw', 'disk.vmdk', 'back.raw');
  expect(Buffer.compare(await readFile(join(folder, 'back.raw')), raw)).toBe(0);
});

test('a disk that qemu-img writes is read to the same bytes', async () => {
  const raw = mixed(5 * 1024 ** 2);
  await writeFile(join(folder, 'in.raw'), raw);
  run('qemu-img', 'convert', '-f', 'raw', '-O', 'vmdk', '-o', 'subformat=streamOptimized', 'in.raw', 'theirs.vmdk');
  expect(Buffer.compare(await collect(readStreamOptimized(createReadStream(join(folder, 'theirs.vmdk')))), raw)).toBe(
    0,
  );
});

test.each([
  ['qcow2', 'qcow2', []],
  ['qcow2', 'qcow2', ['-c']],
  ['qcow2', 'qcow2', ['-c', '-o', 'compression_type=zstd']],
  ['qcow2', 'qcow2', ['-o', 'compat=0.10']],
  ['qcow2', 'qcow2', ['-c', '-o', 'cluster_size=4096']],
  ['vmdk', 'monolithicSparse', []],
  ['vmdk', 'streamOptimized', ['-o', 'subformat=streamOptimized']],
] as const)(
  'a disk that qemu-img writes as %s (%s %j) is converted to the same bytes',
  async (format, name, options) => {
    const raw = mixed(41 * 1024 ** 2);
    await writeFile(join(folder, 'in.raw'), raw);
    run('qemu-img', 'convert', '-f', 'raw', '-O', format, ...options, 'in.raw', 'theirs');
    const { from, capacity } = await convertDisk(join(folder, 'theirs'), {
      to: 'raw',
      path: join(folder, 'ours.raw'),
      ifExists: 'replace',
    });
    expect({ from, capacity }).toEqual({ from: name, capacity: raw.length });
    expect(Buffer.compare(await readFile(join(folder, 'ours.raw')), raw)).toBe(0);
    if (format === 'vmdk') {
      const file = await openFile(join(folder, 'theirs'));
      const { problems } = await checkVmdk(file);
      await file.close();
      expect(problems.filter(({ severity }) => severity === 'error')).toEqual([]);
    }
  },
);

test.each([512, 65_536, 41 * 1024 ** 2, 700 * 1024 ** 2])(
  'qemu-img finds no fault in a qcow2 image of %i bytes, and the same bytes in it',
  async (size) => {
    const raw = size > 10 ** 8 ? Buffer.concat([Buffer.alloc(size - 5000), randomBytes(5000)]) : mixed(size);
    const path = join(folder, 'ours.qcow2');
    await convertDisk(randomAccessOf(raw), { to: 'qcow2', path, ifExists: 'replace' });
    expect(run('qemu-img', 'check', '-f', 'qcow2', 'ours.qcow2')).toContain('No errors were found');
    run('qemu-img', 'convert', '-f', 'qcow2', '-O', 'raw', 'ours.qcow2', 'back.raw');
    expect(Buffer.compare(await readFile(join(folder, 'back.raw')), raw)).toBe(0);
  },
);

test.each([100_000, 3 * 1024 ** 2 + 77 * 512])('qemu-img compares a raw file of %i bytes as the same', async (size) => {
  const raw = mixed(size);
  await writeFile(join(folder, 'in.raw'), raw);
  for (const to of ['streamOptimized', 'qcow2'] as const) {
    await convertDisk(join(folder, 'in.raw'), { to, path: join(folder, 'odd'), ifExists: 'replace' });
    expect(run('qemu-img', 'check', 'odd')).toContain('No errors were found');
    expect(run('qemu-img', 'compare', '-f', 'raw', 'in.raw', 'odd')).toContain('Images are identical');
  }
});

test.each([
  ['a backing file', ['-b', 'base.qcow2', '-F', 'qcow2', 'theirs.qcow2'], /needs a backing file; flatten it first/],
  [
    'encryption',
    [...['--object', 'secret,id=s,data=word'], ...['-o', 'encrypt.format=aes,encrypt.key-secret=s'], 'theirs.qcow2'],
    /encrypted/,
  ],
] as const)('a qcow2 image with %s is refused with the reason', async (_, options, message) => {
  run('qemu-img', 'create', '-q', '-f', 'qcow2', 'base.qcow2', '1M');
  run('qemu-img', 'create', '-q', '-f', 'qcow2', ...options, ...(message.source === 'encrypted' ? ['1M'] : []));
  const path = join(folder, 'refused.raw');
  const { code, message: text } = await refusal(() => convertDisk(join(folder, 'theirs.qcow2'), { to: 'raw', path }));
  expect({ code, text }).toEqual({ code: 'QCOW2_INVALID', text: expect.stringMatching(message) });
});

test.each(['monolithicFlat', 'twoGbMaxExtentSparse', 'twoGbMaxExtentFlat'])(
  'a disk that qemu-img writes as %s is converted to the same bytes, also when it has several extents',
  async (subformat) => {
    const name = `${subformat}.vmdk`;
    // 2 GiB and something: a second extent; all but the ends is empty
    run('truncate', '-s', String(2 ** 31 + 8 * 1024 ** 2), 'ends.raw');
    const handle = await open(join(folder, 'ends.raw'), 'r+');
    await handle.write(mixed(1024 ** 2), 0, undefined, 0);
    await handle.write(mixed(1024 ** 2), 0, undefined, 2 ** 31 - 300_000);
    await handle.close();
    run('qemu-img', 'convert', '-f', 'raw', '-O', 'vmdk', '-o', `subformat=${subformat}`, 'ends.raw', name);
    const path = join(folder, 'one.qcow2');
    const { from } = await convertDisk(join(folder, name), { to: 'qcow2', path, ifExists: 'replace' });
    expect(from).toBe('split');
    expect(run('qemu-img', 'compare', '-f', 'raw', 'ends.raw', 'one.qcow2')).toContain('Images are identical');
  },
);

test('qemu-img reads a streamOptimized disk that is converted from qcow2', async () => {
  const raw = mixed(5 * 1024 ** 2);
  await writeFile(join(folder, 'in.raw'), raw);
  run('qemu-img', 'convert', '-f', 'raw', '-O', 'qcow2', 'in.raw', 'in.qcow2');
  await convertDisk(join(folder, 'in.qcow2'), { to: 'streamOptimized', path: join(folder, 'c.vmdk') });
  expect(run('qemu-img', 'check', '-f', 'vmdk', 'c.vmdk')).toContain('No errors were found');
  run('qemu-img', 'convert', '-f', 'vmdk', '-O', 'raw', 'c.vmdk', 'back.raw');
  expect(Buffer.compare(await readFile(join(folder, 'back.raw')), raw)).toBe(0);
});

/** OpenSSL makes the keys here, and has the last word on the signatures. */
const openssl = (...args: readonly string[]) => quietly('openssl', args);

/** Without what the command says on its way. */
function quietly(command: string, args: readonly string[]): string {
  return execFileSync(command, args, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
}

test.each([
  ['RSA', ['rsa:2048'], 'SHA256'],
  ['RSA', ['rsa:2048'], 'SHA512'],
  ['EC', ['ec', '-pkeyopt', 'ec_paramgen_curve:P-384'], 'SHA384'],
] as const)('openssl accepts a signature with an %s key %j and %s', async (_, kind, algorithm) => {
  openssl(
    'req',
    '-x509',
    '-nodes',
    '-subj',
    '/CN=Signer',
    '-days',
    '2',
    '-keyout',
    'key.pem',
    '-out',
    'own.pem',
    '-newkey',
    ...kind,
  );
  const manifest = utf8('SHA256(vm.ovf)= 00\n');
  const chain = await readFile(join(folder, 'own.pem'), 'utf8');
  const key = await readFile(join(folder, 'key.pem'), 'utf8');
  const text = signManifest({ manifest, manifestName: 'vm.mf', identity: { key, chain, algorithm } });
  await writeFile(join(folder, 'vm.mf'), manifest);
  await writeFile(join(folder, 'vm.sig'), readCertificate(text).signature);
  await writeFile(join(folder, 'pub.pem'), openssl('x509', '-in', 'own.pem', '-noout', '-pubkey'));
  expect(
    openssl('dgst', `-${algorithm.toLowerCase()}`, '-verify', 'pub.pem', '-signature', 'vm.sig', 'vm.mf'),
  ).toContain('Verified OK');
  expect(verifyCertificate({ certificate: text, manifest, roots: [chain] }).status).toBe('valid');
});

test('a signature that openssl makes, with a chain of three, is valid', async () => {
  const ca = ['-addext', 'basicConstraints=critical,CA:true', '-addext', 'keyUsage=critical,keyCertSign'];
  const request = ['req', '-x509', '-nodes', '-newkey', 'rsa:2048', '-days', '2'];
  openssl(...request, '-subj', '/CN=Root', '-keyout', 'r.key', '-out', 'r.pem', ...ca);
  openssl(
    ...request,
    '-subj',
    '/CN=Middle',
    '-keyout',
    'm.key',
    '-out',
    'm.pem',
    '-CA',
    'r.pem',
    '-CAkey',
    'r.key',
    ...ca,
  );
  openssl(
    ...request,
    '-subj',
    '/CN=Leaf',
    '-keyout',
    'l.key',
    '-out',
    'l.pem',
    '-CA',
    'm.pem',
    '-CAkey',
    'm.key',
    '-addext',
    'basicConstraints=CA:false',
    '-addext',
    'extendedKeyUsage=codeSigning',
  );
  const manifest = utf8('SHA256(vm.ovf)= 00\n');
  await writeFile(join(folder, 'vm.mf'), manifest);
  openssl('dgst', '-sha256', '-sign', 'l.key', '-out', 'l.sig', 'vm.mf');
  const [leaf, middle, root] = await Promise.all(
    ['l.pem', 'm.pem', 'r.pem'].map((name) => readFile(join(folder, name), 'utf8')),
  );
  const certificate = writeCertificate({
    manifestName: 'vm.mf',
    algorithm: 'SHA256',
    signature: Uint8Array.from(await readFile(join(folder, 'l.sig'))),
    certificates: [leaf ?? '', middle ?? ''],
  });
  expect(verifyCertificate({ certificate, manifest, roots: [root ?? ''] })).toMatchObject({
    status: 'valid',
    chain: ['CN=Leaf', 'CN=Middle', 'CN=Root'],
  });
});

test.each(['gzip', 'xz', 'zstd'])('an archive that %s compresses is read', async (tool) => {
  await writeFile(join(folder, 'vm.ovf'), 'descriptor');
  await writeFile(join(folder, 'disk.vmdk'), mixed(3 * 1024 ** 2));
  run('tar', '-cf', 'plain.ova', 'vm.ovf', 'disk.vmdk');
  await writeFile(
    join(folder, 'wrapped.ova'),
    execFileSync(tool, ['-c', 'plain.ova'], { cwd: folder, maxBuffer: 2 ** 26 }),
  );
  const reader = await openPackage(join(folder, 'wrapped.ova'));
  expect(reader.members.map(({ size }) => size)).toEqual([10, 3 * 1024 ** 2]);
  expect(Buffer.compare(await collect(reader.read('disk.vmdk')), await readFile(join(folder, 'disk.vmdk')))).toBe(0);
  await reader.close();
});

test('sha256sum accepts a manifest that is written', async () => {
  await writeFile(join(folder, 'my disk.vmdk'), 'abc');
  const entry = {
    name: 'my disk.vmdk',
    algorithm: 'SHA256',
    digest: await digest(sourceOf(utf8('abc')), 'SHA256'),
  } as const;
  await writeFile(join(folder, 'a.mf'), writeManifest([entry]).replace(/^(\w+)\((.*)\)= /, '$1 ($2) = '));
  expect(run('sha256sum', '-c', 'a.mf')).toContain('my disk.vmdk: OK');
});
