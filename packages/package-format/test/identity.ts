import 'reflect-metadata'; // what @peculiar/x509 is built with wants it first
import * as x509 from '@peculiar/x509';

/** A key and its certificate, both in PEM, and what issues others with it. */
export interface TestIdentity {
  readonly key: string;
  readonly certificate: string;
  readonly keys: CryptoKeyPair;
  readonly subject: string;
}

const algorithms = {
  ec: { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' },
  rsa: { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256', publicExponent: Uint8Array.of(1, 0, 1) },
} as const;

let serial = 1;

/** Issued by `issuer`, or by itself. Days are counted from now. */
export async function makeIdentity({
  subject,
  kind = 'ec',
  bits = 2048,
  hash = 'SHA-256',
  issuer,
  extensions = [],
  days = { from: -1, to: 1 },
}: {
  readonly subject: string;
  readonly kind?: 'ec' | 'rsa';
  /** Of an RSA key. */
  readonly bits?: number;
  /** What an RSA key signs certificates over. */
  readonly hash?: 'SHA-1' | 'SHA-256';
  readonly issuer?: TestIdentity;
  readonly extensions?: x509.Extension[];
  readonly days?: { readonly from: number; readonly to: number };
}): Promise<TestIdentity> {
  const keys = await crypto.subtle.generateKey({ ...algorithms[kind], modulusLength: bits, hash }, true, [
    'sign',
    'verify',
  ]);
  serial += 1;
  const signer = issuer?.keys ?? keys;
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: serial.toString(16).padStart(2, '0'),
    subject: `CN=${subject}`,
    issuer: `CN=${issuer?.subject ?? subject}`,
    notBefore: new Date(Date.now() + days.from * 86_400_000),
    notAfter: new Date(Date.now() + days.to * 86_400_000),
    publicKey: keys.publicKey,
    signingKey: signer.privateKey,
    signingAlgorithm: { hash, ...signer.privateKey.algorithm },
    extensions,
  });
  const key = x509.PemConverter.encode(await crypto.subtle.exportKey('pkcs8', keys.privateKey), 'PRIVATE KEY');
  return { key, certificate: certificate.toString('pem'), keys, subject };
}

/** What makes a certificate that of an authority, with room for `depth` authorities below it. */
export const authority = (depth?: number): x509.Extension[] => [
  new x509.BasicConstraintsExtension(true, depth, true),
  new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign, true),
];

/** What makes a certificate one for signing code. */
export const codeSigner = (): x509.Extension[] => [
  new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
  new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.codeSigning]),
];

/** What makes a certificate one for servers only. */
export const serverOnly = (): x509.Extension[] => [
  new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
];

/** What makes a certificate one for encryption only. */
export const encryptionOnly = (): x509.Extension[] => [
  new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyEncipherment, true),
];
