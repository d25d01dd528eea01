import { faultOf } from './fault.ts';
import { currentTime, serviceInstance } from './service-content.ts';
import type { Transport } from './transport.ts';
import type { VimMethod } from './vim-client.ts';
import { nothing } from './vim-shape.ts';
import type { ManagedObject } from './vim-value.ts';

const login: VimMethod<void> = { name: 'Login', result: nothing, isRepeatable: true };
const logout: VimMethod<void> = { name: 'Logout', result: nothing, isRepeatable: false };

/** The session of a client: opened once, and again when the server has forgotten it. */
export interface Login {
  /**
   * Runs `call` in the session. When the server no longer knows it, one login serves all calls that find out at once, and `call` runs
   * a second time: what was refused for want of a session has done nothing. `signal` ends the wait for a login that others share.
   */
  within<Result>(call: () => Promise<Result>, signal?: AbortSignal): Promise<Result>;
  /** Logs out. Failures are left to the server's own timeout. */
  end(): Promise<void>;
}

export interface LoginOptions {
  readonly transport: Transport;
  readonly sessionManager: ManagedObject;
  readonly user: string;
  readonly password: string;
  /** How often a call is made only to keep the session. */
  readonly keepAliveMs: number;
}

/** Nothing is sent before the first call. The timer keeps no process alive. */
export function createLogin({ transport, sessionManager, user, password, keepAliveMs }: LoginOptions): Login {
  const ending = new AbortController();
  let current: Promise<void> | undefined;
  const open = (): Promise<void> => {
    const opening = transport.send(login, {
      object: sessionManager,
      args: { userName: user, password },
      signal: ending.signal,
    });
    current = opening;
    opening.catch(() => {
      if (current === opening) current = undefined; // so that the next call tries again
    });
    return opening;
  };
  const within = async <Result>(call: () => Promise<Result>, signal?: AbortSignal): Promise<Result> => {
    const session = current ?? open();
    await untilAborted(session, signal);
    try {
      return await call();
    } catch (error) {
      if (faultOf(error) !== 'NotAuthenticated') throw error;
      await untilAborted(current === session ? open() : (current ?? open()), signal);
      return call();
    }
  };
  const timer = setInterval(() => {
    within(() => transport.send(currentTime, { object: serviceInstance, signal: ending.signal })).catch(
      () => undefined,
    ); // a call that matters will tell
  }, keepAliveMs).unref();
  return {
    within,
    async end() {
      clearInterval(timer);
      const hadSession = await current?.then(
        () => true,
        () => false,
      );
      if (hadSession === true)
        await transport
          .send(logout, { object: sessionManager, signal: AbortSignal.timeout(maxLogoutMs) })
          .catch(() => undefined);
      ending.abort();
    },
  };
}

/** Whoever leaves does not wait long for a server that does not answer. */
const maxLogoutMs = 5_000;

function untilAborted(promise: Promise<void>, signal: AbortSignal | undefined): Promise<void> {
  if (signal === undefined) return promise;
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason);
    if (signal.aborted) return onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
