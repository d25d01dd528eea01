import type { ContractCase } from './contract-case.ts';
import { type Exchange, expectError, expectThat, resultOf } from './exchange.ts';
import { field, textOf } from './json.ts';
import { basic } from './login.ts';
import { type Stage, tokenHeader } from './stage.ts';

const section = '1.3';
const rest = '/rest/com/vmware/cis/session';
const api = '/api/session';
const isTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

const logIn = (stage: Stage, path: string, headers: Readonly<Record<string, string>> = {}): Promise<Exchange> =>
  stage.call({ method: 'POST', path, headers: { authorization: basic(stage.user, stage.password), ...headers } });

/** An API session of the case's own. */
async function ownToken(stage: Stage): Promise<string> {
  const token = textOf(resultOf(await logIn(stage, rest)));
  stage.later(() => stage.call({ method: 'DELETE', path: rest, headers: { [tokenHeader]: token } }));
  return token;
}

const loginForms: readonly ContractCase[] = [
  {
    id: 'login.rest',
    section,
    title: 'a login of /rest answers 200 with the token as value',
    needs: [],
    async run(stage) {
      const token = await ownToken(stage);
      const asked = await stage.call({ method: 'GET', path: rest, headers: { [tokenHeader]: token } });
      expectThat(asked, { 'the token is good': textOf(field(resultOf(asked), 'user')) !== '' });
    },
  },
  {
    id: 'login.api',
    section,
    title: 'a login of /api answers 201 with the token as the whole body',
    needs: ['api'],
    async run(stage) {
      const done = await logIn(stage, api);
      const token = textOf(done.json);
      stage.later(() => stage.call({ method: 'DELETE', path: api, headers: { [tokenHeader]: token } }));
      expectThat(done, { 'the status is 201': done.status === 201, 'the body is a string': token !== '' });
    },
  },
  {
    id: 'login.cookie',
    section,
    title: 'a login sets a cookie that works in place of the header',
    needs: [],
    async run(stage) {
      const done = await logIn(stage, rest);
      const token = textOf(resultOf(done));
      const [cookie = ''] = (done.headers['set-cookie'] ?? '').split(';');
      expectThat(done, { 'the cookie is vmware-api-session-id': cookie.startsWith(`${tokenHeader}=`) });
      const asked = await stage.call({ method: 'GET', path: rest, headers: { cookie } });
      expectThat(asked, { 'the cookie is good': asked.status === 200 });
      await stage.call({ method: 'DELETE', path: rest, headers: { [tokenHeader]: token } });
    },
  },
  {
    id: 'login.header-only',
    section,
    title: 'vmware-use-header-authn: true asks for no cookie',
    needs: [],
    async run(stage) {
      const done = await logIn(stage, rest, { 'vmware-use-header-authn': 'true' });
      const token = textOf(resultOf(done));
      await stage.call({ method: 'DELETE', path: rest, headers: { [tokenHeader]: token } });
      expectThat(done, { 'there is no cookie': done.headers['set-cookie'] === undefined });
    },
  },
  ...[
    { id: 'action', method: 'POST', path: `${rest}?~action=get`, name: 'POST …?~action=get' },
    { id: 'get', method: 'GET', path: rest, name: 'GET, as many clients send it (14.4)' },
  ].map(
    ({ id, method, path, name }): ContractCase => ({
      id: `login.inspect.${id}`,
      section,
      title: `an API session of /rest is inspected by ${name}`,
      needs: [],
      async run(stage) {
        const asked = await stage.call({ method, path, headers: { [tokenHeader]: stage.token } });
        expectSession(asked, resultOf(asked));
      },
    }),
  ),
  {
    id: 'login.inspect.api',
    section,
    title: 'an API session of /api is inspected by GET, without a wrapper',
    needs: ['api'],
    async run(stage) {
      const asked = await stage.get(api);
      expectSession(asked, asked.json);
    },
  },
];

function expectSession(asked: Exchange, session: unknown): void {
  expectThat(asked, {
    'user is a string': textOf(field(session, 'user')) !== '',
    'created_time is UTC with milliseconds': isTime.test(textOf(field(session, 'created_time'))),
    'last_accessed_time is UTC with milliseconds': isTime.test(textOf(field(session, 'last_accessed_time'))),
  });
}

const refusals: readonly ContractCase[] = [
  {
    id: 'login.wrong',
    section,
    title: 'a login with a wrong user or password is refused with 401',
    needs: [],
    async run(stage) {
      const headers = { authorization: basic(stage.newName(), 'wrong') };
      expectError(await stage.call({ method: 'POST', path: rest, headers }), 'UNAUTHENTICATED');
    },
  },
  {
    id: 'login.none',
    section,
    title: 'a login without credentials is refused with 401',
    needs: [],
    async run(stage) {
      expectError(await stage.call({ method: 'POST', path: rest, headers: {} }), 'UNAUTHENTICATED');
    },
  },
  {
    id: 'login.token.none',
    section,
    title: 'a call without a token is refused with 401',
    needs: ['sessions'],
    async run(stage) {
      const path = '/rest/com/vmware/vcenter/ovf/export-flag';
      expectError(await stage.call({ method: 'GET', path, headers: {} }), 'UNAUTHENTICATED');
    },
  },
  {
    id: 'login.token.wrong',
    section,
    title: 'a call with a token that was never given is refused with 401, before its body is looked at',
    needs: ['sessions'],
    async run(stage) {
      const path = '/rest/com/vmware/vcenter/ovf/import-session?~action=preview';
      const headers = { [tokenHeader]: 'b00db39f948d13ea1e59b4d6fce56389' };
      expectError(await stage.call({ method: 'POST', path, json: {}, headers }), 'UNAUTHENTICATED');
    },
  },
  ...[
    { id: 'rest', path: rest, status: 200, needs: [] as const },
    { id: 'api', path: api, status: 204, needs: ['api'] as const },
  ].map(
    ({ id, path, status, needs }): ContractCase => ({
      id: `login.end.${id}`,
      section,
      title: `a logout of /${id} answers ${status} without a body, and the token is worth nothing after it`,
      needs,
      async run(stage) {
        const headers = { [tokenHeader]: await ownToken(stage) };
        const done = await stage.call({ method: 'DELETE', path, headers });
        expectThat(done, { [`${status} without a body`]: done.status === status && done.bytes.length === 0 });
        expectError(await stage.call({ method: 'GET', path, headers }), 'UNAUTHENTICATED');
      },
    }),
  ),
];

/** Section 1.3: the API session. */
export const loginCases: readonly ContractCase[] = [...loginForms, ...refusals];
