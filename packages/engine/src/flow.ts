import { type Keeping, message, SessionError, type SessionTable } from '@ovfkit/domain';
import { type SessionKindName, sessionKey } from './blob-key.ts';
import { delay } from './byte-stream.ts';
import type { Core, Principal } from './core.ts';
import { isExpected } from './problem.ts';
import { releaseLater } from './session-blobs.ts';

/** What the engine asks of any session. */
export interface AnySession {
  readonly id: string;
  readonly owner: string;
  readonly state: string;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

/** One effect of one session. `signal` aborts when the session is deleted or the engine closes. */
export interface Performance<Effect> {
  readonly id: string;
  readonly effect: Effect;
  readonly signal: AbortSignal;
}

/** One kind of session: its table, and its machine by way of `apply…Event`. */
export interface SessionKind<Session extends AnySession, Event, Effect> {
  readonly name: SessionKindName;
  readonly table: SessionTable<Session>;
  readonly apply: (
    session: Session,
    event: Event,
  ) => { readonly session: Session; readonly effects: readonly Effect[] };
  /** What has to be done in the state a session is in. */
  readonly effectsOf: (session: Session) => readonly Effect[];
  readonly isOver: (session: Session) => boolean;
  readonly touch: (session: Session, expiresAt: number) => Session;
  /** The event that ends a session with `error`. */
  readonly failure: (session: Session, error: unknown) => Event;
  /** Does what `effect` asks for; may be done again. */
  readonly perform: (request: Performance<Effect>) => Promise<void>;
}

/** What should happen to a session as it is now; may be asked more than once. */
export type Decide<Session, Event> = (session: Session) => Event | undefined | Promise<Event | undefined>;

/** The only way in which sessions of a kind change. */
export interface Flow<Session extends AnySession, Event> {
  /** Begins a session, or gives the one its owner has with the same client token; this counts as use. */
  begin(session: Session): Promise<Session>;
  /** @throws SessionError NOT_FOUND */
  get(id: string): Promise<Session>;
  /** The session if `principal` may see it; this counts as use. @throws SessionError NOT_FOUND */
  use(id: string, principal: Principal): Promise<Session>;
  /** As `use`, but of one that is not there or not theirs it gives nothing. */
  find(id: string, principal: Principal): Promise<Session | undefined>;
  /**
   * Applies what `decide` makes of the session as it is; when another changed it meanwhile, `decide` is asked again.
   * Nothing happens when it decides on nothing. The change is `lasting` when nothing else is said.
   * @throws SessionError NOT_FOUND, NOT_ALLOWED_IN_CURRENT_STATE
   */
  step(id: string, decide: Decide<Session, Event>, keeping?: Keeping): Promise<Session>;
  /** Makes the session live on; at most one write every few seconds. */
  touch(session: Session): Promise<void>;
  /** To be called for each chunk that leaves: makes the session live on. */
  keepAlive(session: Session): () => Promise<void>;
  /** Ends the session with `error`; one that is gone or over stays as it is. */
  fail(id: string, error: unknown): Promise<void>;
  /** Acts again on the state a session is in, and lets it live on. */
  resume(session: Session): Promise<void>;
}

interface Step<Session, Event> {
  readonly id: string;
  readonly decide: Decide<Session, Event>;
  readonly keeping?: Keeping | undefined;
}

interface FlowParts<Session extends AnySession, Event, Effect> {
  readonly core: Core;
  readonly kind: SessionKind<Session, Event, Effect>;
}

/** The flow of one kind: its machine between its table and its effects. */
export function createFlow<Session extends AnySession, Event, Effect>(
  core: Core,
  kind: SessionKind<Session, Event, Effect>,
): Flow<Session, Event> {
  const parts = { core, kind };
  const find = async (id: string, principal: Principal) => {
    const session = (await kind.table.get(id))?.session;
    if (session === undefined || !isVisible(parts, { session, principal })) return undefined;
    await touch(parts, session);
    return session;
  };
  return {
    begin: (session) => begin(parts, session),
    get: async (id) => found(kind, { id, session: (await kind.table.get(id))?.session }),
    find,
    use: async (id, principal) => found(kind, { id, session: await find(id, principal) }),
    step: (id, decide, keeping) => step(parts, { id, decide, keeping }),
    touch: (session) => touch(parts, session),
    keepAlive: (session) => keepAlive(parts, session),
    fail: (id, error) => fail(parts, { id, error }),
    async resume(session) {
      if (!kind.isOver(session)) await prolong(parts, session);
      act(parts, { id: session.id, effects: kind.effectsOf(session) });
    },
  };
}

async function begin<Session extends AnySession, Event, Effect>(
  parts: FlowParts<Session, Event, Effect>,
  session: Session,
): Promise<Session> {
  const { core, kind } = parts;
  for (;;) {
    const kept = (await kind.table.insert(session)).session;
    if (kept.id === session.id) {
      act(parts, { id: kept.id, effects: kind.effectsOf(kept) });
      return kept;
    }
    if (!isExpired(parts, kept)) {
      await touch(parts, kept);
      return kept;
    }
    // only the sweep has not come yet: nobody can use it any more, so its token is free
    await kind.table.delete(kept.id);
    releaseLater(core, { kind: kind.name, id: kept.id });
  }
}

function found<Session>(
  { name }: { readonly name: SessionKindName },
  { id, session }: { readonly id: string; readonly session: Session | undefined },
): Session {
  if (session !== undefined) return session;
  const text = message(
    'com.ovfkit.session.not_found',
    'There is no {0} session {1}. It may have been deleted or timed out.',
    ...[name, id],
  );
  throw new SessionError('NOT_FOUND', text.defaultMessage, { messages: [text] });
}

function isVisible<Session extends AnySession, Event, Effect>(
  parts: FlowParts<Session, Event, Effect>,
  { session, principal }: { readonly session: Session; readonly principal: Principal },
): boolean {
  return !isExpired(parts, session) && (principal.isAdmin || principal.user === session.owner);
}

/** Not while something still moves for it. */
const isExpired = <Session extends AnySession, Event, Effect>(
  { core, kind }: FlowParts<Session, Event, Effect>,
  { id, expiresAt }: Session,
): boolean => expiresAt <= core.clock() && !core.jobs.isBusy(sessionKey({ kind: kind.name, id }));

async function step<Session extends AnySession, Event, Effect>(
  parts: FlowParts<Session, Event, Effect>,
  { id, decide, keeping }: Step<Session, Event>,
): Promise<Session> {
  const { kind } = parts;
  for (;;) {
    const before = await kind.table.get(id);
    const session = found(kind, { id, session: before?.session });
    const event = await decide(session);
    if (event === undefined || before === undefined) return session;
    const after = kind.apply(session, event);
    const alive = kind.touch(after.session, expiry(parts, after.session));
    const isKept = await kept(() => kind.table.replace(alive, before.version, keeping));
    if (!isKept) continue;
    act(parts, { id, effects: after.effects });
    return alive;
  }
}

/** Whether the change was kept; not when another came first. */
async function kept(change: () => Promise<unknown>): Promise<boolean> {
  try {
    await change();
    return true;
  } catch (error) {
    if (error instanceof SessionError && error.kind === 'CONCURRENT_CHANGE') return false;
    throw error;
  }
}

function expiry<Session extends AnySession, Event, Effect>(
  { core, kind }: FlowParts<Session, Event, Effect>,
  session: Session,
): number {
  return core.clock() + (kind.isOver(session) ? core.terminalTimeoutMs : core.idleTimeoutMs);
}

const prolong = <Session extends AnySession, Event, Effect>(
  parts: FlowParts<Session, Event, Effect>,
  session: Session,
): Promise<void> => parts.kind.table.prolong(session.id, expiry(parts, session));

async function touch<Session extends AnySession, Event, Effect>(
  parts: FlowParts<Session, Event, Effect>,
  session: Session,
): Promise<void> {
  const gain = expiry(parts, session) - session.expiresAt;
  if (gain >= parts.core.touchEveryMs) await prolong(parts, session);
}

function keepAlive<Session extends AnySession, Event, Effect>(
  parts: FlowParts<Session, Event, Effect>,
  session: Session,
): () => Promise<void> {
  const { clock, touchEveryMs } = parts.core;
  let last = clock();
  return async () => {
    if (clock() - last < touchEveryMs) return;
    last = clock();
    await touch(parts, session);
  };
}

async function fail<Session extends AnySession, Event, Effect>(
  parts: FlowParts<Session, Event, Effect>,
  { id, error }: { readonly id: string; readonly error: unknown },
): Promise<void> {
  const { core, kind } = parts;
  if (!isExpected(error)) core.onError(error, sessionKey({ kind: kind.name, id }));
  try {
    await step(parts, { id, decide: (session) => (kind.isOver(session) ? undefined : kind.failure(session, error)) });
  } catch (failure) {
    if (!(failure instanceof SessionError) || failure.kind !== 'NOT_FOUND') throw failure;
  }
}

function act<Session extends AnySession, Event, Effect>(
  parts: FlowParts<Session, Event, Effect>,
  { id, effects }: { readonly id: string; readonly effects: readonly Effect[] },
): void {
  const { core, kind } = parts;
  const key = sessionKey({ kind: kind.name, id });
  for (const effect of effects)
    core.jobs.run(key, (signal) =>
      untilKept(core, { key, signal }, () =>
        core.leases.hold({ key, signal }, async (held) => {
          try {
            await kind.perform({ id, effect, signal: held });
          } catch (error) {
            // an aborted effect was stopped on purpose: by a delete, to go on after a restart, or for another has it
            if (!held.aborted) await fail(parts, { id, error });
          }
        }),
      ),
    );
}

const storeTrouble: ReadonlySet<string> = new Set([
  'RESOURCE_INACCESSIBLE',
  'RESOURCE_BUSY',
  'SERVICE_UNAVAILABLE',
  'UNABLE_TO_ALLOCATE_RESOURCE',
]);

/** What became of an effect is in its session; when not even that can be kept, the effect waits for the store and is done again. */
async function untilKept(
  core: Core,
  { key, signal }: { readonly key: string; readonly signal: AbortSignal },
  work: () => Promise<void>,
): Promise<void> {
  while (!signal.aborted) {
    try {
      return await work();
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof SessionError) || !storeTrouble.has(error.kind)) throw error;
      core.onError(error, key);
      await delay(core.storeRetryMs, signal).catch(() => {}); // it is over then
    }
  }
}
