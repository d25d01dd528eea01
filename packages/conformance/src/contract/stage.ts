import { type SamplePackage, samplePackage } from '../sample-package.ts';
import { type Exchange, expectThat, resultOf } from './exchange.ts';
import type { FileHost } from './file-host.ts';
import type { HttpRequest, SendHttp } from './http.ts';
import { field, listOf, parseJson, textOf } from './json.ts';

/** Where virtual machines may be made. */
export interface Place {
  readonly resourcePool: string;
  readonly folder: string;
  readonly datastore: string;
  readonly network: string;
  readonly host: string;
}

/** A request to the target. Its JSON is sent as given; bytes and texts are sent as they are. */
export interface Call {
  readonly method: string;
  /** Path with its query, or the absolute URL of a file. */
  readonly path: string;
  readonly json?: unknown;
  readonly body?: HttpRequest['body'];
  /** In place of those of a logged-in user. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** What all cases of a run share. */
export interface Run {
  readonly baseUrl: string;
  readonly send: SendHttp;
  readonly user: string;
  readonly password: string;
  /** Of the API session of `user`. */
  readonly token: string;
  /** Of the API session of a user who may only read; absent without one. */
  readonly readerToken: string | undefined;
  readonly place: Place;
  /** Absent when pulls are not tried. */
  readonly host: FileHost | undefined;
  /** The idle time after which the target forgets a session, in milliseconds; absent when it is not known. */
  readonly sessionTimeoutMs: number | undefined;
  /** A machine that all cases may export, and none may change. Made when first asked for. */
  machine(): Promise<string>;
}

/** A run as one case sees it: sends, and removes what was made when the case is over. */
export interface Stage extends Run {
  call(call: Call): Promise<Exchange>;
  get(path: string): Promise<Exchange>;
  /** Sends `json`, or no body at all without it. */
  post(path: string, json?: unknown): Promise<Exchange>;
  remove(path: string): Promise<Exchange>;
  /** A name that nothing else has. */
  newName(): string;
  /** A package of a name of its own; machines with that name are deleted. */
  newPackage(languages?: readonly string[]): SamplePackage;
  /** To be done when the case is over, the last one first. */
  later(cleanUp: () => Promise<unknown>): void;
}

/** The header of an API session. */
export const tokenHeader = 'vmware-api-session-id';

let names = 0;

/** A stage, and what has to be called when its case is over. Nothing is sent after an abort but what cleans up. */
export function openStage(run: Run, signal?: AbortSignal): { readonly stage: Stage; close(): Promise<void> } {
  const cleanUps: (() => Promise<unknown>)[] = [];
  let isOver = false;
  const call = async (each: Call): Promise<Exchange> => {
    if (!isOver) signal?.throwIfAborted();
    return exchange(run, each);
  };
  const newName = (): string => {
    names += 1;
    return `conformance-${Date.now().toString(36)}-${process.pid.toString(36)}-${names}`;
  };
  const stage: Stage = {
    ...run,
    call,
    get: (path) => call({ method: 'GET', path }),
    post: (path, json) => call({ method: 'POST', path, ...(json === undefined ? {} : { json }) }),
    remove: (path) => call({ method: 'DELETE', path }),
    newName,
    newPackage(languages = []) {
      const name = newName();
      cleanUps.push(() => deleteMachines(stage, name));
      return samplePackage({ name, languages });
    },
    later: (cleanUp) => void cleanUps.push(cleanUp),
  };
  const close = async (): Promise<void> => {
    isOver = true;
    const faults: unknown[] = [];
    for (const cleanUp of cleanUps.toReversed()) await cleanUp().catch((error: unknown) => faults.push(error));
    if (faults.length > 0) throw faults[0];
  };
  return { stage, close };
}

/** Sends one request. */
export async function exchange(
  { baseUrl, send, token }: Pick<Run, 'baseUrl' | 'send' | 'token'>,
  { method, path, json, body = json === undefined ? undefined : JSON.stringify(json), headers }: Call,
): Promise<Exchange> {
  const url = /^https?:/.test(path) ? path : `${baseUrl}${path}`;
  const type = json === undefined ? {} : { 'content-type': 'application/json' };
  const all = { ...type, ...(headers ?? { [tokenHeader]: token }) };
  const answer = await send({ method, url, headers: all, ...(body === undefined ? {} : { body }) });
  const { status, headers: answered, body: bytes } = answer;
  return { method, path, sent: describe(body), status, headers: answered, bytes, json: parseJson(bytes) };
}

const describe = (body: HttpRequest['body']): string =>
  body === undefined
    ? ''
    : typeof body === 'string'
      ? body
      : body instanceof Uint8Array
        ? `<${body.length} bytes>`
        : '<a stream>';

/** Ids of the virtual machines of a name. */
export async function machinesOf(stage: Pick<Stage, 'get'>, name: string): Promise<readonly string[]> {
  const found = await stage.get(`/rest/vcenter/vm?filter.names.1=${encodeURIComponent(name)}`);
  return listOf(resultOf(found)).map((each) => textOf(field(each, 'vm')));
}

async function deleteMachines(stage: Stage, name: string): Promise<void> {
  for (const vm of await machinesOf(stage, name)) {
    const deleted = await stage.remove(`/rest/vcenter/vm/${vm}`);
    expectThat(deleted, { 'the virtual machine a case made is deleted': deleted.status === 200 });
  }
}
