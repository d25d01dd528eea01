import { once } from 'node:events';
import {
  type ClientRequest,
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  request as requestPlain,
  type ServerResponse,
} from 'node:http';
import { createServer as createTlsServer, request as requestTls } from 'node:https';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Altering, alter, CutError } from './alter.ts';
import type { Fault, PlannedFault, Traffic, Victim } from './fault.ts';
import type { Ledger } from './ledger.ts';

/** A proxy in front of a server, on a port of its own. */
export interface FaultProxy {
  /** Without a slash at its end. */
  readonly url: string;
  /** From now on these happen, each once; counts of requests start anew. */
  plan(faults: readonly PlannedFault[]): void;
  /** Faults that happened, in words. */
  met(): readonly string[];
  close(): Promise<void>;
}

interface Options {
  /** Where requests go on to. */
  readonly upstream: URL;
  /** Of the server there, PEM; its port may change hands, its certificate may not. */
  readonly ca?: string | undefined;
  /** To be served with; plain HTTP without it. */
  readonly identity?: { readonly key: string; readonly cert: string } | undefined;
  readonly trafficOf: (request: IncomingMessage) => Traffic;
  readonly ledger?: Ledger | undefined;
  readonly kill: (victim: Victim) => Promise<void>;
}

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly fault: Fault | undefined;
  readonly options: Options;
  /** Aborted when the connection to the client has ended. */
  readonly gone: AbortSignal;
}

/** They are between two neighbours, not from end to end (RFC 9110, 7.6.1). */
const hopByHop = new Set(['connection', 'keep-alive', 'transfer-encoding', 'expect', 'te', 'upgrade']);

const passedOn = (headers: IncomingHttpHeaders) =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => !hopByHop.has(name)));

const sizeOf = ({ headers }: IncomingMessage): number => Number(headers['content-length'] ?? 0);

/** Sends a request on, and resolves to the answer with its body still to come. */
async function send(
  { request, fault, options, gone }: Exchange,
  body: AsyncIterable<Uint8Array>,
): Promise<{ readonly answer: IncomingMessage; readonly sent: ClientRequest }> {
  const { upstream, ca, ledger, kill } = options;
  const { method = 'GET', url: path = '/', headers } = request;
  const ask = upstream.protocol === 'https:' ? requestTls : requestPlain;
  const { hostname, port } = upstream;
  const sent = ask({ hostname, port, ca, method, path, headers: passedOn(headers), agent: false });
  const answered = once(sent, 'response');
  ledger?.begins({ method, path, headers });
  const altered = alter(body, { fault, direction: 'request', size: sizeOf(request), kill, gone });
  const bytes = ledger === undefined ? altered : counted(altered, { ledger, traffic: options.trafficOf(request) });
  // a server that answers early stops reading: then its answer counts, not that the rest could not be written
  const written = pipeline(Readable.from(bytes, { objectMode: false }), sent).catch((error: unknown) => {
    if (error instanceof CutError || sent.destroyed) throw error;
  });
  const failed = written.then(() => new Promise<never>(() => undefined));
  // the one cast: the event's types are not known to once
  const [answer] = (await Promise.race([answered, failed])) as [IncomingMessage];
  written.catch(() => undefined);
  ledger?.answered({ method, path, headers }, { status: answer.statusCode ?? 0, headers: answer.headers });
  return { answer, sent };
}

async function* counted(
  bytes: AsyncIterable<Uint8Array>,
  { ledger, traffic }: { readonly ledger: Ledger; readonly traffic: Traffic },
): AsyncGenerator<Uint8Array> {
  for await (const chunk of bytes) {
    if (traffic === 'upload') ledger.count(chunk.length);
    yield chunk;
  }
}

/** Passes an answer on. Nothing is written before the first byte is there: what happens at byte 0 happens before the header. */
async function giveBack({ request, response, fault, options, gone }: Exchange, answer: IncomingMessage): Promise<void> {
  const size = request.method === 'HEAD' ? 0 : sizeOf(answer);
  const altering: Altering = { fault, direction: 'response', size, kill: options.kill, gone };
  const bytes = alter(answer, altering);
  const first = await bytes.next();
  const headers = passedOn(answer.headers);
  if (fault?.kind === 'truncate' && size > 0) headers['content-length'] = String(Math.floor(fault.at * size));
  response.writeHead(answer.statusCode ?? 502, headers);
  async function* body(): AsyncGenerator<Uint8Array> {
    if (!first.done) yield first.value;
    yield* bytes;
  }
  await pipeline(Readable.from(body(), { objectMode: false }), response);
}

async function drain(bytes: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const _ of bytes);
}

async function duplicated(exchange: Exchange): Promise<IncomingMessage> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of exchange.request) chunks.push(chunk);
  const body = () => Readable.from(chunks);
  await drain((await send(exchange, body())).answer);
  // who repeats it is the proxy: the books are about the client
  const options = { ...exchange.options, ledger: undefined };
  return (await send({ ...exchange, options }, body())).answer;
}

async function pass(exchange: Exchange): Promise<void> {
  const { request, response, fault } = exchange;
  if (fault?.kind === 'refuse') {
    await drain(request);
    const { status, retryAfter } = fault;
    response.writeHead(status, retryAfter === undefined ? {} : { 'retry-after': retryAfter }).end('not now');
    return;
  }
  const answer = fault?.kind === 'duplicate' ? await duplicated(exchange) : (await send(exchange, request)).answer;
  if (fault?.kind === 'deny') {
    await drain(answer);
    response.writeHead(fault.status).end('something is wrong');
    return;
  }
  if (fault?.kind === 'delay') await sleep(fault.ms);
  await giveBack(exchange, answer);
}

/** A server that is not there is a 502, as of any proxy; once the answer has begun the connection breaks. */
function fail({ response, request }: Exchange, error: unknown): void {
  if (error instanceof CutError || response.headersSent) {
    request.destroy();
    response.destroy();
  } else response.writeHead(502, { connection: 'close' }).end('the server cannot be reached');
}

/** What is planned, and what has happened. */
function createPlanned() {
  let open: PlannedFault[] = [];
  const counts = new Map<Traffic, number>();
  const met: string[] = [];
  return {
    met,
    plan(faults: readonly PlannedFault[]) {
      open = [...faults];
      counts.clear();
    },
    next(on: Traffic, request: IncomingMessage): Fault | undefined {
      const nth = counts.get(on) ?? 0;
      counts.set(on, nth + 1);
      const found = open.find((each) => each.on === on && each.nth === nth);
      open = open.filter((each) => each !== found);
      if (found !== undefined) {
        const path = request.url?.replace(/(transfer\/)[^/]*/, '$1…') ?? '';
        met.push(`${JSON.stringify(found.fault)} at ${request.method} ${path} (${on} ${nth})`);
      }
      return found?.fault;
    },
  };
}

/** Starts a proxy that passes everything on until faults are planned. */
export async function startFaultProxy(options: Options): Promise<FaultProxy> {
  const planned = createPlanned();
  const handle = (request: IncomingMessage, response: ServerResponse): void => {
    const ended = new AbortController();
    response.once('close', () => ended.abort());
    const fault = planned.next(options.trafficOf(request), request);
    const exchange = { request, response, options, fault, gone: ended.signal };
    for (const each of [request, response]) each.on('error', () => undefined);
    pass(exchange).catch((error: unknown) => fail(exchange, error));
  };
  const { identity } = options;
  const server = identity === undefined ? createServer(handle) : createTlsServer(identity, handle);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  // the one cast: a server that listens on a port has an address with one
  const { port } = server.address() as AddressInfo;
  return {
    url: `${identity === undefined ? 'http' : 'https'}://127.0.0.1:${port}`,
    plan: planned.plan,
    met: () => planned.met,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
