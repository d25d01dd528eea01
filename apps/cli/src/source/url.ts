/** Whether a package is named by its address. */
export function isUrl(path: string): boolean {
  return /^https?:\/\//i.test(path);
}

/** The address without user and password, nor the query, which may hold a signature. */
export function redactUrl(url: URL): string {
  return `${url.protocol}//${url.host}${url.pathname}`;
}

/** A package as it may be shown. */
export function shownPath(path: string): string {
  return isUrl(path) && URL.canParse(path) ? redactUrl(new URL(path)) : path;
}
