// Manifest and certificate of a package that is being written: known only when every byte has passed, though in an archive they stand before
// the files. So room is kept for them, and filled in.
import type { DigestAlgorithm, ManifestEntry } from '../manifest.ts';
import { writeManifest } from '../manifest.ts';
import { siblingName } from '../package-read.ts';
import { type SigningIdentity, signManifest } from './certificate-sign.ts';
import { compared, type OnMismatch } from './compared.ts';
import type { PlannedMember } from './package-parts.ts';

/** A manifest or certificate to put into a package. */
export interface Seal {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** What to make. Nothing without `algorithm`. */
export interface SealOptions {
  readonly descriptorName: string;
  readonly algorithm?: DigestAlgorithm | undefined;
  readonly identity?: SigningIdentity | undefined;
  readonly onMismatch?: OnMismatch | undefined;
}

const digestSizes: Readonly<Record<DigestAlgorithm, number>> = { SHA1: 40, SHA256: 64, SHA384: 96, SHA512: 128 };

/** ECDSA signatures differ in length by a few bytes, two digits each. */
const slack = 32;

/** A certificate in exactly `size` bytes: line breaks at its end mean nothing. */
function fitted(sign: () => string, size: number): string {
  for (;;) {
    const text = sign();
    // signed again, for the next ECDSA signature has another length
    if (text.length <= size) return text.padEnd(size, '\n');
  }
}

/** Gathers digests and makes the seals of them. */
export function createSeals({ descriptorName, algorithm, identity, onMismatch }: SealOptions) {
  const entries: ManifestEntry[] = [];
  const manifestName = siblingName(descriptorName, '.mf');
  const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
  const made = (lines: readonly ManifestEntry[], certificateSize?: number): readonly Seal[] => {
    if (algorithm === undefined) return [];
    const manifest = encode(writeManifest(lines));
    const seal: Seal = { name: manifestName, bytes: manifest };
    if (identity === undefined) return [seal];
    const sign = () => signManifest({ manifest, manifestName, identity });
    const text = certificateSize === undefined ? sign() : fitted(sign, certificateSize);
    return [seal, { name: siblingName(descriptorName, '.cert'), bytes: encode(text) }];
  };
  return {
    /** The bytes of a member, compared and digested on the way. */
    bytesOf: (member: PlannedMember, bytes: AsyncIterable<Uint8Array>) =>
      compared(bytes, {
        stated: member.stated,
        onMismatch,
        algorithm,
        onDigest: (digest) => {
          if (algorithm !== undefined) entries.push({ name: member.name, algorithm, digest });
        },
      }),
    /** Of the size that the seals of these members will have, with nothing in them yet. */
    rooms(members: readonly PlannedMember[]): readonly Seal[] {
      if (algorithm === undefined) return [];
      const digest = '0'.repeat(digestSizes[algorithm]);
      const [manifest, certificate] = made(members.map(({ name }) => ({ name, algorithm, digest })));
      const room = (seal: Seal | undefined, more: number): readonly Seal[] =>
        seal === undefined ? [] : [{ name: seal.name, bytes: new Uint8Array(seal.bytes.length + more) }];
      return [...room(manifest, 0), ...room(certificate, slack)];
    },
    /** The seals of all that passed; the certificate as long as its room. */
    made: (rooms: readonly Seal[] = []) => made(entries, rooms[1]?.bytes.length),
  };
}
