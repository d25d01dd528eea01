import 'reflect-metadata'; // what @peculiar/x509 builds on wants it first
import { X509Certificate } from 'node:crypto';
import { BasicConstraintsExtension, SubjectAlternativeNameExtension, X509CertificateGenerator } from '@peculiar/x509';

/** A key with its certificate, in PEM. */
export interface Identity {
  readonly key: string;
  readonly cert: string;
  readonly sha1: string;
  readonly sha256: string;
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;

const toPem = (label: string, bytes: ArrayBuffer): string =>
  `-----BEGIN ${label}-----\n${Buffer.from(bytes).toString('base64').replaceAll(/.{64}/g, '$&\n')}\n-----END ${label}-----\n`;

/** Makes a self-signed certificate for `host`, a name or an address, valid today. */
export async function makeIdentity({
  host = '127.0.0.1',
  validFor = 24 * 3600_000,
}: {
  readonly host?: string;
  readonly validFor?: number;
} = {}): Promise<Identity> {
  const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const isAddress = /^[\d.]+$/.test(host);
  const made = await X509CertificateGenerator.createSelfSigned({
    serialNumber: '01',
    name: `CN=${host}`,
    notBefore: new Date(Date.now() - 2 * 24 * 3600_000),
    notAfter: new Date(Date.now() + validFor),
    keys,
    signingAlgorithm: algorithm,
    extensions: [
      new BasicConstraintsExtension(true),
      new SubjectAlternativeNameExtension([{ type: isAddress ? 'ip' : 'dns', value: host }]),
    ],
  });
  const cert = made.toString('pem');
  const { fingerprint, fingerprint256 } = new X509Certificate(cert);
  const key = toPem('PRIVATE KEY', await crypto.subtle.exportKey('pkcs8', keys.privateKey));
  return { key, cert, sha1: fingerprint, sha256: fingerprint256 };
}
