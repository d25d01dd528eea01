// What passphrases do in PKCS#12: RFC 7292 appendix B (keys of their own kind, for the oldest ciphers and for the check sum) and RFC 8018
// (PBES2). All cryptography itself is that of node:crypto.
import { createDecipheriv, createHash, createHmac, pbkdf2Sync, timingSafeEqual } from 'node:crypto';
import { concat } from '../bytes.ts';
import { PackageError } from '../errors.ts';
import { type DerElement, derTags, expectTag, integerOf, objectIdOf, octetsOf, readDer } from './der.ts';

/** A passphrase, in the two forms that are in use. */
export interface Passphrase {
  readonly text: string;
  /** UTF-16, big-endian, ended by a zero: that of RFC 7292. An empty one is also taken for nothing at all. */
  readonly wide: Uint8Array;
}

const hashes: ReadonlyMap<string, string> = new Map([
  ['1.3.14.3.2.26', 'sha1'],
  ['2.16.840.1.101.3.4.2.1', 'sha256'],
  ['2.16.840.1.101.3.4.2.2', 'sha384'],
  ['2.16.840.1.101.3.4.2.3', 'sha512'],
]);

/** HMAC by hash, as PBKDF2 and PBMAC1 name it. */
const hmacs: ReadonlyMap<string, string> = new Map([
  ['1.2.840.113549.2.7', 'sha1'],
  ['1.2.840.113549.2.9', 'sha256'],
  ['1.2.840.113549.2.10', 'sha384'],
  ['1.2.840.113549.2.11', 'sha512'],
]);

/** `keySize` in bytes. */
const ciphers: ReadonlyMap<string, { readonly name: string; readonly keySize: number }> = new Map([
  ['2.16.840.1.101.3.4.1.2', { name: 'aes-128-cbc', keySize: 16 }],
  ['2.16.840.1.101.3.4.1.22', { name: 'aes-192-cbc', keySize: 24 }],
  ['2.16.840.1.101.3.4.1.42', { name: 'aes-256-cbc', keySize: 32 }],
  ['1.2.840.113549.3.7', { name: 'des-ede3-cbc', keySize: 24 }],
]);

const pbes2 = '1.2.840.113549.1.5.13';
const pbkdf2 = '1.2.840.113549.1.5.12';
const pbmac1 = '1.2.840.113549.1.5.14';
const tripleDes = '1.2.840.113549.1.12.1.3';
/** More take many seconds, and are in no file that somebody means. */
const maxIterations = 2_000_000;

const purposes = { key: 1, iv: 2, mac: 3 } as const;

function unsupported(what: string): PackageError {
  return new PackageError(
    'CERTIFICATE_INVALID',
    `The key store is protected by ${what}, which is not supported; write it anew, as with openssl pkcs12 -legacy | openssl pkcs12 -export`,
  );
}

/** An algorithm and its parameters. */
function algorithmOf(element: DerElement | undefined): {
  readonly id: string;
  readonly parameters: DerElement | undefined;
} {
  const [id, parameters] = readDer(expectTag(element, derTags.sequence).content);
  return { id: objectIdOf(expectTag(id, derTags.objectId)), parameters };
}

function iterationsOf(element: DerElement | undefined): number {
  const count = element === undefined ? 1 : integerOf(expectTag(element, derTags.integer));
  if (count < 1 || count > maxIterations) throw unsupported(`${count} rounds`);
  return count;
}

/** Repeated up to a multiple of `block`; nothing stays nothing. */
function filled(bytes: Uint8Array, block: number): Uint8Array {
  const size = Math.ceil(bytes.length / block) * block;
  return Uint8Array.from({ length: size }, (_, at) => bytes[at % bytes.length] ?? 0);
}

/** `block` becomes `block + addend + 1`, both taken for numbers whose first byte counts most. */
function addOne(block: Uint8Array, addend: Uint8Array): void {
  let carry = 1;
  for (let at = block.length - 1; at >= 0; at -= 1) {
    const sum = (block[at] ?? 0) + (addend[at] ?? 0) + carry;
    block[at] = sum % 256;
    carry = Math.floor(sum / 256);
  }
}

interface Derivation {
  readonly hash: string;
  readonly purpose: keyof typeof purposes;
  readonly salt: Uint8Array;
  readonly iterations: number;
  readonly size: number;
}

/** RFC 7292, B.2. */
function derive({ wide }: Passphrase, { hash, purpose, salt, iterations, size }: Derivation): Uint8Array {
  const block = hash === 'sha384' || hash === 'sha512' ? 128 : 64;
  const diversifier = new Uint8Array(block).fill(purposes[purpose]);
  const input = concat([filled(salt, block), filled(wide, block)]);
  const parts: Uint8Array[] = [];
  for (let length = 0; length < size; ) {
    let digest = createHash(hash).update(diversifier).update(input).digest();
    for (let round = 1; round < iterations; round += 1) digest = createHash(hash).update(digest).digest();
    parts.push(digest);
    length += digest.length;
    const addend = filled(digest, block).subarray(0, block);
    for (let at = 0; at < input.length; at += block) addOne(input.subarray(at, at + block), addend);
  }
  return concat(parts).subarray(0, size);
}

/** A key by PBKDF2; `size` in bytes when the parameters do not say it. */
function deriveByPbkdf2(kdf: DerElement | undefined, { text, size }: { text: string; size: number }): Uint8Array {
  const { id, parameters } = algorithmOf(kdf);
  if (id !== pbkdf2) throw unsupported(`the key derivation ${id}`);
  const [salt, count, ...rest] = readDer(expectTag(parameters, derTags.sequence).content);
  const prf = rest.find(({ tag }) => tag === derTags.sequence);
  const prfId = prf === undefined ? '1.2.840.113549.2.7' : algorithmOf(prf).id;
  const hash = hmacs.get(prfId);
  if (hash === undefined) throw unsupported(`the key derivation ${prfId}`);
  return pbkdf2Sync(text, octetsOf(expectTag(salt, derTags.octetString)), iterationsOf(count), size, hash);
}

function keyFor(algorithm: DerElement | undefined, passphrase: Passphrase) {
  const { id, parameters } = algorithmOf(algorithm);
  if (id === tripleDes) {
    const [salt, count] = readDer(expectTag(parameters, derTags.sequence).content);
    const base = {
      hash: 'sha1',
      salt: octetsOf(expectTag(salt, derTags.octetString)),
      iterations: iterationsOf(count),
    };
    const key = derive(passphrase, { ...base, purpose: 'key', size: 24 });
    return { name: 'des-ede3-cbc', key, iv: derive(passphrase, { ...base, purpose: 'iv', size: 8 }) };
  }
  if (id !== pbes2) throw unsupported(/^1\.2\.840\.113549\.1\.12\.1\.[56]$/.test(id) ? 'RC2' : `the cipher ${id}`);
  const [kdf, scheme] = readDer(expectTag(parameters, derTags.sequence).content);
  const cipher = algorithmOf(scheme);
  const known = ciphers.get(cipher.id);
  if (known === undefined) throw unsupported(`the cipher ${cipher.id}`);
  const key = deriveByPbkdf2(kdf, { text: passphrase.text, size: known.keySize });
  return { name: known.name, key, iv: octetsOf(expectTag(cipher.parameters, derTags.octetString)) };
}

/** The plain bytes. @throws PackageError CERTIFICATE_INVALID, for a wrong passphrase as well */
export function decrypt(
  data: Uint8Array,
  { algorithm, passphrase }: { readonly algorithm: DerElement | undefined; readonly passphrase: Passphrase },
): Uint8Array {
  const { name, key, iv } = keyFor(algorithm, passphrase);
  try {
    const decipher = createDecipheriv(name, key, iv);
    return concat([decipher.update(data), decipher.final()]);
  } catch (cause) {
    throw new PackageError('CERTIFICATE_INVALID', 'The key store cannot be opened with this passphrase', { cause });
  }
}

function macOf(content: Uint8Array, { mac, passphrase }: { mac: readonly DerElement[]; passphrase: Passphrase }) {
  const [info, salt, count] = mac;
  const [algorithm] = readDer(expectTag(info, derTags.sequence).content);
  const { id, parameters } = algorithmOf(algorithm);
  if (id === pbmac1) {
    const [kdf, scheme] = readDer(expectTag(parameters, derTags.sequence).content);
    const hash = hmacs.get(algorithmOf(scheme).id);
    if (hash === undefined) throw unsupported('an unknown check sum');
    const size = createHash(hash).digest().length;
    return createHmac(hash, deriveByPbkdf2(kdf, { text: passphrase.text, size }))
      .update(content)
      .digest();
  }
  const hash = hashes.get(id);
  if (hash === undefined) throw unsupported(`the digest ${id}`);
  const size = createHash(hash).digest().length;
  const base = { hash, salt: octetsOf(expectTag(salt, derTags.octetString)), iterations: iterationsOf(count), size };
  return createHmac(hash, derive(passphrase, { ...base, purpose: 'mac' }))
    .update(content)
    .digest();
}

/** Whether the check sum over `content` was made with this passphrase. @throws PackageError CERTIFICATE_INVALID */
export function isMacRight(
  content: Uint8Array,
  { mac, passphrase }: { readonly mac: DerElement; readonly passphrase: Passphrase },
): boolean {
  const parts = readDer(expectTag(mac, derTags.sequence).content);
  const stated = readDer(expectTag(parts[0], derTags.sequence).content)[1];
  const expected = octetsOf(expectTag(stated, derTags.octetString));
  const actual = macOf(content, { mac: parts, passphrase });
  return actual.length === expected.length && timingSafeEqual(actual, expected);
}
