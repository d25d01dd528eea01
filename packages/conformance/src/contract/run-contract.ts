import { contractCases } from './cases.ts';
import type { ContractCase, Need } from './contract-case.ts';
import { ContractBreach, type Exchange, kindOf, resultOf } from './exchange.ts';
import { type FileHost, openFileHost } from './file-host.ts';
import type { SendHttp } from './http.ts';
import { textOf } from './json.ts';
import { basic } from './login.ts';
import { findPlace } from './place.ts';
import { completed, services } from './sessions.ts';
import { type Call, exchange, openStage, type Run } from './stage.ts';

/** What to run the cases against, and which of them. */
export interface ContractRun {
  /** Scheme, host and port, without a slash at the end. */
  readonly baseUrl: string;
  readonly send: SendHttp;
  readonly user: string;
  readonly password: string;
  /** A second user, who may only read. Cases about privileges are not offered without. */
  readonly reader?: { readonly user: string; readonly password: string } | undefined;
  /** The address of this machine as the target reaches it. Cases about pulls are not offered without. */
  readonly pullAddress?: string | undefined;
  /** The idle time after which the target forgets a session. Cases that wait for it are not offered without. */
  readonly sessionTimeoutMs?: number | undefined;
  /** Rules, beginnings of their names up to a dot, or sections: `3` is all of 3.1 to 3.8. All cases when absent. */
  readonly only?: readonly string[] | undefined;
  /** How many cases run at a time; 4 when absent. */
  readonly parallel?: number | undefined;
  /** When it aborts no further case starts, those under way end, and everything made is removed. */
  readonly signal?: AbortSignal | undefined;
  /** Told of each case when it is over. */
  readonly onOutcome?: ((outcome: ContractOutcome) => void) | undefined;
}

/** How a case ended. */
export type ContractOutcome = Pick<ContractCase, 'id' | 'section' | 'title'> &
  (
    | { readonly status: 'passed' }
    /** `missing` is what the target lacks. */
    | { readonly status: 'notOffered'; readonly missing: readonly Need[] }
    | { readonly status: 'failed'; readonly request: string; readonly expected: string; readonly got: string }
  );

/** The cases whose id or section begins with one of `only`, part by part. */
export const casesOf = (only: readonly string[] | undefined): readonly ContractCase[] =>
  contractCases.filter(
    ({ id, section }) =>
      only === undefined || only.some((each) => [id, section].some((name) => `${name}.`.startsWith(`${each}.`))),
  );

/**
 * Runs the cases of the contract against a base URL; resolves to their outcomes in the order of the contract. Logs in and out, and
 * removes what it made.
 * @throws ContractBreach when a login, or a place for virtual machines, is refused; the signal's reason when it aborts
 */
export async function runContract(options: ContractRun): Promise<readonly ContractOutcome[]> {
  const { pullAddress, signal } = options;
  const host = pullAddress === undefined ? undefined : await openFileHost(pullAddress);
  const tokens: string[] = [];
  try {
    const logIn = async (who: { readonly user: string; readonly password: string }): Promise<string> => {
      const token = await openSession(options, who);
      tokens.push(token);
      return token;
    };
    const token = await logIn(options);
    const readerToken = options.reader === undefined ? undefined : await logIn(options.reader);
    const outcomes = await runAll(options, await prepare(options, { host, token, readerToken }));
    signal?.throwIfAborted();
    return outcomes;
  } finally {
    for (const token of tokens)
      await ask({ ...options, token }, { method: 'DELETE', path: sessionPath }).catch(() => undefined);
    await host?.close();
  }
}

const sessionPath = '/rest/com/vmware/cis/session';

const ask = (
  { baseUrl, send, token }: Pick<ContractRun, 'baseUrl' | 'send'> & { readonly token: string },
  call: Call,
) => exchange({ baseUrl, send, token }, call);

async function openSession(
  { baseUrl, send }: ContractRun,
  { user, password }: { readonly user: string; readonly password: string },
): Promise<string> {
  const headers = { authorization: basic(user, password), 'vmware-use-header-authn': 'true' };
  return textOf(resultOf(await exchange({ baseUrl, send, token: '' }, { method: 'POST', path: sessionPath, headers })));
}

interface Prepared {
  readonly run: Run;
  readonly offered: ReadonlySet<Need>;
  /** Removes what the cases shared. */
  close(): Promise<void>;
}

async function prepare(
  { baseUrl, send, user, password, sessionTimeoutMs, signal }: ContractRun,
  shared: Pick<Run, 'host' | 'token' | 'readerToken'>,
): Promise<Prepared> {
  const get = (path: string) => exchange({ baseUrl, send, token: shared.token }, { method: 'GET', path });
  const place = await findPlace(get);
  let machine: Promise<string> | undefined;
  const run: Run = {
    ...shared,
    ...{ baseUrl, send, user, password, sessionTimeoutMs, place },
    machine() {
      machine ??= completed(stage, stage.newPackage()).then(({ vmId }) => vmId);
      return machine;
    },
  };
  const { stage, close } = openStage(run, signal);
  return { run, close, offered: await findOffers(run) };
}

/** What the target offers, found out by asking (contract, section 13). */
async function findOffers(run: Run): Promise<ReadonlySet<Need>> {
  const { host, readerToken, sessionTimeoutMs } = run;
  const preview = { ovf_descriptor: '<Envelope xmlns="http://schemas.dmtf.org/ovf/envelope/1"/>' };
  const isServed = ({ status, json }: Exchange & { readonly json: unknown }): boolean =>
    ![404, 405, 501].includes(status) && json !== undefined;
  const offers = async (need: Need, call: Call): Promise<readonly Need[]> => {
    const answered = await exchange(run, call);
    return isServed(answered) && kindOf(answered) !== 'OPERATION_NOT_FOUND' ? [need] : [];
  };
  const known: readonly (readonly Need[])[] = [
    await offers('sessions', { method: 'POST', path: `${services.import}?~action=preview`, json: preview }),
    await offers('api', { method: 'GET', path: '/api/vcenter/ovf/export-flag' }),
    await offers('sessionsInApi', {
      method: 'POST',
      path: '/api/vcenter/ovf/import-session?action=preview',
      json: preview,
    }),
    (await exchange(run, { method: 'GET', path: '/rest/com/vmware/content/library' })).status === 200
      ? ['library']
      : [],
    host !== undefined && (await isReached(run, host)) ? ['pull'] : [],
    readerToken === undefined ? [] : ['reader'],
    sessionTimeoutMs === undefined ? [] : ['expiry'],
  ];
  return new Set(known.flat());
}

/** Whether the target comes to the suite's server when it is told to. */
async function isReached(run: Run, host: FileHost): Promise<boolean> {
  const json = { uri: `${host.url}/reach/a.ovf` };
  await exchange(run, { method: 'POST', path: `${services.import}?~action=probe`, json });
  return host.wasAsked('reach', 'a.ovf');
}

async function runAll(options: ContractRun, { run, offered, close }: Prepared): Promise<readonly ContractOutcome[]> {
  const { only, parallel = 4, signal, onOutcome } = options;
  const cases = casesOf(only);
  const outcomes = new Map<ContractCase, ContractOutcome>();
  const waiting = cases.values();
  const work = async (): Promise<void> => {
    for (const each of waiting) {
      if (signal?.aborted) return;
      const outcome = await runCase({ run, offered, signal }, each);
      outcomes.set(each, outcome);
      if (!signal?.aborted) onOutcome?.(outcome);
    }
  };
  try {
    await Promise.all(Array.from({ length: parallel }, work));
  } finally {
    await close();
  }
  return cases.flatMap((each) => outcomes.get(each) ?? []);
}

async function runCase(
  { run, offered, signal }: Pick<Prepared, 'run' | 'offered'> & { readonly signal: AbortSignal | undefined },
  { id, section, title, needs, run: play }: ContractCase,
): Promise<ContractOutcome> {
  const about = { id, section, title };
  const missing = needs.filter((need) => !offered.has(need));
  if (missing.length > 0) return { ...about, status: 'notOffered', missing };
  const { stage, close } = openStage(run, signal);
  try {
    try {
      await play(stage);
    } finally {
      await close();
    }
    return { ...about, status: 'passed' };
  } catch (error) {
    return { ...about, status: 'failed', ...explain(error, run.token) };
  }
}

function explain(error: unknown, token: string) {
  const shown = (text: string): string => text.replaceAll(token, '…');
  if (error instanceof ContractBreach)
    return { request: shown(error.request), expected: error.expected, got: shown(error.got) };
  return { request: '', expected: 'an answer to every request', got: String(error) };
}
