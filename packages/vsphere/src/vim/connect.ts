import { SessionError } from '@ovfkit/domain';
import { backOff, createWireClient, isPassing, pause, type WireClient, type WireClientOptions } from '@ovfkit/rest';
import { faultOf } from './fault.ts';
import { createLogin, type Login } from './login.ts';
import { createSoapTransport, newestVersion } from './soap.ts';
import type { Transport } from './transport.ts';
import { createViJsonTransport } from './vi-json.ts';
import type { ServiceContent, VimCall, VimClient, VimMethod } from './vim-client.ts';

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
    const { transport, content } = await choose({ wire, endpoint, wanted: options.transport, attempts, signal });
    const { sessionManager } = content;
    if (sessionManager === undefined) throw new SessionError('UNSUPPORTED', `${endpoint.host} has no logins.`);
    const login = createLogin({ transport, sessionManager, user, password, keepAliveMs });
    try {
      await repeat(() => login.within(() => Promise.resolve(), signal), { attempts, signal });
    } catch (error) {
      await login.end();
      throw error;
    }
    return clientOf({ wire, endpoint, transport, content, login, attempts });
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
  readonly transport: Transport;
  readonly content: ServiceContent;
}

async function choose({ wire, endpoint, wanted, attempts, signal }: Choosing): Promise<Choice> {
  const version = await repeat(() => newestVersion(wire, { endpoint, signal }), { attempts, signal });
  const transport = createSoapTransport({ wire, endpoint, version });
  const content = await repeat(() => transport.serviceContent(signal), { attempts, signal });
  if (wanted === 'soap') return { transport, content };
  const { apiVersion } = content.about;
  if (isAtLeast(apiVersion, firstWithViJson)) {
    const found = await probeViJson({ wire, endpoint, releases: [apiVersion, firstWithViJson], signal });
    if (found !== undefined) return found;
  }
  if (wanted === undefined) return { transport, content };
  throw new SessionError(
    'UNSUPPORTED',
    `${endpoint.host} (${content.about.fullName}) does not speak VI JSON, which came with vCenter 8.0 U1. Use SOAP.`,
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
      return { transport, content: await transport.serviceContent(signal) };
    } catch (error) {
      if (!(error instanceof SessionError)) throw error;
    }
  }
  return undefined;
}

interface Parts extends Choice {
  readonly wire: WireClient;
  readonly endpoint: URL;
  readonly login: Login;
  readonly attempts: number;
}

const clientOf = ({ wire, endpoint, transport, content, login, attempts }: Parts): VimClient => ({
  url: endpoint,
  transport: transport.name,
  about: content.about,
  content,
  call<Result>(method: VimMethod<Result>, call: VimCall): Promise<Result> {
    return repeat(() => login.within(() => transport.send(method, call), call.signal), {
      attempts: method.isRepeatable ? attempts : 1,
      signal: call.signal,
    });
  },
  async close() {
    await login.end();
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
