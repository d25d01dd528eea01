// Other people's tools have the last word on packages that are written here: GNU tar, bsdtar, gzip, sha256sum and openssl must be installed.
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readCertificate } from '@ovfkit/package-format';
import { gzipped, type PackageOptions, streamPackage, verifyPackage, writePackage } from '@ovfkit/package-format/node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { descriptorWith, sourceOf } from './source.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ovfkit-write-tools-'));
});
afterAll(() => rm(folder, { recursive: true }));

const shell = (text: string, cwd = folder): string => execFileSync('sh', ['-ec', text], { cwd, encoding: 'utf8' });

/** Repeats in part, noise in part, and larger than what is deflated in one go. */
const disk = Uint8Array.from({ length: 3_000_001 }, (_, at) => (at % 700_000 < 400_000 ? at % 101 : (at * at) % 257));

const input = () => ({
  descriptorName: 'vm.ovf',
  descriptor: descriptorWith({ references: '<File ovf:id="d" ovf:href="disk 1.bin"/>' }),
  files: [{ name: 'disk 1.bin', read: () => sourceOf(disk) }],
});

/** Of a manifest as sha256sum and its like read it. */
const forSums = 's/^[A-Z]*[0-9]*(\\(.*\\))= \\(.*\\)$/\\2  \\1/';

describe.each(['tar', 'bsdtar'])('%s unpacks', (tool) => {
  test.each([
    ['plain', {}, 'cat "disk 1.bin"'],
    ['compressed', { compression: 'gzip' }, 'gzip -t *.gz && zcat *.gz'],
    ['in pieces', { chunkSize: 500_000 }, 'cat "disk 1.bin".0*'],
    ['compressed and in pieces', { compression: 'gzip', chunkSize: 5000, digest: 'SHA512' }, 'cat *.gz.0* | gunzip'],
  ] as const satisfies readonly (readonly [string, PackageOptions, string])[])(
    'an archive that is %s, and sums and bytes are right',
    async (name, options, back) => {
      const place = join(folder, `${tool}-${name}`);
      await mkdir(place);
      await writeFile(join(place, 'whole.bin'), disk);
      await writePackage(input(), { ...options, path: join(place, 'a.ova') });
      await writeFile(join(place, 'b.ova'), streamPackage(input(), options));
      for (const archive of ['a.ova', 'b.ova']) {
        shell(`mkdir ${archive}.d && ${tool} -xf ${archive} -C ${archive}.d`, place);
        const sum = 'digest' in options ? 'sha512sum' : 'sha256sum';
        shell(`sed '${forSums}' vm.mf | ${sum} --strict -c`, join(place, `${archive}.d`));
        shell(`(${back}) | cmp - ../whole.bin`, join(place, `${archive}.d`));
      }
      // the same members, but for the place of the manifest
      shell(`${tool} -tf a.ova | sort > a.list && ${tool} -tf b.ova | sort | cmp - a.list`, place);
      expect(shell(`${tool} -tf a.ova | sed -n 2p`, place)).toBe('vm.mf\n');
    },
  );
});

test.each([0, 1, 256 * 1024, 3_000_001])('gzip knows %i bytes as one member', async (size) => {
  await writeFile(join(folder, 'one.gz'), gzipped(sourceOf(disk.subarray(0, size))));
  await writeFile(join(folder, 'one'), disk.subarray(0, size));
  shell('gzip -t one.gz && zcat one.gz | cmp - one');
  // with -l, gzip believes the end of the file: right for one member only
  expect(shell('gzip -l one.gz').split('\n')[1]?.trim().split(/\s+/)[1]).toBe(String(size));
});

describe('openssl verifies what is signed out of a PKCS#12', () => {
  test.each([
    ['rsa', 'rsa:3072', ''],
    ['ec', 'ec -pkeyopt ec_paramgen_curve:P-384', '-macalg sha512 -keypbe AES-192-CBC -certpbe AES-128-CBC'],
    ['old', 'rsa:2048', '-legacy -keypbe PBE-SHA1-3DES -certpbe PBE-SHA1-3DES -macalg sha1'],
  ])('of the kind %s', async (name, kind, options) => {
    shell(
      `openssl req -x509 -newkey ${kind} -nodes -keyout ${name}.key -out ${name}.pem -days 2 -subj /CN=${name} -addext keyUsage=digitalSignature 2> /dev/null
       openssl pkcs12 -export ${options} -inkey ${name}.key -in ${name}.pem -out ${name}.p12 -passout 'pass:Schlüssel 鍵'`,
    );
    const pkcs12 = await readFile(join(folder, `${name}.p12`));
    const identity = { pkcs12, passphrase: 'Schlüssel 鍵', algorithm: 'SHA384' } as const;
    await writePackage(input(), { path: join(folder, `${name}.ova`), identity });
    shell(`tar xf ${name}.ova vm.mf vm.cert`);
    const { signature } = readCertificate(await readFile(join(folder, 'vm.cert')));
    await writeFile(join(folder, 'vm.sig'), signature);
    shell(
      'openssl x509 -in vm.cert -noout -pubkey > vm.pub; openssl dgst -sha384 -verify vm.pub -signature vm.sig vm.mf',
    );
    const roots = [await readFile(join(folder, `${name}.pem`), 'utf8')];
    expect((await verifyPackage(join(folder, `${name}.ova`), { roots })).signature?.status).toBe('valid');
  });
});
