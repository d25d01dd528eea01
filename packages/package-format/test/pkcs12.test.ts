import { X509Certificate } from 'node:crypto';
import { concat, readCertificate } from '@ovfkit/package-format';
import { signManifest, verifyCertificate } from '@ovfkit/package-format/node';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { readDer } from '../src/node/der.ts';
import { pkcs12Samples, samplePassphrase } from './pkcs12-samples.ts';
import { refusal, utf8 } from './source.ts';

const manifest = utf8('SHA256(vm.ovf)= 00\n');
const sample = (name: keyof typeof pkcs12Samples): Uint8Array => Buffer.from(pkcs12Samples[name], 'base64');

const sign = (pkcs12: Uint8Array, passphrase: string | undefined = samplePassphrase) =>
  signManifest({ manifest, manifestName: 'vm.mf', identity: { pkcs12, passphrase } });

/** What the signature is worth when its own certificate is trusted. */
function statusOf(certificate: string): string {
  const { certificates } = readCertificate(certificate);
  expect(new X509Certificate(certificates[0] ?? '').subject).toBe('CN=Signer');
  return verifyCertificate({ certificate, manifest, roots: certificates }).status;
}

test.each(['aes256', 'aes128', 'tripleDes', 'plain'] as const)('a key store protected by %s signs', (name) => {
  expect(statusOf(sign(sample(name)))).toBe('valid');
});

test.each(['empty', 'emptyLegacy'] as const)('a key store without passphrase (%s) signs', (name) => {
  expect(statusOf(sign(sample(name), ''))).toBe('valid');
  expect(statusOf(signManifest({ manifest, manifestName: 'vm.mf', identity: { pkcs12: sample(name) } }))).toBe('valid');
});

/** The same in BER, as browsers and some Java programs write it: lengths left open, the string in two parts. */
function toBer(der: Uint8Array): Uint8Array {
  const open = (tag: number, ...parts: readonly Uint8Array[]) =>
    concat([Uint8Array.of(tag, 0x80), ...parts, Uint8Array.of(0, 0)]);
  const [whole] = readDer(der);
  const [version, safes, mac] = readDer(whole?.content ?? der);
  const [type, wrapped] = readDer(safes?.content ?? der);
  const content = readDer(wrapped?.content ?? der)[0]?.content ?? der;
  const part = (bytes: Uint8Array) =>
    concat([Uint8Array.of(4, 0x82, Math.floor(bytes.length / 256), bytes.length % 256), bytes]);
  const string = open(0x24, part(content.subarray(0, 300)), part(content.subarray(300)));
  const bytesOf = (element: { readonly bytes: Uint8Array } | undefined) => element?.bytes ?? new Uint8Array();
  return open(0x30, bytesOf(version), open(0x30, bytesOf(type), open(0xa0, string)), bytesOf(mac));
}

test('a key store in BER is the same one', () => {
  expect(statusOf(sign(toBer(sample('aes256'))))).toBe('valid');
});

const nested = Uint8Array.from({ length: 10_000 }, (_, at) => (at % 2 === 0 ? 0x30 : 0x80));

test.each([
  { what: 'with a wrong passphrase', bytes: sample('aes256'), passphrase: 'wrong', words: /passphrase/ },
  {
    what: 'with a wrong passphrase, and an old cipher',
    bytes: sample('tripleDes'),
    passphrase: '',
    words: /passphrase/,
  },
  { what: 'protected by RC2', bytes: sample('rc2'), words: /RC2/ },
  { what: 'that is PEM', bytes: utf8('-----BEGIN PRIVATE KEY-----\nMIIE\n'), words: /PEM, not PKCS#12/ },
  { what: 'that is none', bytes: utf8('nonsense'), words: /DER/ },
  { what: 'of open lengths without end', bytes: new Uint8Array(10_000).fill(0x80), words: /DER/ },
  { what: 'that is nested without end', bytes: nested, words: /DER/ },
])('a key store $what is refused in words', async ({ bytes, passphrase = samplePassphrase, words }) => {
  const { code, message } = await refusal(() => sign(bytes, passphrase));
  expect(code).toBe('CERTIFICATE_INVALID');
  expect(message).toMatch(words);
});

test('a damaged key store is refused, and nothing else happens', async () => {
  const names = fc.constantFrom('aes256', 'tripleDes', 'plain');
  const damage = fc.array(fc.record({ at: fc.nat({ max: 1100 }), to: fc.nat({ max: 255 }) }), {
    minLength: 1,
    maxLength: 3,
  });
  await fc.assert(
    fc.asyncProperty(names, damage, async (name, changes) => {
      const bytes = Uint8Array.from(sample(name));
      for (const { at, to } of changes) bytes[at % bytes.length] = to;
      try {
        sign(bytes);
      } catch {
        expect((await refusal(() => sign(bytes))).code).toBe('CERTIFICATE_INVALID');
      }
    }),
    { numRuns: 200 },
  );
});
