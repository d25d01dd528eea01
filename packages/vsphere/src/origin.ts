/** Where vSphere gets a package itself, whose bytes this process then need not move. */
export type Origin = UrlOrigin | ItemOrigin;

/** A package at a server that vSphere may reach. */
export interface UrlOrigin {
  readonly kind: 'url';
  /** The address of the descriptor, and one for each file by its name; or that of the archive with all of them. */
  readonly at:
    | { readonly descriptor?: string; readonly files: ReadonlyMap<string, string> }
    | { readonly archive: string };
  /** SHA-1 of the certificate that the server shows; absent over http. */
  readonly thumbprint?: string | undefined;
  /** What is done when vSphere does not get there: the bytes are sent by this process, or the import fails. */
  readonly otherwise: 'send' | 'fail';
}

/** An item of the vCenter's own content library. */
export interface ItemOrigin {
  readonly kind: 'item';
  readonly libraryItemId: string;
}

/** Where a file is for whoever fetches it. */
export interface FileSource {
  readonly url: string;
  /** Its name in the archive at the URL. */
  readonly member?: string | undefined;
  readonly thumbprint?: string | undefined;
}

/** Where vSphere fetches a file from; nothing when nobody knows. */
export function sourceOf({ at, thumbprint }: UrlOrigin, name: string): FileSource | undefined {
  if ('archive' in at) return { url: at.archive, member: name, thumbprint };
  const url = at.files.get(name);
  return url === undefined ? undefined : { url, thumbprint };
}
