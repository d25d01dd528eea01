import { lookup } from 'node:dns/promises';
import { once } from 'node:events';
import { connect as connectTcp } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { type SessionBackend, SessionError } from '@ovfkit/domain';
import { detectSessionApi } from '@ovfkit/rest';
import { failureOf } from '../failure/failure-of.ts';
import { connect } from './connect.ts';
import type { Target } from './resolve-target.ts';

/** One thing between here and an import. `unknown` hops could not be tried. */
export interface Hop {
  readonly name: string;
  readonly status: 'ok' | 'failed' | 'unknown';
  readonly detail: string;
  readonly ms: number;
  readonly exitCode?: number;
}

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

const textOf = (error: unknown): string => failureOf(error).message;

async function tryTcp(place: Place, signal: AbortSignal): Promise<string> {
  const socket = connectTcp(place);
  try {
    await once(socket, 'connect', { signal: AbortSignal.any([signal, AbortSignal.timeout(connectTimeoutMs)]) });
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
    await once(socket, 'secureConnect', { signal: AbortSignal.any([signal, AbortSignal.timeout(connectTimeoutMs)]) });
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

export interface HopReport {
  readonly hops: readonly Hop[];
  readonly certificate?: SeenCertificate | undefined;
}

interface Walk {
  readonly hops: Hop[];
  /** Runs one hop unless an earlier one failed; nothing when it failed or did not run. */
  step<Result>(
    name: string,
    run: () => Promise<{ readonly detail: string; readonly value: Result }>,
  ): Promise<Result | undefined>;
}

function createWalk(): Walk {
  const hops: Hop[] = [];
  return {
    hops,
    step: async (name, run) => {
      if (hops.some(({ status }) => status === 'failed')) {
        hops.push({ name, status: 'unknown', detail: '', ms: 0 });
        return undefined;
      }
      const startedAt = performance.now();
      const ms = (): number => Math.round(performance.now() - startedAt);
      try {
        const { detail, value } = await run();
        hops.push({ name, status: 'ok', detail, ms: ms() });
        return value;
      } catch (error) {
        hops.push({ name, status: 'failed', detail: textOf(error), ms: ms(), exitCode: failureOf(error).exitCode });
        return undefined;
      }
    },
  };
}

const apiTexts = {
  present: 'the OVF session API answers',
  missing: 'there is no OVF session API here (not every vCenter offers it; ovfkitd does)',
  forbidden: 'the user may not use the OVF session API',
  unknown: 'the target gave no clear answer; try again later',
} as const;

async function walkBackend(
  { step }: Walk,
  { backend, signal }: { readonly backend: SessionBackend | undefined; readonly signal: AbortSignal },
): Promise<void> {
  const open = (): SessionBackend => {
    if (backend === undefined) throw new SessionError('SERVICE_UNAVAILABLE', 'not connected');
    return backend;
  };
  await step('session API', async () => {
    const answer = await detectSessionApi(open(), { signal });
    if (answer === 'missing') throw new SessionError('OPERATION_NOT_FOUND', apiTexts[answer]);
    if (answer === 'unknown') throw new SessionError('SERVICE_UNAVAILABLE', apiTexts[answer]);
    if (answer === 'forbidden') throw new SessionError('UNAUTHORIZED', apiTexts[answer]);
    return { detail: apiTexts[answer], value: answer };
  });
  await step('inventory', async () => {
    const [pools, datastores, networks] = await Promise.all([
      open().inventory.resourcePool.list({}, { signal }),
      open().inventory.datastore.list({}, { signal }),
      open().inventory.network.list({}, { signal }),
    ]);
    return {
      detail: `${pools.length} resource pools, ${datastores.length} datastores, ${networks.length} networks`,
      value: undefined,
    };
  });
}

/** Tries everything between here and an import, one after the other, and says what each answered. */
export async function walkHops(target: Target, signal: AbortSignal): Promise<HopReport> {
  const walk = createWalk();
  const place = placeOf(target);
  await walk.step('name', async () => {
    const addresses = await lookup(place.host, { all: true });
    return { detail: `${place.host} is ${addresses.map(({ address }) => address).join(', ')}`, value: undefined };
  });
  await walk.step('connection', async () => ({ detail: await tryTcp(place, signal), value: undefined }));
  const certificate = target.url.startsWith('https:') ? await walkTls(walk, { target, place, signal }) : undefined;
  const backend = await walk.step('login', async () => {
    const value = await connect(target, signal);
    return { detail: `as ${target.user ?? ''}`, value };
  });
  try {
    await walkBackend(walk, { backend, signal });
  } finally {
    await backend?.close().catch(() => undefined);
  }
  return { hops: walk.hops, certificate };
}

async function walkTls(
  { step }: Walk,
  { target, place, signal }: { readonly target: Target; readonly place: Place; readonly signal: AbortSignal },
): Promise<SeenCertificate | undefined> {
  const certificate = await step('TLS', async () => {
    const { detail, certificate: value } = await tryTls({ ...place, ca: target.ca }, signal);
    return { detail, value };
  });
  await step('trust', async () => {
    if (certificate === undefined) throw new SessionError('UNVERIFIED_PEER', 'the server showed no certificate');
    const problem = distrust(target, certificate);
    if (problem !== undefined) throw new SessionError('UNVERIFIED_PEER', `not trusted: ${problem}`);
    const how = target.thumbprint === undefined ? 'a known certificate authority' : 'its thumbprint';
    return { detail: `trusted by ${how}`, value: undefined };
  });
  return certificate;
}
