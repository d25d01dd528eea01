// OpenSSL has the last word on signatures and chains; it must be installed.
import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readCertificate } from '@ovfkit/package-format';
import { verifyCertificate } from '@ovfkit/package-format/node';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { utf8 } from './source.ts';

const manifest = utf8('SHA256(vm.ovf)= 00\n');
const day = 86_400_000;
let folder = '';
const run = (command: string, args: readonly string[]) => spawnSync(command, args, { cwd: folder, encoding: 'utf8' });
const textOf = (name: string) => readFile(join(folder, name), 'utf8');

/** A key and a certificate, in NAME.key and NAME.pem; issued by itself or by the one that is named. */
function make(name: string, { by, days = 30, extensions = [] }: { by?: string; days?: number; extensions?: string[] }) {
  const issuer = by === undefined ? [] : ['-CA', `${by}.pem`, '-CAkey', `${by}.key`];
  const args = [
    'req',
    '-x509',
    '-nodes',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:P-256',
    '-days',
    String(days),
  ];
  const added = extensions.flatMap((extension) => ['-addext', extension]);
  const files = ['-keyout', `${name}.key`, '-out', `${name}.pem`];
  const { status, stderr } = run('openssl', [...args, '-subj', `/CN=${name}`, ...files, ...issuer, ...added]);
  expect(status, stderr).toBe(0);
}

const authority = ['basicConstraints=critical,CA:true', 'keyUsage=critical,keyCertSign'];
const leaf = ['basicConstraints=CA:false', 'keyUsage=critical,digitalSignature'];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ovfkit-openssl-'));
  await writeFile(join(folder, 'vm.mf'), manifest);
  make('root', { extensions: authority });
  make('stranger', { extensions: authority });
  make('middle', { by: 'root', days: 10, extensions: authority });
  make('short', { by: 'root', extensions: ['basicConstraints=critical,CA:true,pathlen:0', 'keyUsage=keyCertSign'] });
  make('below', { by: 'short', extensions: authority });
  make('servant', { by: 'root', extensions: leaf });
  for (const by of ['root', 'middle', 'below', 'servant']) make(`signer-${by}`, { by, extensions: leaf });
});
afterAll(() => rm(folder, { recursive: true }));

test.each([
  { signer: 'signer-root', others: [], root: 'root' },
  { signer: 'signer-root', others: [], root: 'stranger' },
  { signer: 'signer-middle', others: ['middle'], root: 'root' },
  { signer: 'signer-middle', others: ['middle', 'root'], root: 'root' },
  { signer: 'signer-middle', others: ['stranger', 'middle'], root: 'root' },
  { signer: 'signer-middle', others: [], root: 'root' },
  { signer: 'signer-middle', others: ['middle'], root: 'root', inDays: 20 },
  { signer: 'signer-middle', others: ['middle'], root: 'root', inDays: -2 },
  { signer: 'signer-below', others: ['below', 'short'], root: 'root' },
  { signer: 'signer-servant', others: ['servant'], root: 'root' },
  { signer: 'root', others: [], root: 'root' },
])('our word on the chain $signer, $others, $root in $inDays days is that of openssl', async (chain) => {
  const { signer, others, root, inDays = 0 } = chain;
  // the files of one test run may be younger than a second
  const now = Date.now() + 5000 + inDays * day;
  await writeFile(
    join(folder, 'others.pem'),
    (await Promise.all(others.map((name) => textOf(`${name}.pem`)))).join(''),
  );
  const untrusted = others.length === 0 ? [] : ['-untrusted', 'others.pem'];
  const at = ['-attime', String(Math.floor(now / 1000))];
  const isolated = ['-no-CApath', '-no-CAstore'];
  const theirs = run('openssl', [
    'verify',
    '-CAfile',
    `${root}.pem`,
    ...untrusted,
    ...at,
    ...isolated,
    `${signer}.pem`,
  ]);
  const line = run('openssl', ['dgst', '-sha256', '-sign', `${signer}.key`, '-hex', 'vm.mf']).stdout;
  const certificate = line + (await textOf(`${signer}.pem`)) + (await textOf('others.pem'));
  const ours = verifyCertificate({ certificate, manifest, roots: [await textOf(`${root}.pem`)], now });
  const trouble = ours.problems.filter(({ code }) => code !== 'KEY_USAGE' || signer !== 'root');
  expect(trouble.length === 0, JSON.stringify({ theirs: theirs.stderr, trouble })).toBe(theirs.status === 0);
});

test.each(['-sha256', '-sha384', '-sha512'])('what openssl dgst %s -hex prints is a signature line', async (digest) => {
  for (const separator of [[], ['-c']]) {
    const args = ['dgst', digest, '-sign', 'signer-root.key', '-hex', ...separator, 'vm.mf'];
    const certificate = run('openssl', args).stdout + (await textOf('signer-root.pem'));
    const report = verifyCertificate({
      certificate,
      manifest,
      roots: [await textOf('root.pem')],
      manifestName: 'vm.mf',
    });
    expect(report).toMatchObject({ status: 'valid', problems: [] });
    await writeFile(join(folder, 'vm.sig'), readCertificate(certificate).signature);
    await writeFile(
      join(folder, 'pub.pem'),
      run('openssl', ['x509', '-in', 'signer-root.pem', '-noout', '-pubkey']).stdout,
    );
    const theirs = run('openssl', ['dgst', digest, '-verify', 'pub.pem', '-signature', 'vm.sig', 'vm.mf']);
    expect(theirs.stdout).toContain('Verified OK');
  }
});
