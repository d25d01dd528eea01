import { PackageError } from './errors.ts';

/** What people call an OVA and is none, by its first bytes: compressed archives, then other containers. */
const compressions: readonly (readonly [string, readonly number[]])[] = [
  ['gzip', [0x1f, 0x8b]],
  ['xz', [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]],
  ['zstd', [0x28, 0xb5, 0x2f, 0xfd]],
  ['bzip2', [0x42, 0x5a, 0x68]],
  ['lz4', [0x04, 0x22, 0x4d, 0x18]],
];

const containers: readonly (readonly [string, readonly number[]])[] = [
  ['zip', [0x50, 0x4b, 0x03, 0x04]],
  ['zip', [0x50, 0x4b, 0x05, 0x06]],
  ['cpio', [0x30, 0x37, 0x30, 0x37, 0x30]],
  ['cpio', [0xc7, 0x71]],
  ['cpio', [0x71, 0xc7]],
  ['7z', [0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c]],
  ['RAR', [0x52, 0x61, 0x72, 0x21, 0x1a, 0x07]],
  ['ar', [0x21, 0x3c, 0x61, 0x72, 0x63, 0x68, 0x3e, 0x0a]],
];

/**
 * Says what the first bytes of a file are when they are known not to be tar.
 * @throws PackageError OVA_COMPRESSED, TAR_INVALID
 */
export function refuseForeign(head: Uint8Array): void {
  const nameIn = (formats: typeof containers) =>
    formats.find(([, magic]) => magic.every((byte, index) => head[index] === byte))?.[0];
  const compression = nameIn(compressions);
  if (compression !== undefined)
    throw new PackageError(
      'OVA_COMPRESSED',
      `The archive is compressed with ${compression}; an OVA is a plain tar archive`,
      { offset: 0 },
    );
  const container = nameIn(containers);
  if (container !== undefined)
    throw new PackageError('TAR_INVALID', `This is a ${container} archive; an OVA is a tar archive`, { offset: 0 });
}
