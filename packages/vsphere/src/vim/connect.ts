import { SessionError } from '@ovfkit/domain';
import { backOff, createWireClient, isPassing, pause, type WireClient, type WireClientOptions } from '@ovfkit/rest';
import { faultOf } from './fault.ts';
import { createLogin, type Login } from './login.ts';
import { createSoapTransport, newestVersion } from './soap.ts';
import type { Transport } from './transport.ts';
import { createViJsonTransport } from './vi-json.ts';
import type { ServiceContent, VimCall, VimClient, VimMethod, VimTrust } from './vim-client.ts';

export interface VimOptions extends WireClientOptions {
  readonly user: string;
  readonly password: string;
  /** VI JSON where the server has it (vCenter 8.0 U1) and SOAP elsewhere, unless one is asked for. */
  readonly transport?: VimClient['transport'] | undefined;
  /** How often a call that may be repeated is tried; 4 when absent, 1 never repeats. */
  readonly attempts?: number | undefined;
  /** How often the session is touched; 5 minutes when absent, well within the 30 after which vSphere forgets it. */
  readonly keepAliveMs?: number | undefined;
}

/**
 * Connects to the vim25 of a vCenter or an ESXi host and logs in. Whoever made the client closes it.
 * @throws SessionError UNAUTHENTICATED, UNVERIFIED_PEER, OPERATION_NOT_FOUND for a server without vim25, INVALID_ARGUMENT for options
 *   that cannot be read, and what kept the server from answering; the signal's reason
 */
export async function connectVim(options: VimOptions, signal?: AbortSignal): Promise<VimClient> {
  const { attempts = 4, keepAliveMs = 300_000, user, password } = options;
  const wire = createWireClient(options);
  try {
    const endpoint = endpointOf(options.url);
    const { soap, chosen, content } = await choose({ wire, endpoint, wanted: options.transport, attempts, signal });
    const { sessionManager } = content;
    if (sessionManager === undefined) throw new SessionError('UNSUPPORTED', `${endpoint.host} has no logins.`);
    const logInTo = (transport: Transport): Connection => ({
      transport,
      login: createLogin({ transport, sessionManager, user, password, keepAliveMs }),
    });
    const main = logInTo(chosen);
    // their sessions are two, and the second is opened when first needed
    const { thumbprint, ca, connectTimeoutMs, stallTimeoutMs, userAgent } = options;
    const trust = { thumbprint, ca, connectTimeoutMs, stallTimeoutMs, userAgent };
    const vim = clientOf({
      wire,
      endpoint,
      trust,
      content,
      attempts,
      main,
      soap: soap === chosen ? main : logInTo(soap),
    });
    try {
      await repeat(() => main.login.within(() => Promise.resolve(), signal), { attempts, signal });
    } catch (error) {
      await vim.close();
      throw error;
    }
    return vim;
  } catch (error) {
    await wire.close();
    throw error;
  }
}

/** `/sdk` below the address that people know. */
function endpointOf(text: string): URL {
  const url = new URL(text);
  const path = url.pathname.replace(/\/$/, '');
  return new URL(path.endsWith('/sdk') ? path : `${path}/sdk`, url.origin);
}

interface Choosing {
  readonly wire: WireClient;
  readonly endpoint: URL;
  readonly wanted: VimClient['transport'] | undefined;
  readonly attempts: number;
  readonly signal: AbortSignal | undefined;
}

interface Choice {
  readonly chosen: Transport;
  readonly content: ServiceContent;
}

async function choose({
  wire,
  endpoint,
  wanted,
  attempts,
  signal,
}: Choosing): Promise<Choice & { readonly soap: Transport }> {
  const version = await repeat(() => newestVersion(wire, { endpoint, signal }), { attempts, signal });
  const soap = createSoapTransport({ wire, endpoint, version });
  const content = await repeat(() => soap.serviceContent(signal), { attempts, signal });
  const { apiVersion, fullName } = content.about;
  if (wanted !== 'soap' && isAtLeast(apiVersion, firstWithViJson)) {
    const found = await probeViJson({ wire, endpoint, releases: [apiVersion, firstWithViJson], signal });
    if (found !== undefined) return { ...found, soap };
  }
  if (wanted !== 'vi-json') return { chosen: soap, content, soap };
  throw new SessionError(
    'UNSUPPORTED',
    `${endpoint.host} (${fullName}) does not speak VI JSON, which came with vCenter 8.0 U1. Use SOAP.`,
  );
}

const firstWithViJson = '8.0.1.0';

/** Whether a dotted version is another one or newer. */
function isAtLeast(version: string, other: string): boolean {
  const numbers = (text: string) => text.split('.').map(Number);
  const [own, wanted] = [numbers(version), numbers(other)];
  const at = wanted.findIndex((each, index) => (own[index] ?? 0) !== each);
  return at < 0 || (own[at] ?? 0) > (wanted[at] ?? 0);
}

/** The first release that answers. A server without VI JSON answers with a page, or with a status of its own. */
async function probeViJson({
  wire,
  endpoint,
  releases,
  signal,
}: {
  readonly wire: WireClient;
  readonly endpoint: URL;
  readonly releases: readonly string[];
  readonly signal: AbortSignal | undefined;
}): Promise<Choice | undefined> {
  for (const release of new Set(releases)) {
    const transport = createViJsonTransport({ wire, base: new URL(`${endpoint.href}/vim25/${release}`) });
    try {
      return { chosen: transport, content: await transport.serviceContent(signal) };
    } catch (error) {
      if (!(error instanceof SessionError)) throw error;
    }
  }
  return undefined;
}

/** A transport with its session. */
interface Connection {
  readonly transport: Transport;
  readonly login: Login;
}

interface Parts {
  readonly wire: WireClient;
  readonly endpoint: URL;
  readonly trust: VimTrust;
  readonly content: ServiceContent;
  readonly attempts: number;
  readonly main: Connection;
  readonly soap: Connection;
}

const clientOf = ({ wire, endpoint, trust, content, attempts, main, soap }: Parts): VimClient => ({
  url: endpoint,
  trust,
  transport: main.transport.name,
  about: content.about,
  content,
  call<Result>(method: VimMethod<Result>, call: VimCall): Promise<Result> {
    const { transport, login } = method.service === undefined ? main : soap;
    return repeat(() => login.within(() => transport.send(method, call), call.signal), {
      attempts: method.isRepeatable ? attempts : 1,
      signal: call.signal,
    });
  },
  async close() {
    await Promise.all(new Set([main.login, soap.login]).values().map((login) => login.end()));
    await wire.close();
  },
});

/** Tries again what the network, or a server that is starting, kept from being answered. A fault is an answer. */
async function repeat<Result>(
  attempt: () => Promise<Result>,
  { attempts, signal }: { readonly attempts: number; readonly signal: AbortSignal | undefined },
): Promise<Result> {
  for (let tried = 1; ; tried += 1) {
    try {
      return await attempt();
    } catch (error) {
      if (tried >= attempts || !isPassing(error) || faultOf(error) !== undefined) throw error;
      await pause(backOff(tried - 1), signal);
    }
  }
}
