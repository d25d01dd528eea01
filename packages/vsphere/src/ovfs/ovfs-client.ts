import { SessionError } from '@ovfkit/domain';
import { createWireClient, pause, type WireClient, type WireClientAnswer, type WireClientOptions } from '@ovfkit/rest';
import { list, object, optional, type Shape, text } from '../vim/vim-shape.ts';
import type { VimObject } from '../vim/vim-value.ts';

/** How to reach a vCenter, and as whom. */
export interface OvfsAccess extends WireClientOptions {
  readonly user: string;
  readonly password: string;
}

/** What a deployment made, by vSphere's types. */
export interface Deployed {
  readonly type: string;
  readonly id: string;
}

const taskInfo = object('TaskInfo', {
  status: text,
  result: optional(object('DeployResult', { result_type: text, created_entity: text })),
  error: optional(object('Error', { messages: list(object('Message', { default_message: optional(text) })) })),
});
const failure = object('Error', {
  error_type: optional(text),
  messages: list(object('Message', { default_message: optional(text) })),
});

/** Statuses of a server that does not know the call. */
const absent: ReadonlySet<number> = new Set([404, 405, 501]);
const pollMs = [100, 200, 500, 1_000, 2_000];

/**
 * Has a vCenter of 9.0 or newer deploy a package that it fetches from a URL (`POST /api/vcenter/ovfs?action=deploy`), and waits for the end.
 * Given up, the task is canceled and waited for: what it had made by then is resolved to, for the caller to remove.
 * @throws SessionError OPERATION_NOT_FOUND from a vCenter that has no such call; as the deployment failed, which removes what it made
 */
export async function deployByOvfs(
  access: OvfsAccess,
  { spec, signal }: { readonly spec: VimObject; readonly signal: AbortSignal },
): Promise<Deployed> {
  signal.throwIfAborted();
  const client = createWireClient(access);
  try {
    return await loggedIn(client, access, async (api) => {
      // not ended by the signal: its answer names the task that is to be canceled
      const task = read(text, await api('POST', '/api/vcenter/ovfs?action=deploy&vmw-task=true', spec));
      return untilDeployed(api, { path: `/api/cis/tasks/${encodeURIComponent(task)}`, signal });
    });
  } finally {
    await client.close();
  }
}

type Api = (method: 'GET' | 'POST' | 'DELETE', path: string, body?: VimObject) => Promise<WireClientAnswer>;

async function loggedIn<Result>(
  client: WireClient,
  { url, user, password }: OvfsAccess,
  use: (api: Api) => Promise<Result>,
): Promise<Result> {
  const basic = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
  const send =
    (headers: Readonly<Record<string, string>>): Api =>
    async (method, path, body) => {
      const json = body === undefined ? {} : { body: JSON.stringify(body) };
      const all = { 'content-type': 'application/json', ...headers };
      const answer = await client.send({ method, url: new URL(path, url).href, headers: all, ...json });
      if (answer.status < 300) return answer;
      throw refusal(answer);
    };
  const token = read(text, await send({ authorization: basic })('POST', '/api/session'));
  const api = send({ 'vmware-api-session-id': token });
  try {
    return await use(api);
  } finally {
    await api('DELETE', '/api/session').catch(() => undefined); // it ends by itself
  }
}

async function untilDeployed(
  api: Api,
  { path, signal }: { readonly path: string; readonly signal: AbortSignal },
): Promise<Deployed> {
  let isCanceled = false;
  for (let round = 0; ; round += 1) {
    const { status, result, error } = read(taskInfo, await api('GET', path));
    if (status === 'SUCCEEDED' && result !== undefined) return { type: result.result_type, id: result.created_entity };
    if (status === 'FAILED') {
      signal.throwIfAborted();
      throw new SessionError(
        'INVALID_ARGUMENT',
        `The vCenter could not deploy the package: ${wordsIn(error?.messages)}`,
      );
    }
    if (signal.aborted && !isCanceled) {
      isCanceled = true;
      await api('POST', `${path}?action=cancel`).catch(() => undefined); // it may have ended meanwhile
    }
    await pause(pollMs[round] ?? 2_000, isCanceled ? undefined : signal).catch(() => undefined);
  }
}

function refusal(answer: WireClientAnswer): SessionError {
  if (absent.has(answer.status))
    return new SessionError('OPERATION_NOT_FOUND', 'The vCenter does not deploy packages from URLs.');
  const kind = answer.status === 401 ? 'UNAUTHENTICATED' : answer.status === 403 ? 'UNAUTHORIZED' : 'INVALID_ARGUMENT';
  const words = orNothing(() => wordsIn(read(failure, answer).messages)) ?? `it answered ${answer.status}`;
  return new SessionError(kind, `The vCenter does not deploy the package: ${words}`);
}

const wordsIn = (messages: readonly { readonly default_message?: string | undefined }[] = []): string =>
  messages.flatMap(({ default_message: words }) => words ?? []).join('; ') || 'it does not say why';

/** @throws SessionError INTERNAL_SERVER_ERROR for what is something else */
function read<Value>(shape: Shape<Value>, { body }: WireClientAnswer): Value {
  const said = new TextDecoder().decode(body);
  const json: unknown = orNothing(() => JSON.parse(said));
  return shape.fromJson(json, 'the answer');
}

function orNothing<Value>(step: () => Value): Value | undefined {
  try {
    return step();
  } catch {
    return undefined; // proxies answer in words of their own
  }
}
