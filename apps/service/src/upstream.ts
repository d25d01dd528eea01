import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { SessionError } from '@ovfkit/domain';
import { backOff, isPassing } from '@ovfkit/rest';
import type { VimClient } from '@ovfkit/vsphere';
import type { Logger } from 'pino';

/** What a connection to a vCenter is made of. */
export interface Connected {
  readonly vim: VimClient;
  close(): Promise<void>;
}

/** A vCenter that may be away when the service starts. */
export interface Upstream<Connection extends Connected> {
  /** Its vim25. While it is away calls end with SERVICE_UNAVAILABLE, and so does a look at what it says of itself. */
  readonly vim: VimClient;
  /** Resolves as soon as there is a connection; the signal's reason when that is given up. */
  connected(signal?: AbortSignal): Promise<Connection>;
  /** Whether it answers now. */
  answers(): Promise<boolean>;
  close(): Promise<void>;
}

export interface UpstreamOptions<Connection extends Connected> {
  readonly url: string;
  readonly log: Logger;
  connect(signal: AbortSignal): Promise<Connection>;
}

/** A start does not wait longer for a vCenter that does not say anything. */
const firstAttemptMs = 10_000;
const longestPauseMs = 30_000;

/**
 * Connects, and where the vCenter is away goes on trying. Whoever opened it closes it.
 * @throws SessionError for what does not pass by itself: a wrong password, a certificate that is not the one expected
 */
export async function openUpstream<Connection extends Connected>({
  url,
  log,
  connect,
}: UpstreamOptions<Connection>): Promise<Upstream<Connection>> {
  const closing = new AbortController();
  let now: Connection | undefined;
  let why = 'it has not answered yet';
  const attempt = async (): Promise<Connection | undefined> => {
    try {
      now = await connect(closing.signal);
      return now;
    } catch (error) {
      why = error instanceof Error ? error.message : String(error);
      if (!isPassing(error)) throw error;
      log.warn({ url, err: error }, 'the vCenter is away; it is tried again');
      return undefined;
    }
  };
  const first = attempt();
  await Promise.race([first, sleep(firstAttemptMs, undefined, { signal: closing.signal })]);
  const later = untilConnected({
    first,
    attempt,
    signal: closing.signal,
    onFailure: (error) => log.error({ err: error }),
  });
  const there = (): Connection => {
    if (now !== undefined) return now;
    throw new SessionError('SERVICE_UNAVAILABLE', `The vCenter at ${url} is away: ${why} It is tried again.`);
  };
  return {
    vim: vimOf(there),
    connected: (signal) => orAborted(later, signal),
    answers: remembered(() => answers(now)),
    async close() {
      closing.abort();
      const opened = now ?? (await later.catch(() => undefined));
      await opened?.close();
    },
  };
}

interface Trying<Connection> {
  readonly first: Promise<Connection | undefined>;
  readonly attempt: () => Promise<Connection | undefined>;
  readonly signal: AbortSignal;
  readonly onFailure: (error: unknown) => void;
}

/** What does not pass by itself at the first attempt ended the start; later somebody may be mending it right now. */
async function untilConnected<Connection>(trying: Trying<Connection>): Promise<Connection> {
  const { first, attempt, signal, onFailure } = trying;
  for (let failures = 0; ; failures += 1) {
    const found = await (failures === 0 ? first : attempt()).catch((error: unknown) => {
      if (!signal.aborted) onFailure(error);
      return undefined;
    });
    if (found !== undefined) return found;
    await sleep(Math.min(longestPauseMs, backOff(failures)), undefined, { signal });
  }
}

const vimOf = (there: () => Connected): VimClient => ({
  get url() {
    return there().vim.url;
  },
  get trust() {
    return there().vim.trust;
  },
  get transport() {
    return there().vim.transport;
  },
  get about() {
    return there().vim.about;
  },
  get content() {
    return there().vim.content;
  },
  call: async (method, call) => there().vim.call(method, call),
  close: async () => undefined, // it belongs to the connection
});

async function orAborted<Result>(work: Promise<Result>, signal: AbortSignal | undefined): Promise<Result> {
  if (signal === undefined) return work;
  signal.throwIfAborted();
  const given = new AbortController();
  try {
    const aborted = once(signal, 'abort', { signal: given.signal });
    return await Promise.race([work, aborted.then(() => Promise.reject(signal.reason))]);
  } finally {
    given.abort();
  }
}

const questionMs = 5_000;
const freshMs = 2_000;

/** However many ask us, the vCenter is asked once in a while. */
function remembered(ask: () => Promise<boolean>): () => Promise<boolean> {
  let answer: Promise<boolean> | undefined;
  return () => {
    if (answer === undefined) {
      answer = ask();
      setTimeout(() => {
        answer = undefined;
      }, freshMs).unref();
    }
    return answer;
  };
}

async function answers(connection: Connected | undefined): Promise<boolean> {
  if (connection === undefined) return false;
  const { serverTime } = await import('@ovfkit/vsphere');
  try {
    await serverTime(connection.vim, AbortSignal.timeout(questionMs));
    return true;
  } catch {
    return false;
  }
}
