import { type Agent, type IncomingHttpHeaders, request as plainRequest } from 'node:http';
import { request as secureRequest } from 'node:https';

export interface Sent {
  readonly url: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** PEM that signs the server's certificate. */
  readonly ca?: string;
  /** Keeps connections; each request has its own when absent. */
  readonly agent?: Agent;
}

export interface Received {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
  readonly json: any;
}

/** One request on a connection of its own, without a client library's opinions. */
export function send({ url, method = 'GET', headers = {}, body, ca, agent }: Sent): Promise<Received> {
  return new Promise((resolve, reject) => {
    const options = { method, agent: agent ?? false, headers: { ...lengthOf(headers, body), ...headers } };
    const open = url.startsWith('https:') ? secureRequest(url, { ...options, ca }) : plainRequest(url, options);
    open.on('error', reject).on('response', (response) => {
      const chunks: Buffer[] = [];
      response
        .on('data', (chunk: Buffer) => chunks.push(chunk))
        .on('error', reject)
        .on('end', () => {
          const all = Buffer.concat(chunks);
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: all,
            get json() {
              return JSON.parse(all.toString());
            },
          });
        });
    });
    open.end(body);
  });
}

const lengthOf = (headers: Readonly<Record<string, string>>, body?: string | Uint8Array) =>
  body === undefined || 'transfer-encoding' in headers ? {} : { 'content-length': Buffer.byteLength(body) };
