import { CliError } from '../errors.ts';

/** Whether a package is named by its address. @throws CliError for an address that cannot be read, or not by us */
export function isUrl(path: string): boolean {
  const [, scheme] = /^([a-z][a-z0-9+.-]*):\/\//i.exec(path) ?? [];
  if (scheme === undefined) return false;
  if (!/^https?$/i.test(scheme))
    throw new CliError('usage', `A package cannot be read by ${scheme}`, {
      hint: 'Give a path, an http or https address, or - for standard input.',
    });
  if (!URL.canParse(path))
    throw new CliError('usage', `${path.replace(/\/\/[^/]*@/, '//')} is not an address`, {
      hint: 'Write spaces and other odd characters as %20 and so on.',
    });
  return true;
}

/** The address without user and password, nor the query, which may hold a signature. */
export function redactUrl(url: URL): string {
  return `${url.protocol}//${url.host}${url.pathname}`;
}

/** A package as it may be shown. */
export function shownPath(path: string): string {
  return isUrl(path) ? redactUrl(new URL(path)) : path;
}

/** Of S3 and what speaks like it, Google, Azure, CloudFront. */
const signatures = /^(?:x-(?:amz|goog|oss)-signature|signature|sig)$/i;
const signing =
  /^(?:x-(?:amz|goog|oss)-.*|awsaccesskeyid|googleaccessid|ossaccesskeyid|key-pair-id|policy|expires|signature|sig|s[a-z]|srt|spr|sk[a-z]{1,3})$/i;

/** What an address names, without what signs it for a while: signed anew it is the same. */
export function withoutSignature(address: string): string {
  const url = new URL(address);
  const names = [...url.searchParams.keys()];
  if (!names.some((name) => signatures.test(name))) return address;
  for (const name of names) if (signing.test(name)) url.searchParams.delete(name);
  return url.href;
}
