import { lookup } from 'node:dns/promises';
import { once } from 'node:events';
import { connect as connectTcp } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { SessionError } from '@ovfkit/domain';
import { toSessionError } from '@ovfkit/rest';
import { walkApis } from './api-hops.ts';
import { createWalk, type Hop, type Walk } from './hop.ts';
import type { Target } from './resolve-target.ts';

export type { Hop } from './hop.ts';

/** The certificate a server shows, trusted or not. */
export interface SeenCertificate {
  readonly sha256: string;
  readonly sha1: string;
  readonly subject: string;
  readonly validTo: string;
  readonly problem: string | undefined;
}

const connectTimeoutMs = 10_000;

interface Place {
  readonly host: string;
  readonly port: number;
}

function placeOf({ url }: Target): Place {
  const { hostname, port, protocol } = new URL(url);
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  return { host, port: port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port) };
}

/** @throws SessionError TIMED_OUT */
async function inTime(signal: AbortSignal, work: (stop: AbortSignal) => Promise<unknown>): Promise<void> {
  const timeout = AbortSignal.timeout(connectTimeoutMs);
  try {
    await work(AbortSignal.any([signal, timeout]));
  } catch (error) {
    if (!timeout.aborted) throw error;
    const text = `no answer in ${connectTimeoutMs / 1000} s: a firewall may drop what comes`;
    throw new SessionError('TIMED_OUT', text, { cause: error });
  }
}

async function tryTcp(place: Place, signal: AbortSignal): Promise<string> {
  const socket = connectTcp(place);
  try {
    await inTime(signal, (stop) => once(socket, 'connect', { signal: stop }));
    return `connected to ${socket.remoteAddress ?? place.host} port ${place.port}`;
  } finally {
    socket.destroy();
  }
}

function certificateOf(socket: TLSSocket): SeenCertificate | undefined {
  const certificate = socket.getPeerX509Certificate();
  return certificate === undefined
    ? undefined
    : {
        sha256: certificate.fingerprint256,
        sha1: certificate.fingerprint,
        subject: certificate.subject?.replaceAll('\n', ', ') ?? '',
        validTo: certificate.validTo,
        problem: socket.authorized ? undefined : String(socket.authorizationError ?? 'not trusted'),
      };
}

/** The handshake is completed with any certificate: no byte is sent over it, it only shows what the server shows. */
async function tryTls(
  { host, port, ca }: Place & { readonly ca: string | undefined },
  signal: AbortSignal,
): Promise<{ readonly detail: string; readonly certificate: SeenCertificate | undefined }> {
  const isName = !/^[\d.]+$|:/.test(host);
  const socket = connectTls({
    host,
    port,
    rejectUnauthorized: false,
    ...(isName ? { servername: host } : {}),
    ...(ca === undefined ? {} : { ca }),
  });
  try {
    await inTime(signal, (stop) => once(socket, 'secureConnect', { signal: stop }));
    const cipher = socket.getCipher().standardName;
    return { detail: `${socket.getProtocol() ?? 'TLS'}, ${cipher}`, certificate: certificateOf(socket) };
  } finally {
    socket.destroy();
  }
}

const plain = (thumbprint: string): string => thumbprint.replaceAll(':', '').toLowerCase();

/** Why a certificate is not trusted by this target; nothing when it is. */
function distrust({ thumbprint }: Target, seen: SeenCertificate): string | undefined {
  if (thumbprint === undefined) return seen.problem;
  const matches = [seen.sha1, seen.sha256].some((each) => plain(each) === plain(thumbprint));
  return matches ? undefined : 'the certificate is not the pinned one';
}

/** In front of the code, by which the rest is found. */
const problemTexts: ReadonlyMap<string, string> = new Map([
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'it is signed by itself, and by no known authority: '],
  ['SELF_SIGNED_CERT_IN_CHAIN', 'its authority is not known here: '],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'its authority is not known here: '],
  ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'its authority is not known here: '],
  ['CERT_HAS_EXPIRED', 'it has expired: '],
  ['CERT_NOT_YET_VALID', 'it is not valid yet; check the clocks: '],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'it is for another name than the one in the address: '],
]);

export interface HopReport {
  readonly hops: readonly Hop[];
  readonly certificate?: SeenCertificate | undefined;
}

/** What the system refuses, as every other request to the target says it. @throws SessionError */
const inWords = <Result>(work: Promise<Result>, { url, signal }: { readonly url: URL; readonly signal: AbortSignal }) =>
  work.catch((error: unknown): Result => {
    throw signal.aborted ? error : toSessionError(error, url);
  });

/** Tries everything between here and an import, one after the other, and says what each answered. @throws the signal's reason */
export async function walkHops(target: Target, signal: AbortSignal): Promise<HopReport> {
  const walk = createWalk();
  const place = placeOf(target);
  const at = { url: new URL(target.url), signal };
  await walk.step('name', async () => {
    const addresses = await inWords(lookup(place.host, { all: true }), at);
    return { detail: `${place.host} is ${addresses.map(({ address }) => address).join(', ')}`, value: undefined };
  });
  await walk.step('connection', async () => ({ detail: await inWords(tryTcp(place, signal), at), value: undefined }));
  const certificate = target.url.startsWith('https:') ? await walkTls(walk, { target, place, signal }) : undefined;
  await walkApis(walk, { target, signal });
  signal.throwIfAborted(); // a hop that was broken off has not failed
  return { hops: walk.hops, certificate };
}

async function walkTls(
  { step }: Walk,
  { target, place, signal }: { readonly target: Target; readonly place: Place; readonly signal: AbortSignal },
): Promise<SeenCertificate | undefined> {
  const certificate = await step('TLS', async () => {
    const at = { url: new URL(target.url), signal };
    const { detail, certificate: value } = await inWords(tryTls({ ...place, ca: target.ca }, signal), at);
    return { detail, value };
  });
  await step('trust', async () => {
    if (certificate === undefined) throw new SessionError('UNVERIFIED_PEER', 'the server showed no certificate');
    const problem = distrust(target, certificate);
    if (problem !== undefined)
      throw new SessionError('UNVERIFIED_PEER', `not trusted: ${problemTexts.get(problem) ?? ''}${problem}`);
    const how = target.thumbprint === undefined ? 'a known certificate authority' : 'its thumbprint';
    return { detail: `trusted by ${how}`, value: undefined };
  });
  return certificate;
}
