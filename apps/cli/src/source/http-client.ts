import { readFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as requestHttps } from 'node:https';
import { CliError } from '../errors.ts';
import { formatDuration } from '../output/format.ts';
import { redactUrl } from './url.ts';

// to import it would load the WebSocket, the fetch and the HTTP/2 of Node.js as well: 13 MiB
const { Agent: HttpAgent, request: requestHttp } = process.getBuiltinModule('node:http');

/** How to reach a server of packages. */
export interface HttpOptions {
  readonly signal: AbortSignal;
  /** Path of a certificate authority in PEM, in place of the system's. */
  readonly ca?: string | undefined;
  /** Silence that ends a request; a minute when absent. */
  readonly stallTimeoutMs?: number | undefined;
  /** Told before a file is asked for again. */
  readonly onRetry?: ((notice: SourceRetry) => void) | undefined;
}

/** A source that broke off, or was short of breath. */
export interface SourceRetry {
  /** The file, as it may be shown. */
  readonly name: string;
  readonly reason: string;
  readonly inMs: number;
}

const maxRedirects = 5;
const defaultStallMs = 60_000;

/** Asks servers, over connections that it keeps. */
export interface Client {
  get(url: URL, headers: Readonly<Record<string, string>>): Promise<{ response: IncomingMessage; url: URL }>;
  close(): void;
}

function authorizationOf({ username, password }: URL): Readonly<Record<string, string>> {
  if (username === '') return {};
  const text = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { authorization: `Basic ${Buffer.from(text).toString('base64')}` };
}

/** The caller closes it. */
export async function createClient({ signal, ca, stallTimeoutMs = defaultStallMs }: HttpOptions): Promise<Client> {
  const authority = ca === undefined ? undefined : await readFile(ca);
  const agents = {
    http: new HttpAgent({ keepAlive: true }),
    https: new HttpsAgent({ keepAlive: true, ca: authority }),
  };
  const once = (url: URL, headers: Readonly<Record<string, string>>): Promise<IncomingMessage> =>
    new Promise((resolve, reject) => {
      const all = { ...authorizationOf(url), ...headers, 'accept-encoding': 'identity' };
      const request =
        url.protocol === 'https:'
          ? requestHttps(url, { agent: agents.https, headers: all, signal })
          : requestHttp(url, { agent: agents.http, headers: all, signal });
      request.setTimeout(stallTimeoutMs, () => request.destroy(silence(url, stallTimeoutMs)));
      request.on('error', reject);
      request.on('response', resolve);
      request.end();
    });
  return {
    async get(start, headers) {
      let url = start;
      for (let hops = 0; hops <= maxRedirects; hops += 1) {
        const response = await once(url, headers);
        const { statusCode = 0, headers: answered } = response;
        if (statusCode < 300 || statusCode >= 400 || answered.location === undefined) return { response, url };
        response.resume();
        url = new URL(answered.location, url);
        if (!/^https?:$/.test(url.protocol))
          throw new CliError('network', `${redactUrl(start)} leads to ${url.protocol}`);
      }
      throw new CliError('network', `${redactUrl(start)} redirects more than ${maxRedirects} times`);
    },
    close() {
      agents.http.destroy();
      agents.https.destroy();
    },
  };
}

const silence = (url: URL, ms: number): CliError =>
  new CliError('timedOut', `${url.host} has sent nothing for ${formatDuration(ms)}`, {
    isPassing: true,
    hint: 'Try again when the server does.',
  });
