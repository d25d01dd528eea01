import type { X509Certificate } from 'node:crypto';
import { derTags, expectTag, integerOf, objectIdOf, readDer, readOne } from './der.ts';

const keyUsage = '2.5.29.15';
const basicConstraints = '2.5.29.19';
const extendedKeyUsage = '2.5.29.37';
const codeSigning = '1.3.6.1.5.5.7.3.3';
const anyUsage = '2.5.29.37.0';

/** Bits of the key usage extension, counted as RFC 5280 does: from the left. */
const usageBits = { digitalSignature: 0, nonRepudiation: 1, certificateSign: 5 } as const;

/** The content of an extension, which is a DER value of its own; undefined when the certificate does not have it. */
function extensionOf({ raw }: X509Certificate, id: string): Uint8Array | undefined {
  const [body] = readDer(readOne(raw, derTags.sequence).content);
  const parts = readDer(expectTag(body, derTags.sequence).content);
  const list = parts.find(({ tag }) => tag === derTags.context3);
  if (list === undefined) return undefined;
  for (const extension of readDer(readOne(list.content, derTags.sequence).content)) {
    const [name, ...rest] = readDer(extension.content);
    if (name !== undefined && objectIdOf(name) === id) return rest.at(-1)?.content;
  }
  return undefined;
}

/** What a certificate was signed with that can be forged by now. */
const brokenSignatures: ReadonlyMap<string, string> = new Map([
  ['1.2.840.113549.1.1.4', 'MD5'],
  ['1.2.840.113549.1.1.5', 'SHA-1'],
  ['1.2.840.10040.4.3', 'SHA-1'],
  ['1.2.840.10045.4.1', 'SHA-1'],
]);

/**
 * The digest under the signature of a certificate, when it can be forged.
 * @throws PackageError CERTIFICATE_INVALID
 */
export function brokenDigestOf({ raw }: X509Certificate): string | undefined {
  const [, algorithm] = readDer(readOne(raw, derTags.sequence).content);
  const [name] = readDer(expectTag(algorithm, derTags.sequence).content);
  return brokenSignatures.get(objectIdOf(expectTag(name, derTags.objectId)));
}

/** Bits of a key that is shorter than is safe; undefined for others. */
export function weakKeySizeOf({ publicKey }: X509Certificate): number | undefined {
  const bits = publicKey.asymmetricKeyDetails?.modulusLength;
  return bits !== undefined && bits < 2048 ? bits : undefined;
}

/** A certificate that says nothing may be used for everything. */
function hasUsage(certificate: X509Certificate, bits: readonly number[]): boolean {
  const extension = extensionOf(certificate, keyUsage);
  if (extension === undefined) return true;
  // the first byte counts the unused bits at the end, which are zero
  const bytes = readOne(extension, derTags.bitString).content.subarray(1);
  return bits.some((bit) => Math.floor((bytes[Math.floor(bit / 8)] ?? 0) / 2 ** (7 - (bit % 8))) % 2 === 1);
}

/**
 * Whether a certificate is meant for signatures, and if it lists purposes, for signing software.
 * @throws PackageError CERTIFICATE_INVALID
 */
export function maySignManifests(certificate: X509Certificate): boolean {
  const extension = extensionOf(certificate, extendedKeyUsage);
  const purposes =
    extension === undefined ? [anyUsage] : readDer(readOne(extension, derTags.sequence).content).map(objectIdOf);
  return (
    hasUsage(certificate, [usageBits.digitalSignature, usageBits.nonRepudiation]) &&
    purposes.some((purpose) => purpose === codeSigning || purpose === anyUsage)
  );
}

/**
 * Whether a certificate is that of an authority which may stand above `below` others.
 * @throws PackageError CERTIFICATE_INVALID
 */
export function mayIssue(certificate: X509Certificate, below: number): boolean {
  if (!certificate.ca || !hasUsage(certificate, [usageBits.certificateSign])) return false;
  const constraints = extensionOf(certificate, basicConstraints);
  if (constraints === undefined) return true;
  const limit = readDer(readOne(constraints, derTags.sequence).content).find(({ tag }) => tag === derTags.integer);
  return limit === undefined || integerOf(limit) >= below;
}
