// A PKCS#12 file (.p12, .pfx) is a list of safes, each plain or encrypted, of bags with a key or a certificate, and a check sum over all
// of it (RFC 7292). What is read is what openssl, Windows, Java and browsers write.
import { PackageError } from '../errors.ts';
import { type DerElement, derTags, expectTag, objectIdOf, octetsOf, readDer, readOne } from './der.ts';
import { decrypt, isMacRight, type Passphrase } from './pkcs12-cipher.ts';

/** What a key store holds: keys as PKCS#8 and certificates, both in DER. */
export interface KeyStore {
  readonly keys: readonly Uint8Array[];
  readonly certificates: readonly Uint8Array[];
}

const contentTypes = { data: '1.2.840.113549.1.7.1', encryptedData: '1.2.840.113549.1.7.6' } as const;
const bagTypes = {
  key: '1.2.840.113549.1.12.10.1.1',
  encryptedKey: '1.2.840.113549.1.12.10.1.2',
  certificate: '1.2.840.113549.1.12.10.1.3',
} as const;

const childrenOf = (element: DerElement | undefined, tag: number): readonly DerElement[] =>
  readDer(expectTag(element, tag).content);

/** A string, in one or in parts. */
function stringOf(element: DerElement | undefined): Uint8Array {
  const inParts = 0x24;
  return octetsOf(expectTag(element, element?.tag === inParts ? inParts : derTags.octetString));
}

/** Type and content of a ContentInfo. */
function contentOf(element: DerElement | undefined): {
  readonly type: string;
  readonly content: DerElement | undefined;
} {
  const [type, wrapped] = childrenOf(element, derTags.sequence);
  return { type: objectIdOf(expectTag(type, derTags.objectId)), content: childrenOf(wrapped, derTags.context0)[0] };
}

/** The bags of one safe. */
function safeOf(element: DerElement, passphrase: Passphrase): readonly DerElement[] {
  const { type, content } = contentOf(element);
  if (type === contentTypes.data) return readDer(readOne(stringOf(content), derTags.sequence).content);
  if (type !== contentTypes.encryptedData)
    throw new PackageError(
      'CERTIFICATE_INVALID',
      'The key store is encrypted for a certificate, not with a passphrase',
    );
  const [, info] = childrenOf(content, derTags.sequence);
  const [, algorithm, data] = childrenOf(info, derTags.sequence);
  if (data === undefined) return [];
  const plain = decrypt(octetsOf(data), { algorithm, passphrase });
  return readDer(readOne(plain, derTags.sequence).content);
}

function addBag(
  element: DerElement,
  { store, passphrase }: { store: { keys: Uint8Array[]; certificates: Uint8Array[] }; passphrase: Passphrase },
) {
  const [type, wrapped] = childrenOf(element, derTags.sequence);
  const [value] = childrenOf(wrapped, derTags.context0);
  switch (objectIdOf(expectTag(type, derTags.objectId))) {
    case bagTypes.key:
      store.keys.push(expectTag(value, derTags.sequence).bytes);
      break;
    case bagTypes.encryptedKey: {
      const [algorithm, data] = childrenOf(value, derTags.sequence);
      store.keys.push(decrypt(stringOf(data), { algorithm, passphrase }));
      break;
    }
    case bagTypes.certificate: {
      const [, certificate] = childrenOf(value, derTags.sequence);
      store.certificates.push(stringOf(childrenOf(certificate, derTags.context0)[0]));
      break;
    }
    default: // secrets and revocation lists have nothing to do with signing
  }
}

/** An empty passphrase is a zero for some programs, and nothing for others. */
function formsOf(text: string): readonly Passphrase[] {
  const wide = new Uint8Array(2 * text.length + 2);
  const view = new DataView(wide.buffer);
  for (let at = 0; at < text.length; at += 1) view.setUint16(2 * at, text.charCodeAt(at));
  return text === ''
    ? [
        { text, wide },
        { text, wide: new Uint8Array() },
      ]
    : [{ text, wide }];
}

/**
 * Reads a PKCS#12 file: PBES2 with AES or triple DES, and the triple DES of older programs; not RC2, which OpenSSL has left behind.
 * @throws PackageError CERTIFICATE_INVALID when it is none, is damaged, is protected otherwise, or the passphrase is wrong
 */
export function readPkcs12(bytes: Uint8Array, text: string): KeyStore {
  if (Buffer.from(bytes.subarray(0, 512)).includes('-----BEGIN '))
    throw new PackageError(
      'CERTIFICATE_INVALID',
      'The key store is PEM, not PKCS#12: give key and certificate as such',
    );
  const [, safes, mac] = readDer(readOne(bytes, derTags.sequence).content);
  const content = stringOf(contentOf(safes).content);
  const forms = formsOf(text);
  const passphrase =
    mac === undefined ? forms[0] : forms.find((form) => isMacRight(content, { mac, passphrase: form }));
  if (passphrase === undefined)
    throw new PackageError('CERTIFICATE_INVALID', 'The passphrase of the key store is wrong, or the file is damaged');
  const keys: Uint8Array[] = [];
  const certificates: Uint8Array[] = [];
  const store = { keys, certificates };
  for (const safe of readDer(readOne(content, derTags.sequence).content))
    for (const bag of safeOf(safe, passphrase)) addBag(bag, { store, passphrase });
  return store;
}
