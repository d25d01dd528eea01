import { type KeyObject, verify, X509Certificate } from 'node:crypto';
import { getCACertificates } from 'node:tls';
import { type CertificateFile, readCertificate } from '../certificate.ts';
import { PackageError } from '../errors.ts';
import type { DigestAlgorithm } from '../manifest.ts';
import { buildChain, isSelfIssued } from './certificate-chain.ts';
import { brokenDigestOf, mayIssue, maySignManifests, weakKeySizeOf } from './certificate-usage.ts';

/** Codes of what can be wrong with a signature, the last three of which do not make it untrusted. */
export const signatureProblemCodes = [
  'SIGNATURE_WRONG',
  'CHAIN_UNTRUSTED',
  'CHAIN_INCOMPLETE',
  'CERTIFICATE_EXPIRED',
  'CERTIFICATE_NOT_YET_VALID',
  'KEY_USAGE',
  'DIGEST_WEAK',
  'KEY_WEAK',
  'MANIFEST_NAME',
] as const;

/** The stable name of a problem of a signature. */
export type SignatureProblemCode = (typeof signatureProblemCodes)[number];

/** One thing wrong with a signature. */
export interface SignatureProblem {
  readonly code: SignatureProblemCode;
  readonly message: string;
}

/** Who signed. Dates in ISO 8601, the fingerprint in hexadecimal with colons. */
export interface Signer {
  readonly subject: string;
  readonly issuer: string;
  readonly validFrom: string;
  readonly validTo: string;
  readonly fingerprint256: string;
}

/** What a signature is worth. */
export interface SignatureReport {
  /** `invalid`: not made with this key over this manifest. `untrusted`: made so, but the signer is not trusted. */
  readonly status: 'valid' | 'untrusted' | 'invalid';
  readonly algorithm: DigestAlgorithm;
  readonly manifestName: string;
  readonly signer: Signer;
  /** Subjects from the signer to the trusted root, or as far as the chain goes. */
  readonly chain: readonly string[];
  readonly problems: readonly SignatureProblem[];
}

/** `roots` in PEM, those of the system and of Node.js when absent; `now` in milliseconds since 1970. */
export interface VerifyCertificateOptions {
  readonly certificate: string | Uint8Array;
  /** The manifest's bytes, exactly as they lie in the package. */
  readonly manifest: Uint8Array;
  /** What the manifest is called, to be compared with what the certificate file says; not compared when absent. */
  readonly manifestName?: string | undefined;
  readonly roots?: readonly string[] | undefined;
  readonly now?: number | undefined;
  /** Name of the certificate file, for errors. */
  readonly file?: string | undefined;
}

/** Certificates in PEM; one text may hold several. @throws PackageError CERTIFICATE_INVALID */
export function parseCertificates(texts: readonly string[], file: string | undefined): readonly X509Certificate[] {
  const blocks = texts.flatMap(
    (text) => text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [],
  );
  return blocks.map((pem) => {
    try {
      return parseCertificate(pem);
    } catch (cause) {
      throw new PackageError('CERTIFICATE_INVALID', 'A certificate cannot be read', { file, cause });
    }
  });
}

/** Key and dates are only looked at when they are asked for, and fail then. */
function parseCertificate(pem: string): X509Certificate {
  const certificate = new X509Certificate(pem);
  const { publicKey, validFrom, validTo } = certificate;
  if (publicKey.type !== 'public' || Number.isNaN(Date.parse(validFrom)) || Number.isNaN(Date.parse(validTo)))
    throw new PackageError('CERTIFICATE_INVALID', 'The dates of a certificate cannot be read');
  return certificate;
}

let systemRoots: readonly X509Certificate[] | undefined;

/** A root that this version of OpenSSL cannot read is none that could be used. */
function defaultRoots(): readonly X509Certificate[] {
  const texts = new Set([...getCACertificates('default'), ...getCACertificates('system')]);
  systemRoots ??= [...texts].flatMap((pem) => {
    try {
      return [parseCertificate(pem)];
    } catch {
      return [];
    }
  });
  return systemRoots;
}

function isSignedBy(
  { algorithm, signature }: CertificateFile,
  { key, manifest }: { key: KeyObject; manifest: Uint8Array },
) {
  try {
    return verify(algorithm.toLowerCase(), manifest, key, signature);
  } catch {
    // a key of a kind that cannot have made any such signature
    return false;
  }
}

function validityProblems(chain: readonly X509Certificate[], now: number): readonly SignatureProblem[] {
  return chain.flatMap(({ subject, validFrom, validTo }): readonly SignatureProblem[] => {
    const name = nameOf(subject);
    if (now < Date.parse(validFrom))
      return [{ code: 'CERTIFICATE_NOT_YET_VALID', message: `${name} is not valid before ${validFrom}` }];
    if (now > Date.parse(validTo))
      return [{ code: 'CERTIFICATE_EXPIRED', message: `${name} is not valid since ${validTo}` }];
    return [];
  });
}

function usageProblems([signer, ...issuers]: readonly X509Certificate[]): readonly SignatureProblem[] {
  const problems: SignatureProblem[] = [];
  if (signer !== undefined && !maySignManifests(signer))
    problems.push({ code: 'KEY_USAGE', message: `The certificate of ${nameOf(signer.subject)} is not for signing` });
  for (const [below, issuer] of issuers.entries()) {
    if (!mayIssue(issuer, below))
      problems.push({ code: 'KEY_USAGE', message: `${nameOf(issuer.subject)} may not issue certificates` });
  }
  return problems;
}

/** X509Certificate gives one name part a line. */
function nameOf(subject: string | undefined): string {
  return (subject ?? '').split('\n').reverse().join(', ');
}

function trustProblems({ chain, isTrusted }: { chain: readonly X509Certificate[]; isTrusted: boolean }) {
  const last = chain.at(-1);
  if (isTrusted || last === undefined) return [];
  const problem: SignatureProblem = isSelfIssued(last)
    ? { code: 'CHAIN_UNTRUSTED', message: `${nameOf(last.subject)} is not among the trusted roots` }
    : {
        code: 'CHAIN_INCOMPLETE',
        message: `The certificate of ${nameOf(last.issuer)}, which issued the last of the chain, is missing`,
      };
  return [problem];
}

/** Keys and digests of the chain that can be forged with some effort. How a root signed itself proves nothing. */
function weaknesses(chain: readonly X509Certificate[]): readonly SignatureProblem[] {
  return chain.flatMap((certificate): readonly SignatureProblem[] => {
    const name = nameOf(certificate.subject);
    const bits = weakKeySizeOf(certificate);
    const digest = isSelfIssued(certificate) ? undefined : brokenDigestOf(certificate);
    return [
      ...(bits === undefined
        ? []
        : [{ code: 'KEY_WEAK' as const, message: `The key of ${name} has ${bits} bits only` }]),
      ...(digest === undefined
        ? []
        : [{ code: 'DIGEST_WEAK' as const, message: `The certificate of ${name} was signed over a ${digest} digest` }]),
    ];
  });
}

/** What is worth telling, but does not make a signature less of one. */
function remarks(
  { algorithm, manifestName }: CertificateFile,
  { manifestName: actual }: VerifyCertificateOptions,
): readonly SignatureProblem[] {
  const problems: SignatureProblem[] = [];
  if (actual !== undefined && actual !== manifestName)
    problems.push({ code: 'MANIFEST_NAME', message: `The signature is of ${manifestName}, the manifest is ${actual}` });
  if (algorithm === 'SHA1')
    problems.push({ code: 'DIGEST_WEAK', message: 'The signature is over a SHA-1 digest, which can be forged' });
  return problems;
}

/**
 * Verifies the signature of a manifest: made with the key of one of the certificates over exactly these bytes, its chain
 * leading to one of `roots`, every certificate valid at `now` and meant for what it does. The digests in the manifest
 * are another matter. Revocation is not looked up.
 * @throws PackageError CERTIFICATE_INVALID when the file or a certificate in it cannot be read
 */
export function verifyCertificate(options: VerifyCertificateOptions): SignatureReport {
  const { manifest, roots, now = Date.now(), file } = options;
  const signed = readCertificate(options.certificate, { file });
  const certificates = parseCertificates(signed.certificates, file);
  // the signer's certificate is to come first, but chains are put together in either order
  const genuine = certificates.find(({ publicKey }) => isSignedBy(signed, { key: publicKey, manifest }));
  const leaf = genuine ?? certificates[0];
  if (leaf === undefined) throw new PackageError('CERTIFICATE_INVALID', 'A certificate cannot be read', { file });
  const trusted = roots === undefined ? defaultRoots() : parseCertificates(roots, file);
  const others = certificates.filter((certificate) => certificate !== leaf);
  const { chain, isTrusted } = buildChain({ leaf, others, roots: trusted });
  const wrong: SignatureProblem = {
    code: 'SIGNATURE_WRONG',
    message: `The signature is not one of ${nameOf(leaf.subject)} over this manifest`,
  };
  const doubts = [...trustProblems({ chain, isTrusted }), ...validityProblems(chain, now), ...usageProblems(chain)];
  return {
    status: genuine === undefined ? 'invalid' : doubts.length === 0 ? 'valid' : 'untrusted',
    algorithm: signed.algorithm,
    manifestName: signed.manifestName,
    signer: signerOf(leaf),
    chain: chain.map(({ subject }) => nameOf(subject)),
    problems: [...(genuine === undefined ? [wrong] : []), ...doubts, ...remarks(signed, options), ...weaknesses(chain)],
  };
}

function signerOf({ subject, issuer, validFrom, validTo, fingerprint256 }: X509Certificate): Signer {
  return {
    subject: nameOf(subject),
    issuer: nameOf(issuer),
    validFrom: new Date(validFrom).toISOString(),
    validTo: new Date(validTo).toISOString(),
    fingerprint256,
  };
}
