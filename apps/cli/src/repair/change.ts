/** What a repair can change. */
export type ChangeCode =
  | 'CAPACITY'
  | 'DEVICE_REMOVED'
  | 'DEVICE_RENAMED'
  | 'DIGEST_REPLACED'
  | 'FILE_SIZE'
  | 'HARDWARE_VERSION'
  | 'MANIFEST_ALGORITHM'
  | 'MANIFEST_DIALECT'
  | 'MANIFEST_INCOMPLETE'
  | 'MANIFEST_MADE'
  | 'MEMBER_ORDER'
  | 'NVRAM_REMOVED'
  | 'REFERENCE_REMOVED'
  | 'SIGNATURE_DROPPED'
  | 'TAR_DIALECT'
  | 'UNWRAPPED';

/** One change to a package. */
export interface Change {
  readonly code: ChangeCode;
  readonly message: string;
}
