import { createHash, generateKeyPairSync, sign } from 'node:crypto';

// Certificate ::= SEQUENCE { tbsCertificate, signatureAlgorithm, signature BIT STRING }      (RFC 5280, section 4.1)
// TBSCertificate ::= SEQUENCE { serial, algorithm, issuer, validity, subject, subjectPublicKeyInfo }      (version 1)

const tag = { integer: 0x02, bits: 0x03, oid: 0x06, utf8: 0x0c, time: 0x18, sequence: 0x30, set: 0x31 } as const;

/** One DER element. Lengths up to 65535, more than a certificate of ours ever has. */
function der(type: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const content = Buffer.concat(parts);
  const size = content.length;
  const length = size < 128 ? [size] : size < 256 ? [0x81, size] : [0x82, Math.floor(size / 256), size % 256];
  return Buffer.concat([Buffer.from([type, ...length]), content]);
}

const ecdsaWithSha256 = der(tag.sequence, der(tag.oid, Buffer.from('2a8648ce3d040302', 'hex')));
const commonName = der(tag.oid, Buffer.from('550403', 'hex'));

const nameOf = (text: string): Uint8Array =>
  der(tag.sequence, der(tag.set, der(tag.sequence, commonName, der(tag.utf8, Buffer.from(text)))));

const timeOf = (ms: number): Uint8Array =>
  der(tag.time, Buffer.from(`${new Date(ms).toISOString().replaceAll(/[-:T]/g, '').slice(0, 14)}Z`));

/** A key with a certificate that nobody trusts, and its thumbprint, SHA-1 as `AA:BB:…` (contract, section 12.4). */
export interface Identity {
  /** PEM. */
  readonly key: string;
  /** PEM. */
  readonly cert: string;
  readonly thumbprint: string;
}

/** Makes a certificate that is good for a day. */
export function makeIdentity(): Identity {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const day = 86_400_000;
  const signed = der(
    tag.sequence,
    der(tag.integer, Buffer.from([1])),
    ecdsaWithSha256,
    nameOf('ovfkit conformance'),
    der(tag.sequence, timeOf(Date.now() - day), timeOf(Date.now() + day)),
    nameOf('ovfkit conformance'),
    publicKey.export({ type: 'spki', format: 'der' }),
  );
  const signature = sign('sha256', signed, privateKey);
  const certificate = der(tag.sequence, signed, ecdsaWithSha256, der(tag.bits, Buffer.from([0]), signature));
  const digest = createHash('sha1').update(certificate).digest('hex').toUpperCase();
  const base64 = Buffer.from(certificate).toString('base64').replaceAll(/.{64}/g, '$&\n').trimEnd();
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    cert: `-----BEGIN CERTIFICATE-----\n${base64}\n-----END CERTIFICATE-----\n`,
    thumbprint: digest.match(/../g)?.join(':') ?? '',
  };
}
