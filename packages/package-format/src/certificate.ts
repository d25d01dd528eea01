// A certificate file (.cert) has the signature of the manifest and the chain of the signer, its own certificate first:
//   SHA256(appliance.mf)= 7f4b8efb8fe20c06df1db68281a63f1b…
//   -----BEGIN CERTIFICATE-----
//   MIICUDCCAfqgAwIBAgIJAI9ZD8xch7DN…
//   -----END CERTIFICATE-----
// What `openssl dgst -sign … -hex` prints is seen as well: RSA-SHA2-256(appliance.mf)= 7f4b…, EC-SHA256(…)= …, with -c 7f:4b:….
import { PackageError } from './errors.ts';
import { type DigestAlgorithm, toAlgorithm } from './manifest.ts';

/** A certificate file, not verified. */
export interface CertificateFile {
  /** The manifest that was signed. */
  readonly manifestName: string;
  /** Of the digest that was signed. */
  readonly algorithm: DigestAlgorithm;
  readonly signature: Uint8Array<ArrayBuffer>;
  /** PEM, the signer's certificate first. */
  readonly certificates: readonly string[];
}

const utf8 = new TextDecoder('utf-8');
/** Chains have three or four; nobody has a use for more than this. */
const maxCertificates = 32;
const signatureLine =
  /^\s*(?:(?:RSA|EC|ECDSA)-)?([A-Za-z][A-Za-z0-9-]*)\s*\(([^()\r\n]{1,1024})\)\s*=\s*([0-9a-fA-F:]+)\s*$/i;
const pemBlock = /-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----/g;

function fromHex(hex: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length: hex.length / 2 }, (_, at) => Number.parseInt(hex.slice(2 * at, 2 * at + 2), 16));
}

/**
 * Reads a certificate file. Nothing is verified.
 * @throws PackageError CERTIFICATE_INVALID when it has no signature line, more than one, or no certificate
 */
export function readCertificate(
  text: string | Uint8Array,
  { file }: { readonly file?: string | undefined } = {},
): CertificateFile {
  const plain = typeof text === 'string' ? text : utf8.decode(text);
  const invalid = (message: string) => new PackageError('CERTIFICATE_INVALID', message, { file });
  const certificates = [...plain.matchAll(pemBlock)].map(([block]) => block);
  const lines = plain
    .replace(pemBlock, '')
    .split(/\r\n|\n|\r/)
    .flatMap((line) => (line.length > 16_384 ? [] : [signatureLine.exec(line)]))
    .filter((match) => match !== null);
  const [, algorithmText = '', manifestName = '', digits = ''] = lines[0] ?? [];
  const hex = digits.replaceAll(':', '');
  if (hex === '') throw invalid('The certificate file has no line with a signature, ALGORITHM(manifest)= signature');
  if (lines.length > 1) throw invalid('The certificate file has more than one signature');
  const algorithm = toAlgorithm(algorithmText);
  if (algorithm === undefined) throw invalid(`The signature uses the unknown digest algorithm ${algorithmText}`);
  if (hex.length % 2 !== 0) throw invalid('The signature has an odd number of hexadecimal digits');
  if (certificates.length === 0) throw invalid('The certificate file has no certificate');
  if (certificates.length > maxCertificates)
    throw invalid(`The certificate file has ${certificates.length} certificates`);
  return { manifestName, algorithm, signature: fromHex(hex), certificates };
}

/**
 * The text of a certificate file, in the strict form of DSP0243.
 * @throws PackageError VALUE_INVALID for a name that would not be read back, or without a certificate
 */
export function writeCertificate({ manifestName, algorithm, signature, certificates }: CertificateFile): string {
  if (!/^[^()\r\n]{1,1024}$/.test(manifestName))
    throw new PackageError('VALUE_INVALID', `A certificate file cannot name ${JSON.stringify(manifestName)}`);
  if (certificates.length === 0 || signature.length === 0)
    throw new PackageError('VALUE_INVALID', 'A certificate file needs a signature and a certificate');
  const hex = [...signature].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  return `${algorithm}(${manifestName})= ${hex}\n${certificates.map((pem) => `${pem.trim()}\n`).join('')}`;
}
