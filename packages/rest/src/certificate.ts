import type { X509Certificate } from 'node:crypto';
import type { LookupFunction } from 'node:net';
import { createSecureContext, TLSSocket } from 'node:tls';
import { SessionError } from '@ovfkit/domain';
import { Agent, buildConnector } from 'undici';
import { placeOf, toSessionError } from './errors.ts';

/** Both thumbprints of a certificate, as `AA:BB:…`. */
export interface Thumbprints {
  readonly sha1: string;
  readonly sha256: string;
}

/** Whom to believe. */
export interface Trust {
  /** Accept a certificate exactly when this is its thumbprint; nothing else is checked then (contract, section 12.4). */
  readonly thumbprint?: string | undefined;
  /** Certificates in PEM to trust in place of the system's. */
  readonly ca?: string | readonly string[] | undefined;
  readonly connectTimeoutMs?: number | undefined;
  /** Which addresses may be connected to; all when absent. */
  readonly addresses?: AddressPolicy | undefined;
}

/** Refuses before anything is sent. */
export interface AddressPolicy {
  /** Resolves names to allowed addresses only. */
  readonly lookup: LookupFunction;
  /** @throws SessionError INVALID_ARGUMENT */
  check(address: string, host: string): void;
}

/**
 * A thumbprint as `AA:BB:…`: SHA-1 or SHA-256, any case, with or without colons, in hexadecimal.
 * @throws SessionError INVALID_ARGUMENT
 */
export function readThumbprint(text: string): string {
  const hex = text
    .trim()
    .replace(/^(sha-?1|sha-?256)[:=\s]\s*/i, '')
    .replaceAll(/[:\s]/g, '')
    .toUpperCase();
  if (!/^([0-9A-F]{40}|[0-9A-F]{64})$/.test(hex))
    throw new SessionError(
      'INVALID_ARGUMENT',
      `${JSON.stringify(text)} is not a thumbprint: 40 (SHA-1) or 64 (SHA-256) hexadecimal digits are needed, colons may be left out.`,
    );
  return hex.replaceAll(/..(?=.)/g, '$&:');
}

/** Of a certificate as Node has it. */
export const thumbprintsOf = (certificate: X509Certificate): Thumbprints => ({
  sha1: certificate.fingerprint,
  sha256: certificate.fingerprint256,
});

/**
 * Connects sockets that are trusted, or none. `rejectUnauthorized` stays off and the verdict is made here, before the
 * HTTP client gets the socket: with it on Node hides the certificate that a refusal has to name, and with it off Node never calls
 * `checkServerIdentity` for a certificate it could not verify, so a pin placed there checks nothing.
 */
export function createConnector({
  thumbprint,
  ca,
  connectTimeoutMs = 10_000,
  addresses,
}: Trust): buildConnector.connector {
  const pin = thumbprint === undefined ? undefined : readThumbprint(thumbprint);
  // whoever is known by a pin needs no authority: those of the system take longer to read than a connection takes
  const authorities = pin === undefined ? ca : [];
  const trusted = authorities === undefined ? {} : { ca: [authorities].flat() };
  const build = (protocol: string): buildConnector.connector =>
    buildConnector({
      rejectUnauthorized: false,
      allowH2: false, // one big body at a time: HTTP/2 halves the rate
      maxCachedSessions: 0, // a resumed session skips the check of the host name
      timeout: connectTimeoutMs,
      ...trusted,
      ...(protocol === 'https:' ? { secureContext: createSecureContext(trusted) } : {}), // once for all connections
      ...(addresses === undefined ? {} : { lookup: addresses.lookup }),
    });
  let connect: buildConnector.connector | undefined;
  return (options, callback) => {
    const url = new URL(`${options.protocol}//${options.host ?? options.hostname}`);
    try {
      addresses?.check(options.hostname, url.hostname); // an address in the URL is never looked up
    } catch (error) {
      callback(toSessionError(error, url), null);
      return;
    }
    connect ??= build(options.protocol);
    connect(options, (error, socket) => {
      if (error) return callback(error, null);
      try {
        if (socket.remoteAddress !== undefined) addresses?.check(socket.remoteAddress, url.hostname);
        if (socket instanceof TLSSocket) checkPeer(socket, { pin, url });
      } catch (refusal) {
        socket.destroy();
        return callback(toSessionError(refusal, url), null);
      }
      callback(null, socket);
    });
  };
}

function checkPeer(socket: TLSSocket, { pin, url }: { readonly pin: string | undefined; readonly url: URL }): void {
  const certificate = socket.getPeerX509Certificate();
  if (certificate === undefined)
    throw new SessionError('UNVERIFIED_PEER', `${placeOf(url)} showed no certificate, so it cannot be told who it is.`);
  const seen = thumbprintsOf(certificate);
  const data = { host: url.hostname, thumbprint: seen.sha1, thumbprintSha256: seen.sha256 };
  if (pin !== undefined) {
    if (pin === seen.sha1 || pin === seen.sha256) return;
    throw new SessionError(
      'UNVERIFIED_PEER',
      `The certificate of ${placeOf(url)} is not the pinned one. Expected ${pin}, seen SHA-256 ${seen.sha256} (SHA-1 ${seen.sha1}). If the certificate was replaced on purpose, pin the new thumbprint; otherwise someone may be listening in.`,
      { data: { ...data, expected: pin } },
    );
  }
  if (socket.authorized) return;
  const reason = String(socket.authorizationError);
  throw new SessionError(
    'UNVERIFIED_PEER',
    `The certificate of ${placeOf(url)} is not trusted (${reason}). Its thumbprints are SHA-256 ${seen.sha256} and SHA-1 ${seen.sha1}. Compare with the server's own; if they agree, pin one as the thumbprint, or trust the authority that signed it as the CA.`,
    { data: { ...data, reason } },
  );
}

/** An HTTP client whose every connection passed the check. Big bodies: HTTP/1.1, as many connections as transfers. */
export const createAgent = (trust: Trust): Agent =>
  new Agent({ connect: createConnector(trust), pipelining: 1, headersTimeout: 0, bodyTimeout: 0 });

/** What a server shows of itself, whether it is to be trusted or not. */
export interface PeerCertificate extends Thumbprints {
  readonly subject: string;
  readonly issuer: string;
  readonly validTo: Date;
  /** Why normal validation refuses it; absent when it does not. */
  readonly problem?: string;
}

/**
 * Looks at the certificate of `url` and sends nothing: what a user compares before pinning. Nothing for http.
 * @throws SessionError as any connection, but never UNVERIFIED_PEER for what the certificate says
 */
export async function peerCertificate(
  url: URL,
  {
    ca,
    connectTimeoutMs = 10_000,
    addresses,
    signal,
  }: Omit<Trust, 'thumbprint'> & { readonly signal?: AbortSignal | undefined } = {},
): Promise<PeerCertificate | undefined> {
  if (url.protocol !== 'https:') return undefined;
  signal?.throwIfAborted();
  const hostname = url.hostname.replace(/^\[(.*)\]$/, '$1');
  addresses?.check(hostname, url.hostname);
  const connect = buildConnector({
    rejectUnauthorized: false,
    allowH2: false,
    maxCachedSessions: 0,
    timeout: connectTimeoutMs,
    ...(ca === undefined ? {} : { ca: [ca].flat() }),
    ...(addresses === undefined ? {} : { lookup: addresses.lookup }),
  });
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal?.reason);
    signal?.addEventListener('abort', onAbort, { once: true });
    connect(
      { hostname, host: url.host, protocol: 'https:', port: url.port === '' ? '443' : url.port },
      (error, socket) => {
        signal?.removeEventListener('abort', onAbort);
        if (error) return reject(toSessionError(error, url));
        const described = socket instanceof TLSSocket ? describePeer(socket) : undefined;
        socket.destroy();
        resolve(described);
      },
    );
  });
}

function describePeer(socket: TLSSocket): PeerCertificate | undefined {
  const certificate = socket.getPeerX509Certificate();
  if (certificate === undefined) return undefined;
  return {
    ...thumbprintsOf(certificate),
    subject: certificate.subject ?? '', // absent when it is empty, whatever the types say
    issuer: certificate.issuer,
    validTo: new Date(certificate.validTo),
    ...(socket.authorized ? {} : { problem: String(socket.authorizationError) }),
  };
}
