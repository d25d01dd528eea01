import { readAll } from '../bytes.ts';
import { PackageError } from '../errors.ts';
import { readManifest } from '../manifest.ts';
import { type PackageMember, siblingName } from '../package-read.ts';
import { type SigningIdentity, signManifest } from './certificate-sign.ts';
import { maxTextSize } from './open.ts';

/** What a certificate is made for. Any `PackageReader` is one. */
export interface SignablePackage {
  readonly descriptorName: string;
  readonly members: readonly PackageMember[];
  read(name: string): AsyncIterable<Uint8Array>;
}

/**
 * The certificate file for the manifest of a package, to be put beside it. A signature vouches for every file that the manifest lists, so all of
 * them have to be there; whether they match is for the caller to know, as by `checkManifest`.
 * @throws PackageError FILE_MISSING for the manifest or a file that it lists, MANIFEST_INVALID, CERTIFICATE_INVALID
 */
export async function makeCertificate(
  { descriptorName, members, read }: SignablePackage,
  identity: SigningIdentity,
): Promise<{ readonly name: string; readonly bytes: Uint8Array }> {
  const manifestName = siblingName(descriptorName, '.mf');
  const isThere = (name: string): boolean => members.some((member) => member.name === name);
  if (!isThere(manifestName))
    throw new PackageError('FILE_MISSING', 'The package has no manifest that could be signed', { file: manifestName });
  const manifest = await readAll(read(manifestName), maxTextSize);
  const missing = readManifest(manifest, { file: manifestName }).entries.find(({ name }) => !isThere(name));
  if (missing !== undefined)
    throw new PackageError('FILE_MISSING', `The manifest lists ${missing.name}, which the package does not have`, {
      file: missing.name,
    });
  const text = signManifest({ manifest, manifestName, identity });
  return { name: siblingName(descriptorName, '.cert'), bytes: new TextEncoder().encode(text) };
}
