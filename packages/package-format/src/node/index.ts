export { isArchivePath } from '../package-read.ts';
export {
  type SignatureProblem,
  type SignatureProblemCode,
  type SignatureReport,
  type Signer,
  signatureProblemCodes,
  type VerifyCertificateOptions,
  verifyCertificate,
} from './certificate.ts';
export { type SigningIdentity, signManifest } from './certificate-sign.ts';
export type { OnMismatch } from './compared.ts';
export { type Conversion, type ConvertOptions, convertDisk, type DiskTarget } from './convert.ts';
export { createDigest, type Digest, type Digests, digest, digested } from './digest.ts';
export { type OpenDisk, type OpenDiskOptions, openDisk, openDiskFile } from './disk-open.ts';
export { type DiskImage, type DiskPart, flatten } from './disk-part.ts';
export { type OpenFile, openFile } from './file.ts';
export { type GzipOptions, gzipped } from './gzip.ts';
export { createHashThread, type HashThread, worthAThread } from './hash-thread.ts';
export { createHashing, type HashAlgorithm, type HashDigests, type Hashing } from './hashing.ts';
export { makeCertificate, type SignablePackage } from './make-certificate.ts';
export { maxTextSize, openPackage } from './open.ts';
export { openSpooled, type SpooledPackage } from './open-spooled.ts';
export {
  createOutputFiles,
  type OutputFile,
  type OutputFiles,
  type OutputFilesOptions,
  withOutputFiles,
  writeFile,
} from './output-files.ts';
export type { PackageProgress, PackageStorage, PackageWatch } from './package-parts.ts';
export type { PackageOptions } from './package-plan.ts';
export { manifestEntries, type NewPackage, type PackageFile, type PackageInput } from './package-source.ts';
export { readFile } from './read-file.ts';
export { type UnpackedPackage, type UnpackOptions, unpackStream } from './unpack.ts';
export { decompressed, unwrapped, type Wrapping, wrappingOf } from './unwrap.ts';
export { type VerifyOptions, type VerifyProgress, verifyPackage, verifyStream } from './verify.ts';
export {
  type PackageProblem,
  type PackageProblemCode,
  type PackageProblemKind,
  packageProblemCodes,
  type VerifiedDigest,
  type VerifiedDisk,
  type VerifiedFile,
  type VerifyReport,
} from './verify-report.ts';
export { readStreamOptimized } from './vmdk-raw.ts';
export { type StreamOptimizedOptions, writeStreamOptimized } from './vmdk-write.ts';
export {
  type CheckManifestOptions,
  checkManifest,
  streamPackage,
  type WritePackageOptions,
  type WrittenPackage,
  writePackage,
} from './write-package.ts';
