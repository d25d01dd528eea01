import type { ByteRange } from '../byte-range.ts';

export interface PullRequest {
  /** http or https. */
  readonly url: string;
  /** SHA-1 of the certificate. When set a certificate is accepted exactly when it matches (contract, section 12.4). */
  readonly thumbprint?: string;
  readonly range?: ByteRange;
  readonly signal?: AbortSignal;
}

export interface PulledFile {
  /** After redirects: what relative references resolve against. */
  readonly url: string;
  /** Bytes of the whole file; absent when the server does not say. */
  readonly size?: number;
  /** Strong validator, when the server gives one. */
  readonly etag?: string;
  /** Where `bytes` begin: `range.start`, or 0 from a server without ranges. */
  readonly offset: number;
  /** Read once; stopping early closes the transfer. */
  readonly bytes: AsyncIterable<Uint8Array>;
}

/** Files of other servers, for pull sources. Refuses addresses that its configuration does not allow. */
export interface PullSource {
  /**
   * @throws SessionError INVALID_ARGUMENT (not an http or https URL, or a refused address), UNVERIFIED_PEER (with the
   *   thumbprint seen in `data.thumbprint`), NOT_FOUND (404 and 410), TIMED_OUT, RESOURCE_INACCESSIBLE (all else; `cause` has the code, and `data.status` what a server answered)
   */
  open(request: PullRequest): Promise<PulledFile>;
  /** SHA-1 thumbprint of the certificate at `url`, unverified, as `AA:BB:…`; nothing for http. Errors as `open`. */
  thumbprint(url: string, signal?: AbortSignal): Promise<string | undefined>;
}
