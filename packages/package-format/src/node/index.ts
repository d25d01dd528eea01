export {
  type SignatureProblem,
  type SignatureProblemCode,
  type SignatureReport,
  type Signer,
  type SigningIdentity,
  signManifest,
  type VerifyCertificateOptions,
  verifyCertificate,
} from './certificate.ts';
export { type Conversion, type ConvertOptions, convertDisk, type DiskTarget, openDisk } from './convert.ts';
export { createDigest, type Digest, type Digests, digest, digested } from './digest.ts';
export { type DiskImage, type DiskPart, flatten } from './disk-part.ts';
export { type OpenFile, openFile } from './file.ts';
export { maxTextSize, openPackage } from './open.ts';
export { readFile } from './read-file.ts';
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
