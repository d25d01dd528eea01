import 'reflect-metadata'; // what @peculiar/x509 is built with wants it first
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { verifyPackage } from '@ovfkit/package-format/node';
import * as x509 from '@peculiar/x509';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Report } from '../../src/output/report.ts';
import { makePackage } from '../../src/pack/make-package.ts';
import { signPackage } from '../../src/sign/sign-package.ts';
import { descriptor } from '../source/sample.ts';

const signal = new AbortController().signal;
const report: Report = { event: () => {}, close: () => {} };
let folder = '';
const path = (name: string): string => join(folder, name);

/** A key with a certificate of its own, in PEM. */
async function selfSigned(): Promise<{ readonly key: string; readonly chain: string }> {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
  const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: 'CN=Signer',
    keys,
    signingAlgorithm: algorithm,
    notAfter: new Date(Date.now() + 86_400_000),
    extensions: [new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true)],
  });
  const key = x509.PemConverter.encode(await crypto.subtle.exportKey('pkcs8', keys.privateKey), 'PRIVATE KEY');
  return { key, chain: certificate.toString('pem') };
}

const identity = await selfSigned();

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ovfkit-sign-'));
  await writeFile(path('vm.ovf'), descriptor(5000));
  await writeFile(path('disk.vmdk'), new Uint8Array(5000).fill(3));
  const options = { source: path('vm.ovf'), output: path('sealed'), lax: true } as const;
  await makePackage({ signal }, { options, report });
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const signatureOf = async (name: string) => (await verifyPackage(path(name), { roots: [identity.chain] })).signature;

describe('a folder', () => {
  test('gets a certificate that verifies against its signer', async () => {
    expect(await signPackage({ signal }, { source: path('sealed'), identity, report })).toBe(path('sealed/vm.cert'));
    expect(await signatureOf('sealed')).toMatchObject({ status: 'valid', signer: { subject: 'CN=Signer' } });
  });

  test('is not signed twice unless that is asked for', async () => {
    await signPackage({ signal }, { source: path('sealed/vm.ovf'), identity, report });
    await expect(signPackage({ signal }, { source: path('sealed'), identity, report })).rejects.toMatchObject({
      code: 'FILE_EXISTS',
    });
    await signPackage({ signal }, { source: path('sealed'), identity, report, overwrite: true });
  });

  test('whose disk was changed is not signed', async () => {
    await writeFile(path('sealed/disk.vmdk'), new Uint8Array(5000));
    await expect(signPackage({ signal }, { source: path('sealed'), identity, report })).rejects.toMatchObject({
      code: 'DIGEST_MISMATCH',
    });
    expect(await readdir(path('sealed'))).not.toContain('vm.cert');
  });

  test('without a manifest is not signed', async () => {
    await rm(path('sealed/vm.mf'));
    await expect(signPackage({ signal }, { source: path('sealed'), identity, report })).rejects.toMatchObject({
      exitClass: 'packageInvalid',
    });
  });
});

describe('an archive', () => {
  test('has the certificate third, and keeps every other byte', async () => {
    await signPackage({ signal }, { source: path('sealed'), output: path('signed.ova'), identity, report });
    const verified = await verifyPackage(path('signed.ova'), { roots: [identity.chain] });
    expect(verified.files.map(({ name }) => name)).toEqual(['vm.ovf', 'vm.mf', 'vm.cert', 'disk.vmdk']);
    expect(verified.signature?.status).toBe('valid');
    expect(verified.problems.filter(({ kind }) => kind === 'digest')).toEqual([]);
    // in place, and again
    await signPackage({ signal }, { source: path('signed.ova'), identity, report, overwrite: true });
    expect(await signatureOf('signed.ova')).toMatchObject({ status: 'valid' });
  });

  test('is not written over unless that is asked for', async () => {
    await signPackage({ signal }, { source: path('sealed'), output: path('a.ova'), identity, report });
    const before = await readFile(path('a.ova'));
    await expect(signPackage({ signal }, { source: path('a.ova'), identity, report })).rejects.toMatchObject({
      exitClass: 'usage',
    });
    expect(await readFile(path('a.ova'))).toEqual(before);
  });
});
