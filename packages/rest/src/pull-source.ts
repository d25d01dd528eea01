import { lookup as resolve } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { type ByteRange, type PulledFile, type PullRequest, type PullSource, SessionError } from '@ovfkit/domain';
import { type Agent, type Dispatcher, request } from 'undici';
import { addressesIn } from './address.ts';
import { type AddressPolicy, createAgent, peerCertificate, readThumbprint } from './certificate.ts';
import { guarded } from './download.ts';
import { toSessionError } from './errors.ts';
import { readContentRange, strongEtag, writeRange } from './http-range.ts';
import { headerOf } from './json.ts';
import { createStallGuard, type StallGuard } from './stall-guard.ts';

export interface PullSourceOptions {
  /** Whether an IPv4 or IPv6 address may be connected to. IPv4 inside IPv6 comes as IPv4. */
  isAllowed(address: string): boolean;
  /** Certificates in PEM to trust in place of the system's. */
  readonly ca?: string | readonly string[] | undefined;
  /** 10 s by default. */
  readonly connectTimeoutMs?: number | undefined;
  /** Silence that ends a transfer; 60 s by default. */
  readonly stallTimeoutMs?: number | undefined;
  readonly userAgent?: string | undefined;
}

const maxRedirects = 5;
const maxPins = 16;

/**
 * Files of other servers over http and https. The address that is connected to is what is checked, at every redirect, so neither a
 * name nor a redirect leads to where `isAllowed` says no.
 */
export function createPullSource({
  isAllowed,
  ca,
  connectTimeoutMs,
  stallTimeoutMs = 60_000,
  userAgent = 'ovfkit',
}: PullSourceOptions): PullSource {
  const addresses = createAddressPolicy(isAllowed);
  const agents = new Map<string, Agent>();
  const agentFor = (thumbprint: string | undefined): Agent => {
    const pin = thumbprint === undefined ? undefined : readSha1(thumbprint);
    const known = agents.get(pin ?? '');
    if (known) return known;
    const made = createAgent({ thumbprint: pin, ca, connectTimeoutMs, addresses });
    agents.set(pin ?? '', made);
    const [oldest] = agents.keys();
    if (agents.size > maxPins && oldest !== undefined) {
      void agents.get(oldest)?.close(); // lets transfers under way end
      agents.delete(oldest);
    }
    return made;
  };
  return {
    async open(pull) {
      // over http a thumbprint is ignored, unless the server sends us on to https
      const isUsed = readPullUrl(pull.url).protocol === 'https:' || isThumbprint(pull.thumbprint ?? '');
      return openFollowing({
        ...pull,
        agent: agentFor(isUsed ? pull.thumbprint : undefined),
        stallTimeoutMs,
        userAgent,
      });
    },
    async thumbprint(url, signal) {
      return (await peerCertificate(readPullUrl(url), { ca, connectTimeoutMs, addresses, signal }))?.sha1;
    },
  };
}

function createAddressPolicy(isAllowed: (address: string) => boolean): AddressPolicy {
  const isFine = (address: string): boolean => addressesIn(address).every(isAllowed);
  const lookup: LookupFunction = (hostname, options, callback) => {
    resolve(hostname, { ...options, all: true }, (error, found) => {
      if (error) return callback(error, []);
      const [first, ...others] = found.filter(({ address }) => isFine(address));
      if (first === undefined) return callback(refusal(hostname), []);
      if (options.all === true) return callback(null, [first, ...others]);
      callback(null, first.address, first.family);
    });
  };
  return {
    lookup,
    check(address, host) {
      // a name is checked when it is looked up; what comes here with a colon or as four numbers is an address
      const isAddress = address.includes(':') || /^\d+(\.\d+){3}$/.test(address);
      if (isAddress && !isFine(address.replace(/^\[(.*)\]$/, '$1'))) throw refusal(host);
    },
  };
}

/** Names the host but not its address, which is nobody's business outside. */
const refusal = (host: string): SessionError =>
  new SessionError(
    'INVALID_ARGUMENT',
    `Pulling from ${host} is not allowed: it is at an address that this service does not connect to. Push the package instead, or have the service's pull rules changed.`,
  );

const isThumbprint = (text: string): boolean => /^[\da-f]{40}$/i.test(text.replaceAll(':', ''));

function readSha1(text: string): string {
  const pin = readThumbprint(text);
  if (pin.length === 59) return pin;
  throw new SessionError(
    'INVALID_ARGUMENT',
    'A pull source is pinned by the SHA-1 thumbprint of its certificate: 40 hexadecimal digits.',
  );
}

function readPullUrl(text: string, base?: URL): URL {
  const url = URL.parse(text, base);
  if (url !== null && (url.protocol === 'http:' || url.protocol === 'https:')) return url;
  throw new SessionError('INVALID_ARGUMENT', `${JSON.stringify(withoutSecrets(text))} is not an http or https URL.`);
}

const withoutSecrets = (text: string): string => text.replace(/\/\/[^/@]*@/, '//').replace(/[?#].*$/s, '');

interface Pull extends PullRequest {
  readonly agent: Dispatcher;
  readonly stallTimeoutMs: number;
  readonly userAgent: string;
}

async function openFollowing(pull: Pull): Promise<PulledFile> {
  let url = readPullUrl(pull.url);
  for (let redirects = 0; ; redirects += 1) {
    const guard = createStallGuard({ url, stallTimeoutMs: pull.stallTimeoutMs, signal: pull.signal });
    const response = await get({ pull, url, guard });
    const location =
      response.statusCode >= 300 && response.statusCode < 400 ? headerOf(response.headers, 'location') : undefined;
    if (location === undefined) return describe({ response, url, guard, range: pull.range });
    await response.body.dump();
    const next = readPullUrl(location, url);
    if (redirects === maxRedirects)
      throw failure(url, { status: response.statusCode, text: `redirects more than ${maxRedirects} times` });
    if (url.protocol === 'https:' && next.protocol === 'http:')
      throw failure(url, {
        status: response.statusCode,
        text: 'redirects from https to http, which would lose its protection',
      });
    url = next.origin === url.origin ? withCredentialsOf(url, next) : next;
  }
}

/** A redirect seldom repeats them; what resolves against the new address needs them all the same. */
function withCredentialsOf(from: URL, to: URL): URL {
  if (to.username !== '' || to.password !== '') return to;
  const url = new URL(to);
  url.username = from.username;
  url.password = from.password;
  return url;
}

function credentialsOf({ username, password }: URL): string | undefined {
  if (username === '' && password === '') return undefined;
  return `Basic ${Buffer.from(`${decoded(username)}:${decoded(password)}`).toString('base64')}`;
}

/** A percent sign that begins no escape stands for itself. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

async function get({
  pull,
  url,
  guard,
}: {
  readonly pull: Pull;
  readonly url: URL;
  readonly guard: StallGuard;
}): Promise<Dispatcher.ResponseData> {
  const credentials = credentialsOf(url);
  const bare = new URL(url);
  bare.username = '';
  bare.password = '';
  try {
    return await request(bare, {
      method: 'GET',
      dispatcher: pull.agent,
      headers: {
        'user-agent': pull.userAgent,
        'accept-encoding': 'identity',
        ...(credentials === undefined ? {} : { authorization: credentials }),
        ...(pull.range === undefined ? {} : { range: writeRange(pull.range) }),
      },
      headersTimeout: 0, // the guard's
      bodyTimeout: 0,
      signal: guard.signal,
    });
  } catch (error) {
    if (guard.signal.aborted) throw guard.signal.reason;
    const translated = toSessionError(error, url);
    // nobody listening is, to whoever asked for the pull, one more way of not being reachable
    if (translated.kind !== 'SERVICE_UNAVAILABLE') throw translated;
    throw new SessionError('RESOURCE_INACCESSIBLE', translated.message, {
      cause: translated.cause,
      data: translated.data,
    });
  }
}

async function describe({
  response,
  url,
  guard,
  range,
}: {
  readonly response: Dispatcher.ResponseData;
  readonly url: URL;
  readonly guard: StallGuard;
  readonly range: ByteRange | undefined;
}): Promise<PulledFile> {
  const { statusCode: status, headers } = response;
  if (status >= 300) {
    await response.body.dump();
    throw failure(url, { status, text: `answers ${status}` });
  }
  const part = status === 206 ? readContentRange(headerOf(headers, 'content-range')) : undefined;
  if (status === 206 && part?.start !== (range?.start ?? 0))
    throw failure(url, { status, text: 'gives another range than asked for' });
  const length = headerOf(headers, 'content-length');
  const size = part ? part.size : length !== undefined && /^\d+$/.test(length) ? Number(length) : undefined;
  const etag = strongEtag(headerOf(headers, 'etag'));
  return {
    url: url.href, // with its credentials: what resolves against it may need them
    ...(size === undefined ? {} : { size }),
    ...(etag === undefined ? {} : { etag }),
    offset: part?.start ?? 0,
    bytes: guarded(response.body, { guard, url }),
  };
}

function failure(url: URL, { status, text }: { readonly status: number; readonly text: string }): SessionError {
  const kind = status === 404 || status === 410 ? 'NOT_FOUND' : 'RESOURCE_INACCESSIBLE';
  return new SessionError(kind, `${withoutSecrets(url.href)} ${text}.`, { cause: { code: status }, data: { status } });
}
