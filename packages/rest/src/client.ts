import { type CallOptions, SessionError } from '@ovfkit/domain';
import { decodeResponse, encodeRequest, type Route, sessionHeader } from '@ovfkit/domain/wire';
import { type Answer, headerOf, sendJson } from './json.ts';
import type { Login } from './login.ts';
import { explainMissing } from './missing.ts';
import { backOff, isPassing, pause, type RetryNotice, readRetryAfter } from './retry.ts';
import type { Server } from './server.ts';
import type { Settle } from './settled.ts';

/** One call of an operation. */
export interface Call<Input, Output> {
  readonly route: Route<Input, Output>;
  readonly input: Input;
  readonly options?: CallOptions | undefined;
  /** Once only: the answer that got lost may have been a success, and a second call would not be the same. */
  readonly once?: boolean;
  /** Asked when a repetition is refused: the first call may have been done, and its answer lost. */
  readonly settle?: Settle<Output>;
  /** How long the answer may take; the server's own stall timeout when absent, 0 for no limit. */
  readonly timeoutMs?: number;
}

/** Calls operations: encodes, logs in, waits and repeats, decodes. */
export interface Client {
  readonly server: Server;
  readonly login: Login;
  /** @throws SessionError as the server says, or for what kept it from answering; the signal's reason */
  call<Input, Output>(call: Call<Input, Output>): Promise<Output>;
}

export interface ClientOptions {
  readonly server: Server;
  readonly login: Login;
  /** Path templates in place of the contract's, by `service.operation` (contract, 14.1). */
  readonly paths: Readonly<Record<string, string>>;
  /** How often a call is tried; 1 never repeats. */
  readonly attempts: number;
  readonly onRetry?: ((notice: RetryNotice) => void) | undefined;
}

/** Sends nothing until called. */
export function createClient({ server, login, paths, attempts, onRetry }: ClientOptions): Client {
  const withPath = <Input, Output>(route: Route<Input, Output>): Route<Input, Output> => {
    const name = nameOf(route);
    return Object.hasOwn(paths, name) ? { ...route, path: paths[name] ?? route.path } : route;
  };
  return {
    server,
    login,
    async call({ route: contractRoute, input, options = {}, once = false, timeoutMs, settle }) {
      const route = withPath(contractRoute);
      for (let attempt = 1; ; attempt += 1) {
        const outcome = await attemptCall({ server, login }, { route, input, options, timeoutMs });
        if ('output' in outcome) return outcome.output;
        const { error, afterMs } = outcome;
        const mayRepeat = !once && attempt < attempts && isPassing(error);
        if (!mayRepeat) {
          // the first delete did it, its answer got lost
          if (attempt > 1 && route.method === 'DELETE' && error.kind === 'NOT_FOUND') return outcome.nothing;
          const settled = attempt > 1 ? await settle?.(error) : undefined;
          if (settled !== undefined) return settled.output;
          throw explainMissing(error, { route, place: server.place });
        }
        const inMs = afterMs ?? backOff(attempt - 1);
        onRetry?.({ operation: nameOf(route), attempt, inMs, reason: error });
        await pause(inMs, options.signal);
      }
    },
  };
}

const nameOf = ({ service, operation }: Route<unknown, unknown>): string => `${service}.${operation}`;

type Outcome<Output> =
  | { readonly output: Output }
  | { readonly error: SessionError; readonly afterMs: number | undefined; readonly nothing: Output };

interface Attempt<Input> {
  readonly input: Input;
  readonly options: CallOptions;
  readonly timeoutMs: number | undefined;
}

async function attemptCall<Input, Output>(
  { server, login }: { readonly server: Server; readonly login: Login },
  call: Attempt<Input> & { readonly route: Route<Input, Output> },
): Promise<Outcome<Output>> {
  let afterMs: number | undefined;
  try {
    const answer = await sendLoggedIn({ server, login }, call);
    afterMs = readRetryAfter(headerOf(answer.headers, 'retry-after'), Date.now());
    return { output: withoutAbsence(decodeResponse(call.route, answer, 'rest')) };
  } catch (error) {
    if (!(error instanceof SessionError) || error.kind === 'UNVERIFIED_PEER') throw error;
    return { error, afterMs, nothing: withoutAbsence<Output>(undefined) };
  }
}

/** The type of a route without a result is `void`, and only such a route decodes to nothing. */
function withoutAbsence<Output>(output: Output | undefined): Output {
  return output as Output; // unavoidable: the compiler does not tie `route.output` to `Output`
}

async function sendLoggedIn<Input>(
  { server, login }: { readonly server: Server; readonly login: Login },
  { route, input, options, timeoutMs }: Attempt<Input> & { readonly route: Route<Input, unknown> },
): Promise<Answer> {
  const { method, path, body } = encodeRequest(route, input, 'rest');
  const send = (token: string): Promise<Answer> =>
    sendJson({
      ...server.request(path),
      method,
      headers: {
        [sessionHeader]: token,
        ...(options.locale === undefined ? {} : { 'accept-language': options.locale }),
      },
      ...(body === undefined ? {} : { body }),
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
      signal: options.signal,
    });
  let token = await login.token(options.signal);
  for (let renewals = 0; ; renewals += 1) {
    const answer = await send(token);
    if (answer.status !== 401 || renewals === maxRenewals) return answer;
    // refused before it was acted upon, so even what must not be done twice may be sent again
    token = await login.renew(token, options.signal);
  }
}

/** A server that restarts may forget a login before it is used. */
const maxRenewals = 2;
