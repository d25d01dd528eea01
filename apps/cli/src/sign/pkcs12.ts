import forge from 'node-forge';
import { CliError } from '../errors.ts';

const { asn1, pki, pkcs12, util } = forge;

/** A key and its certificates in PEM, the signer's certificate not necessarily first. */
export interface PemIdentity {
  readonly key: string;
  readonly chain: string;
}

interface Bag {
  readonly cert?: forge.pki.Certificate | undefined;
  readonly key?: forge.pki.PrivateKey | null | undefined;
  readonly asn1: forge.asn1.Asn1;
}

const pem = (label: string, bytes: string): string =>
  `-----BEGIN ${label}-----\n${(util.encode64(bytes).match(/.{1,64}/g) ?? []).join('\n')}\n-----END ${label}-----\n`;

/** The library knows RSA keys only; any other is handed on as the PKCS#8 it is. */
function keyPem({ key, asn1: content }: Bag): string {
  if (key === null || key === undefined) return pem('PRIVATE KEY', asn1.toDer(content).getBytes());
  return pki.privateKeyInfoToPem(pki.wrapRsaPrivateKey(pki.privateKeyToAsn1(key)));
}

function certificatePem({ cert, asn1: content }: Bag): string {
  return cert === undefined || cert === null
    ? pem('CERTIFICATE', asn1.toDer(content).getBytes())
    : pki.certificateToPem(cert);
}

/**
 * Reads key and certificates out of a PKCS#12 file (.p12, .pfx).
 * @throws CliError for a wrong passphrase, or a file that is none or lacks one of them
 */
export function readPkcs12(
  bytes: Uint8Array,
  { file, passphrase }: { file: string; passphrase?: string | undefined },
): PemIdentity {
  const oids = pki.oids;
  let store: forge.pkcs12.Pkcs12Pfx;
  try {
    store = pkcs12.pkcs12FromAsn1(
      asn1.fromDer(util.createBuffer(Buffer.from(bytes).toString('latin1'))),
      passphrase ?? '',
    );
  } catch (cause) {
    throw new CliError('usage', `${file} cannot be read: it is no PKCS#12, or the passphrase is wrong`, {
      hint: 'Give the passphrase in OVFKIT_KEY_PASSPHRASE, or with --passphrase-stdin.',
      cause,
    });
  }
  const bagsOf = (oid: string | undefined): readonly Bag[] =>
    oid === undefined ? [] : (store.getBags({ bagType: oid })[oid] ?? []);
  const [key] = [...bagsOf(oids['pkcs8ShroudedKeyBag']), ...bagsOf(oids['keyBag'])];
  const certificates = bagsOf(oids['certBag']);
  if (key === undefined || certificates.length === 0)
    throw new CliError('usage', `${file} has no ${key === undefined ? 'private key' : 'certificate'}`);
  return { key: keyPem(key), chain: certificates.map(certificatePem).join('') };
}
