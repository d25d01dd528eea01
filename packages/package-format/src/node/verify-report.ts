import type { PackageErrorCode } from '../errors.ts';
import type { FindingCode, FindingSeverity } from '../finding.ts';
import type { DigestAlgorithm } from '../manifest.ts';
import type { Descriptor } from '../ovf-types.ts';
import type { DiskReport } from '../vmdk-check.ts';
import type { SignatureProblemCode, SignatureReport } from './certificate.ts';

/** What a problem is about, for exit codes and headings. */
export type PackageProblemKind = 'structure' | 'reference' | 'size' | 'digest' | 'signature' | 'disk';

/** Codes of problems that only a verification finds; the others are those of findings, signatures and errors. */
export const packageProblemCodes = [
  'DIGEST_MISMATCH',
  'DISK_CAPACITY',
  'DISK_DAMAGED',
  'DISK_ODD',
  'FILE_NOT_IN_MANIFEST',
  'FILE_NOT_REFERENCED',
  'MANIFEST_FILE_MISSING',
  'MANIFEST_MISSING',
  'MEMBER_ORDER',
] as const;

/** The stable name of a problem. */
export type PackageProblemCode =
  | (typeof packageProblemCodes)[number]
  | FindingCode
  | SignatureProblemCode
  | PackageErrorCode;

/** One thing wrong with a package. `offset` in bytes within `file`, `line` and `column` from 1. */
export interface PackageProblem {
  readonly kind: PackageProblemKind;
  readonly severity: FindingSeverity;
  readonly code: PackageProblemCode;
  readonly message: string;
  readonly file: string;
  readonly offset?: number | undefined;
  readonly line?: number | undefined;
  readonly column?: number | undefined;
  readonly hint?: string | undefined;
}

/** A digest the manifest states, and the one the bytes have. Lower-case hexadecimal. */
export interface VerifiedDigest {
  readonly algorithm: DigestAlgorithm;
  readonly stated: string;
  readonly actual: string;
}

/** A file as it was read. `size` in bytes. */
export interface VerifiedFile {
  readonly name: string;
  readonly size: number;
  readonly digests: readonly VerifiedDigest[];
}

/** A disk of the package, and what its structure says. */
export interface VerifiedDisk extends Omit<DiskReport, 'problems'> {
  readonly href: string;
}

/** All that a verification found. The package is sound when no problem has the severity `error`. */
export interface VerifyReport {
  readonly descriptorName?: string | undefined;
  /** undefined when it could not be read at all. */
  readonly descriptor?: Descriptor | undefined;
  readonly files: readonly VerifiedFile[];
  readonly disks: readonly VerifiedDisk[];
  readonly hasManifest: boolean;
  /** undefined when there is no certificate, or none that can be read. */
  readonly signature?: SignatureReport | undefined;
  readonly problems: readonly PackageProblem[];
}
