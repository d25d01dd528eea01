import { describe, expect, test } from 'vitest';
import { send } from './support/http.ts';
import { basic, startService } from './support/service.ts';

const service = await startService();
const rest = `${service.url}/rest/com/vmware/cis/session`;
const api = `${service.url}/api/session`;
const flags = `${service.url}/rest/com/vmware/vcenter/ovf/export-flag`;
const authorization = basic('ann', "ann's");

describe('/rest', () => {
  test('a login answers 200 with the token in an envelope and sets a cookie', async () => {
    const answer = await send({ url: rest, method: 'POST', headers: { authorization } });
    expect(answer.status).toBe(200);
    expect(answer.json).toEqual({ value: expect.stringMatching(/^[\da-f]{64}$/) });
    expect(answer.headers['set-cookie']).toEqual([
      `vmware-api-session-id=${answer.json.value}; Path=/; HttpOnly; SameSite=Strict`,
    ]);
  });

  test('a login that asks for the header form sets no cookie', async () => {
    const headers = { authorization, 'vmware-use-header-authn': 'true' };
    expect((await send({ url: rest, method: 'POST', headers })).headers['set-cookie']).toBeUndefined();
  });

  test('the token works as a header and as a cookie', async () => {
    const { json } = await send({ url: rest, method: 'POST', headers: { authorization } });
    expect((await send({ url: flags, headers: { 'vmware-api-session-id': json.value } })).status).toBe(200);
    expect((await send({ url: flags, headers: { cookie: `a=b; vmware-api-session-id=${json.value}` } })).status).toBe(
      200,
    );
  });

  test('the session is shown by GET and by POST with the action get', async () => {
    for (const [method, url] of [
      ['GET', rest],
      ['POST', `${rest}?~action=get`],
    ] as const) {
      const { status, json } = await send({ url, method, headers: service.auth });
      expect(status).toBe(200);
      expect(json.value.user).toBe('ann');
      expect(json.value.created_time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
      expect(json.value.last_accessed_time >= json.value.created_time).toBe(true);
    }
  });

  test('after a logout the token is refused', async () => {
    const { json } = await send({ url: rest, method: 'POST', headers: { authorization } });
    const headers = { 'vmware-api-session-id': json.value };
    expect((await send({ url: rest, method: 'DELETE', headers })).status).toBe(200);
    const after = await send({ url: flags, headers });
    expect(after.status).toBe(401);
    expect(after.json.type).toBe('com.vmware.vapi.std.errors.unauthenticated');
    expect(after.json.value.error_type).toBe('UNAUTHENTICATED');
  });
});

describe('/api', () => {
  test('a login answers 201 with the bare token', async () => {
    const answer = await send({ url: api, method: 'POST', headers: { authorization } });
    expect(answer.status).toBe(201);
    expect(answer.json).toMatch(/^[\da-f]{64}$/);
  });

  test('a logout answers 204 without a body', async () => {
    const { json } = await send({ url: api, method: 'POST', headers: { authorization } });
    const answer = await send({ url: api, method: 'DELETE', headers: { 'vmware-api-session-id': json } });
    expect(answer.status).toBe(204);
    expect(answer.body).toHaveLength(0);
  });

  test('errors have no envelope', async () => {
    const answer = await send({ url: api });
    expect(answer.status).toBe(401);
    expect(answer.json).toMatchObject({ error_type: 'UNAUTHENTICATED', messages: [expect.anything()] });
    expect(answer.json.type).toBeUndefined();
  });
});

test.each([
  ['a wrong password', basic('ann', 'wrong')],
  ['an unknown user', basic('eve', "eve's")],
  ['another scheme', 'Bearer abc'],
  ['no credentials', undefined],
  ['Basic without a colon', `Basic ${Buffer.from('ann').toString('base64')}`],
])('a login with %s is refused with a challenge', async (_, value) => {
  const answer = await send({ url: rest, method: 'POST', ...(value ? { headers: { authorization: value } } : {}) });
  expect(answer.status).toBe(401);
  expect(answer.headers['www-authenticate']).toBe('Basic realm="ovfkit"');
  expect(answer.json.value.error_type).toBe('UNAUTHENTICATED');
});

test('a token that is not used for the idle time ends, a used one does not', async () => {
  let now = 1_000_000;
  const timed = await startService({ tokenIdleMs: 1000, clock: () => now });
  const url = `${timed.url}/rest/com/vmware/vcenter/ovf/export-flag`;
  for (const step of [900, 900, 900]) {
    now += step;
    expect((await send({ url, headers: timed.auth })).status).toBe(200);
  }
  now += 1000;
  expect((await send({ url, headers: timed.auth })).status).toBe(401);
});

test('the sixth wrong password in a row has to wait, the right one too, and another user not', async () => {
  let now = 1_000_000;
  const timed = await startService({ clock: () => now });
  const url = `${timed.url}/rest/com/vmware/cis/session`;
  const wrong = { url, method: 'POST', headers: { authorization: basic('ann', 'guess') } };
  const right = { url, method: 'POST', headers: { authorization } };
  for (const _ of Array(6)) expect((await send(wrong)).status).toBe(401);
  const refused = await send(right);
  expect(refused.status).toBe(503);
  expect(refused.headers['retry-after']).toBe('1');
  expect(refused.json.value.error_type).toBe('SERVICE_UNAVAILABLE');
  expect((await send({ url, method: 'POST', headers: { authorization: basic('bob', "bob's") } })).status).toBe(200);
  now += 1000;
  expect((await send(right)).status).toBe(200);
});
