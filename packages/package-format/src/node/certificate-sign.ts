import { createPrivateKey, createPublicKey, type KeyObject, sign, X509Certificate } from 'node:crypto';
import { writeCertificate } from '../certificate.ts';
import { PackageError } from '../errors.ts';
import { parseCertificates } from './certificate.ts';
import { readPkcs12 } from './pkcs12.ts';

interface Signing {
  readonly passphrase?: string | undefined;
  /** SHA256 when absent. */
  readonly algorithm?: 'SHA256' | 'SHA384' | 'SHA512' | undefined;
}

/** A key and its certificates, each in PEM. */
interface PemIdentity extends Signing {
  /** PKCS#8, PKCS#1 or SEC 1, RSA or EC. */
  readonly key: string;
  /** The signer's certificate and those above it in any order; the root may be left out. */
  readonly chain: string;
}

/** A key and its certificates in one file (.p12, .pfx). */
interface Pkcs12Identity extends Signing {
  readonly pkcs12: Uint8Array;
}

/** With what {@link signManifest} signs. */
export type SigningIdentity = PemIdentity | Pkcs12Identity;

function keyOfPem({ key, passphrase }: PemIdentity): KeyObject {
  try {
    return createPrivateKey({ key, format: 'pem', ...(passphrase === undefined ? {} : { passphrase }) });
  } catch (cause) {
    throw new PackageError('CERTIFICATE_INVALID', 'The private key cannot be read: no PEM, or a wrong passphrase', {
      cause,
    });
  }
}

function certificateOf(der: Uint8Array): X509Certificate {
  try {
    const certificate = new X509Certificate(der);
    // looked at only when it is asked for, and fails then
    if (certificate.publicKey.type !== 'public') throw new Error('no public key');
    return certificate;
  } catch (cause) {
    throw new PackageError('CERTIFICATE_INVALID', 'A certificate of the key store cannot be read', { cause });
  }
}

function keyOfPkcs12(der: Uint8Array | undefined): KeyObject {
  if (der === undefined) throw new PackageError('CERTIFICATE_INVALID', 'The key store has no private key');
  try {
    return createPrivateKey({ key: Buffer.from(der), format: 'der', type: 'pkcs8' });
  } catch (cause) {
    throw new PackageError('CERTIFICATE_INVALID', 'The private key of the key store cannot be read', { cause });
  }
}

/** Key and certificates, parsed. */
function partsOf(identity: SigningIdentity): { readonly key: KeyObject; readonly all: readonly X509Certificate[] } {
  if ('key' in identity) return { key: keyOfPem(identity), all: parseCertificates([identity.chain], undefined) };
  const { keys, certificates } = readPkcs12(identity.pkcs12, identity.passphrase ?? '');
  return { key: keyOfPkcs12(keys[0]), all: certificates.map(certificateOf) };
}

/** The key, and the certificates in PEM, its own first. */
function readIdentity(identity: SigningIdentity): {
  readonly key: KeyObject;
  readonly certificates: readonly string[];
} {
  const { key, all } = partsOf(identity);
  if (key.asymmetricKeyType !== 'rsa' && key.asymmetricKeyType !== 'ec')
    throw new PackageError(
      'CERTIFICATE_INVALID',
      `Manifests are signed with RSA or EC keys, not ${key.asymmetricKeyType}`,
    );
  const own = all.find((certificate) => certificate.publicKey.equals(createPublicKey(key)));
  if (own === undefined)
    throw new PackageError('CERTIFICATE_INVALID', 'None of the certificates belongs to the private key');
  return { key, certificates: [own, ...all.filter((other) => other !== own)].map((each) => each.toString()) };
}

/**
 * Signs a manifest: the text of a certificate file, to be put beside it under the same stem.
 * @throws PackageError CERTIFICATE_INVALID when key and certificates cannot be read or do not belong together, or the key is neither RSA nor
 *   EC; VALUE_INVALID
 */
export function signManifest({
  manifest,
  manifestName,
  identity,
}: {
  readonly manifest: Uint8Array;
  readonly manifestName: string;
  readonly identity: SigningIdentity;
}): string {
  const { key, certificates } = readIdentity(identity);
  const algorithm = identity.algorithm ?? 'SHA256';
  const signature = new Uint8Array(sign(algorithm.toLowerCase(), manifest, key));
  return writeCertificate({ manifestName, algorithm, signature, certificates });
}
