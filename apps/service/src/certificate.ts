import 'reflect-metadata'; // what @peculiar/x509 is built with wants it first
import { isIP } from 'node:net';
import {
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  type JsonGeneralName,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509CertificateGenerator,
} from '@peculiar/x509';

/** PEM. */
export interface KeyAndCertificate {
  readonly key: string;
  readonly cert: string;
}

const years = 10;
const isDnsName = /^(?!-)[a-z\d-]{1,63}(\.[a-z\d-]{1,63})*$/i;

/** A self-signed certificate for these names and addresses (EC P-256), good for ten years: clients pin it. */
export async function makeCertificate(hosts: readonly string[]): Promise<KeyAndCertificate> {
  const keys = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify']);
  const from = new Date();
  const until = new Date(from);
  until.setUTCFullYear(from.getUTCFullYear() + years);
  const names = [...new Set(hosts)].flatMap((value): JsonGeneralName[] => {
    if (isIP(value) !== 0) return [{ type: 'ip', value }];
    return isDnsName.test(value) ? [{ type: 'dns', value }] : [];
  });
  const certificate = await X509CertificateGenerator.createSelfSigned({
    name: 'CN=ovfkitd',
    notBefore: from,
    notAfter: until,
    keys,
    signingAlgorithm: { name: 'ECDSA', hash: 'SHA-256' },
    extensions: [
      new BasicConstraintsExtension(false),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
      new SubjectAlternativeNameExtension(names),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  const key = PemConverter.encode(await crypto.subtle.exportKey('pkcs8', keys.privateKey), 'PRIVATE KEY');
  return { key: `${key}\n`, cert: `${certificate.toString('pem')}\n` };
}
