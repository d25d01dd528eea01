export { createDigest, type Digest, type Digests, digest, digested } from './digest.ts';
export { type OpenFile, openFile } from './file.ts';
export { maxTextSize, openPackage } from './open.ts';
export { readFile } from './read-file.ts';
export { readStreamOptimized } from './vmdk-raw.ts';
export { type StreamOptimizedOptions, writeStreamOptimized } from './vmdk-write.ts';
