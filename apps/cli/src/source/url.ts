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
