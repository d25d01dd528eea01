/** Every code a {@link PackageError} can carry. Codes are stable; messages are not. */
export const packageErrorCodes = [
  'CANNOT_READ',
  'CANNOT_WRITE',
  'CERTIFICATE_INVALID',
  'COMPRESSION_INVALID',
  'COMPRESSION_UNSUPPORTED',
  'DESCRIPTOR_AMBIGUOUS',
  'DESCRIPTOR_INVALID',
  'DESCRIPTOR_MISSING',
  'DESCRIPTOR_NAMESPACE',
  'DIGEST_MISMATCH',
  'EDIT_REFUSED',
  'ENCODING_INVALID',
  'FILE_EXISTS',
  'FILE_MISSING',
  'MANIFEST_INVALID',
  'NAME_REFUSED',
  'OPTION_UNKNOWN',
  'OVA_COMPRESSED',
  'QCOW2_INVALID',
  'RANGE_INVALID',
  'SIZE_MISMATCH',
  'TAR_CHECKSUM',
  'TAR_DUPLICATE',
  'TAR_ENTRY_REFUSED',
  'TAR_INVALID',
  'TOO_LARGE',
  'TRUNCATED',
  'VALUE_INVALID',
  'VMDK_INVALID',
  'XML_FORBIDDEN',
  'XML_INVALID',
  'XML_LIMIT',
] as const;

/** What went wrong, for programs. `docs/errors.md` explains each one. */
export type PackageErrorCode = (typeof packageErrorCodes)[number];

/** Where a problem is: `offset` in bytes (in characters for XML), `line` and `column` from 1. */
export interface PackageErrorPlace {
  readonly file?: string | undefined;
  readonly offset?: number | undefined;
  readonly line?: number | undefined;
  readonly column?: number | undefined;
  readonly cause?: unknown;
}

/** The one error this package throws on purpose. Match on `code`, never on `message`. */
export class PackageError extends Error {
  readonly code: PackageErrorCode;
  readonly file?: string;
  readonly offset?: number;
  readonly line?: number;
  readonly column?: number;

  constructor(code: PackageErrorCode, message: string, place: PackageErrorPlace = {}) {
    super(message, place.cause === undefined ? undefined : { cause: place.cause });
    this.name = 'PackageError';
    this.code = code;
    if (place.file !== undefined) this.file = place.file;
    if (place.offset !== undefined) this.offset = place.offset;
    if (place.line !== undefined) this.line = place.line;
    if (place.column !== undefined) this.column = place.column;
  }
}
