import { createSign } from 'node:crypto';
import { PackageError, readCertificate, writeCertificate } from '@ovfkit/package-format';
import { signManifest, verifyCertificate } from '@ovfkit/package-format/node';
import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { authority, codeSigner, encryptionOnly, makeIdentity, serverOnly, type TestIdentity } from './identity.ts';
import { refusalCode, utf8 } from './source.ts';

const manifest = utf8('SHA256(vm.ovf)= 00\n');
const manifestName = 'vm.mf';

let root: TestIdentity;
let middle: TestIdentity;
let signer: TestIdentity;
beforeAll(async () => {
  root = await makeIdentity({ subject: 'Root', kind: 'rsa', extensions: authority() });
  middle = await makeIdentity({ subject: 'Middle', issuer: root, extensions: authority(0) });
  signer = await makeIdentity({ subject: 'Signer', kind: 'rsa', issuer: middle, extensions: codeSigner() });
});

const signedBy = (identity: TestIdentity, ...above: readonly TestIdentity[]) =>
  signManifest({
    manifest,
    manifestName,
    identity: { key: identity.key, chain: [identity, ...above].map(({ certificate }) => certificate).join('\n') },
  });
const verdict = (certificate: string, roots: readonly TestIdentity[] = [root]) => {
  const { status, problems } = verifyCertificate({
    certificate,
    manifest,
    roots: roots.map((each) => each.certificate),
  });
  return [status, ...problems.map(({ code }) => code)];
};

test('a signature whose chain leads to a root is valid', () => {
  const report = verifyCertificate({
    certificate: signedBy(signer, middle),
    manifest,
    roots: [root.certificate],
  });
  expect(report).toMatchObject({
    status: 'valid',
    algorithm: 'SHA256',
    manifestName,
    chain: ['CN=Signer', 'CN=Middle', 'CN=Root'],
    signer: { subject: 'CN=Signer', issuer: 'CN=Middle' },
    problems: [],
  });
});

test.each(['SHA256', 'SHA384', 'SHA512'] as const)('RSA and EC keys sign with %s', async (algorithm) => {
  for (const kind of ['rsa', 'ec'] as const) {
    const own = await makeIdentity({ subject: kind, kind });
    const text = signManifest({
      manifest,
      manifestName,
      identity: { key: own.key, chain: own.certificate, algorithm },
    });
    expect(text.startsWith(`${algorithm}(vm.mf)= `)).toBe(true);
    expect(verdict(text, [own])).toEqual(['valid']);
  }
});

test('a manifest that was changed by one byte makes the signature wrong', () => {
  const changed = manifest.with(3, 48);
  const { status, problems } = verifyCertificate({
    certificate: signedBy(signer, middle),
    manifest: changed,
    roots: [root.certificate],
  });
  expect(status).toBe('invalid');
  expect(problems).toMatchObject([{ code: 'SIGNATURE_WRONG' }]);
});

test('a signature with the key of another certificate is wrong', async () => {
  const other = await makeIdentity({ subject: 'Other', kind: 'rsa' });
  const { signature } = readCertificate(signedBy(other));
  const forged = writeCertificate({
    manifestName,
    algorithm: 'SHA256',
    signature,
    certificates: [signer.certificate, middle.certificate],
  });
  expect(verdict(forged)).toEqual(['invalid', 'SIGNATURE_WRONG']);
});

test('a chain that leads to no root given is not trusted', async () => {
  const stranger = await makeIdentity({ subject: 'Stranger', extensions: authority() });
  expect(verdict(signedBy(signer, middle, root), [stranger])).toEqual(['untrusted', 'CHAIN_UNTRUSTED']);
  expect(verdict(signedBy(signer), [root])).toEqual(['untrusted', 'CHAIN_INCOMPLETE']);
});

test('a root of the same name with another key is not the root', async () => {
  const impostor = await makeIdentity({ subject: 'Root', kind: 'rsa', extensions: authority() });
  expect(verdict(signedBy(signer, middle), [impostor])[0]).toBe('untrusted');
});

test('without roots given, those of the system count, and do not know a certificate made here', () => {
  const report = verifyCertificate({ certificate: signedBy(signer, middle, root), manifest });
  expect(report).toMatchObject({ status: 'untrusted', problems: [{ code: 'CHAIN_UNTRUSTED' }] });
});

test('certificates that are expired or not yet valid are told', async () => {
  const old = await makeIdentity({ subject: 'Old', days: { from: -3, to: -1 } });
  const young = await makeIdentity({ subject: 'Young', days: { from: 1, to: 3 } });
  expect(verdict(signedBy(old), [old])).toEqual(['untrusted', 'CERTIFICATE_EXPIRED']);
  expect(verdict(signedBy(young), [young])).toEqual(['untrusted', 'CERTIFICATE_NOT_YET_VALID']);
  const then = { certificate: signedBy(old), manifest, roots: [old.certificate], now: Date.now() - 2 * 86_400_000 };
  expect(verifyCertificate(then).status).toBe('valid');
});

test('certificates that are meant for something else are told', async () => {
  for (const extensions of [serverOnly(), encryptionOnly()]) {
    const other = await makeIdentity({ subject: 'Other', extensions });
    expect(verdict(signedBy(other), [other])).toEqual(['untrusted', 'KEY_USAGE']);
  }
});

test('a certificate that is no authority, or one level too high, issues nothing', async () => {
  const leaf = await makeIdentity({ subject: 'Leaf', issuer: signer });
  expect(verdict(signedBy(leaf, signer, middle))[0]).toBe('untrusted');
  const below = await makeIdentity({ subject: 'Below', issuer: middle, extensions: authority() });
  const deep = await makeIdentity({ subject: 'Deep', issuer: below });
  expect(verdict(signedBy(deep, below, middle))).toEqual(['untrusted', 'KEY_USAGE']);
});

test('SHA-1 is verified and called weak', () => {
  const signature = createSign('sha1').update(manifest).sign(signer.key);
  const text = writeCertificate({
    manifestName,
    algorithm: 'SHA1',
    signature: Uint8Array.from(signature),
    certificates: [signer.certificate, middle.certificate],
  });
  expect(verdict(text)).toEqual(['valid', 'DIGEST_WEAK']);
});

test('short keys and certificates over SHA-1 are called weak; how a root signed itself proves nothing', async () => {
  const old = await makeIdentity({ subject: 'Old', kind: 'rsa', bits: 1024, hash: 'SHA-1', extensions: authority() });
  const leaf = await makeIdentity({ subject: 'Leaf', kind: 'rsa', issuer: old });
  const { status, problems } = verifyCertificate({ certificate: signedBy(leaf), manifest, roots: [old.certificate] });
  expect({ status, problems }).toEqual({
    status: 'valid',
    problems: [
      { code: 'DIGEST_WEAK', message: 'The certificate of CN=Leaf was signed over a SHA-1 digest' },
      { code: 'KEY_WEAK', message: 'The key of CN=Old has 1024 bits only' },
    ],
  });
});

test('signing refuses keys and certificates that do not belong together, and wrong passphrases', async () => {
  const sign = (key: string, chain: string) => () => signManifest({ manifest, manifestName, identity: { key, chain } });
  expect(await refusalCode(sign(signer.key, root.certificate))).toBe('CERTIFICATE_INVALID');
  expect(await refusalCode(sign('no key', signer.certificate))).toBe('CERTIFICATE_INVALID');
  const { privateKey } = await crypto.subtle.generateKey('Ed25519', true, ['sign', 'verify']);
  const der = Buffer.from(await crypto.subtle.exportKey('pkcs8', privateKey)).toString('base64');
  const pem = `-----BEGIN PRIVATE KEY-----\n${der}\n-----END PRIVATE KEY-----\n`;
  expect(await refusalCode(sign(pem, signer.certificate))).toBe('CERTIFICATE_INVALID');
});

test('the certificate of the key comes first, whatever the order given', () => {
  const chain = `${root.certificate}\n${middle.certificate}\n${signer.certificate}`;
  const text = signManifest({ manifest, manifestName, identity: { key: signer.key, chain } });
  expect(verdict(text)).toEqual(['valid']);
});

test.each([
  ['', 'no line with a signature'],
  ['SHA256(vm.mf)= 00', 'no certificate'],
  ['SHA256(vm.mf)= 0\n', 'an odd number of digits'],
  ['MD5(vm.mf)= 00\n', 'an unknown algorithm'],
  ['SHA1(a)= 00\nSHA1(b)= 00\n', 'two signatures'],
])('%j is refused: %s', async (text) => {
  expect(await refusalCode(() => readCertificate(text))).toBe('CERTIFICATE_INVALID');
});

test('what is written is read back', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 1, maxLength: 600 }),
      fc.constantFrom('SHA1', 'SHA256', 'SHA384', 'SHA512'),
      (bytes, algorithm) => {
        const file = {
          manifestName: 'my vm.mf',
          algorithm,
          signature: Uint8Array.from(bytes),
          certificates: [signer.certificate.trim(), root.certificate.trim()],
        };
        expect(readCertificate(writeCertificate(file))).toEqual(file);
      },
    ),
  );
});

test('damage anywhere gives a report or a PackageError, nothing else', () => {
  const text = utf8(signedBy(signer, middle));
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(text.length - 1), fc.nat(255)), { minLength: 1, maxLength: 5 }), (damages) => {
      const copy = text.slice();
      for (const [at, byte] of damages) copy[at] = byte;
      try {
        const { status } = verifyCertificate({ certificate: copy, manifest, roots: [root.certificate] });
        expect(['valid', 'untrusted', 'invalid']).toContain(status);
      } catch (error) {
        expect(error).toBeInstanceOf(PackageError);
      }
    }),
    { numRuns: 300 },
  );
});

test('a certificate whose key or dates cannot be read is refused', async () => {
  const der = Buffer.from(signer.certificate.replaceAll(/-----[^-]+-----|\s/g, ''), 'base64');
  const year = der.indexOf(Buffer.from([0x17, 0x0d]));
  const key = der.indexOf(Buffer.from([0x03, 0x82, 0x01, 0x0f, 0x00]));
  for (const at of [year + 4, key + 6]) {
    const damaged = Buffer.from(der);
    damaged.fill(0xff, at, at + 4);
    const pem = `-----BEGIN CERTIFICATE-----\n${damaged.toString('base64')}\n-----END CERTIFICATE-----\n`;
    const text = `SHA256(vm.mf)= 00\n${pem}`;
    expect(await refusalCode(() => verifyCertificate({ certificate: text, manifest, roots: [] }))).toBe(
      'CERTIFICATE_INVALID',
    );
  }
});

test('the signer is found wherever its certificate stands', () => {
  const lines = signedBy(signer, middle).split('\n');
  const blocks = [root, middle, signer].map(({ certificate }) => certificate.trim());
  const text = [lines[0], ...blocks, ''].join('\n');
  expect(verifyCertificate({ certificate: text, manifest, roots: [root.certificate] })).toMatchObject({
    status: 'valid',
    chain: ['CN=Signer', 'CN=Middle', 'CN=Root'],
  });
});

test.each([
  ['RSA-SHA256', (hex: string) => hex],
  ['RSA-SHA2-256', (hex: string) => hex.toUpperCase()],
  ['EC-SHA2-256', (hex: string) => hex],
  ['SHA256', (hex: string) => hex.replace(/(..)(?=.)/g, '$1:')],
])('a line with the algorithm %s and such digits is read', (algorithm, write) => {
  const text = signedBy(signer, middle);
  const rewritten = text.replace(/^SHA256\(vm\.mf\)= (\w+)/, (_, hex: string) => `${algorithm}(vm.mf)= ${write(hex)}`);
  expect(rewritten).not.toBe(text);
  expect(readCertificate(rewritten)).toEqual(readCertificate(text));
});

test('a signature of a manifest with another name is told, but counts', () => {
  const report = verifyCertificate({
    certificate: signedBy(signer, middle),
    manifest,
    manifestName: 'other.mf',
    roots: [root.certificate],
  });
  expect(report).toMatchObject({ status: 'valid', problems: [{ code: 'MANIFEST_NAME' }] });
});
