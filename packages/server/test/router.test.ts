import { operations, pathOf } from '@ovfkit/domain/wire';
import { describe, expect, test, vi } from 'vitest';
import { send } from './support/http.ts';
import { client, startService } from './support/service.ts';

const reports: unknown[] = [];
const requests: { path: string; user?: string; status: number }[] = [];
const service = await startService({
  onError: (report) => reports.push(report),
  onRequest: (report) => requests.push(report),
});
const ovf = `${service.url}/rest/com/vmware/vcenter/ovf`;
const headers = service.auth;

describe('every operation', () => {
  test.each(operations.flatMap((each) => (['rest', 'api'] as const).map((dialect) => [each, dialect] as const)))(
    '%# needs a token, and with one never answers that it is unknown',
    async (each, dialect) => {
      const name = dialect === 'api' ? (each.inApi?.action ?? each.action) : each.action;
      const action = name === undefined ? '' : `?${dialect === 'rest' ? '~' : ''}action=${name}`;
      const url = `${service.url}${pathOf(each, dialect).replaceAll(/\{\w+\}/g, 'x-1')}${action}`;
      const without = await send({ url, method: each.method });
      expect(without.status).toBe(401);
      const answer = await send({
        url,
        method: each.method,
        headers,
        ...(each.method === 'POST' ? { body: '{}' } : {}),
      });
      const text = answer.body.toString();
      expect(text).not.toContain('OPERATION_NOT_FOUND');
      if (answer.status >= 400 && dialect === 'rest') expect(answer.json.type).toContain('com.vmware.vapi.std.errors.');
      if (answer.status >= 400 && dialect === 'api') expect(answer.json.error_type).toMatch(/^[A-Z_]+$/);
    },
  );
});

test('an unknown path is an operation that is not found, in the form of its dialect', async () => {
  const rest = await send({ url: `${ovf}/nothing`, headers });
  expect(rest.status).toBe(404);
  expect(rest.json.type).toBe('com.vmware.vapi.std.errors.operation_not_found');
  const api = await send({ url: `${service.url}/api/nothing`, headers });
  expect(api.status).toBe(404);
  expect(api.json.error_type).toBe('OPERATION_NOT_FOUND');
  expect((await send({ url: `${ovf}/import-session?~action=nothing`, method: 'POST', headers })).status).toBe(404);
  expect((await send({ url: `${service.url}/%zz` })).json.value.error_type).toBe('OPERATION_NOT_FOUND');
});

test('a request without a token is refused before its body is read', async () => {
  const url = `${ovf}/import-session?~action=preview`;
  const answer = await send({ url, method: 'POST', headers: { 'content-length': '5', expect: '100-continue' } });
  expect(answer.status).toBe(401);
});

test('a body that is not JSON, not an object, or of wrong types is named', async () => {
  const url = `${ovf}/import-session?~action=preview`;
  const post = async (body: string) => (await send({ url, method: 'POST', headers, body })).json.value;
  expect((await post('{"ovf')).error_type).toBe('INVALID_REQUEST');
  expect((await post('[]')).error_type).toBe('INVALID_ARGUMENT');
  const wrong = await post('{"ovf_descriptor": 5}');
  expect(wrong.error_type).toBe('INVALID_ARGUMENT');
  expect(wrong.messages[0].default_message).toContain('ovf_descriptor');
});

test('a body beyond the limit is refused with the limit, whether its length was told or not', async () => {
  const small = await startService({ limits: { jsonBody: 1000 } });
  const url = `${small.url}/rest/com/vmware/vcenter/ovf/import-session?~action=preview`;
  const body = JSON.stringify({ ovf_descriptor: 'x'.repeat(2000) });
  for (const extra of [{}, { 'transfer-encoding': 'chunked' }]) {
    const answer = await send({ url, method: 'POST', headers: { ...small.auth, ...extra }, body });
    expect(answer.status).toBe(400);
    expect(answer.json.value.messages[0].default_message).toContain('1000 bytes');
  }
});

test('a descriptor of 20 MiB is previewed', async () => {
  const body = JSON.stringify({ ovf_descriptor: 'x'.repeat(20 * 1024 * 1024) });
  const answer = await send({ url: `${ovf}/import-session?~action=preview`, method: 'POST', headers, body });
  expect(answer.json.value.files).toEqual([{ name: String(20 * 1024 * 1024) }]);
});

test('an unexpected error leaks nothing but an id, under which it is reported', async () => {
  const url = `${ovf}/import-session?~action=probe`;
  const answer = await send({ url, method: 'POST', headers, body: '{"uri":"http://x/"}' });
  expect(answer.status).toBe(500);
  expect(answer.body.toString()).not.toContain('secret detail');
  const id = /under ([\da-f-]{36})/.exec(answer.json.value.messages[0].default_message)?.[1];
  expect(reports).toContainEqual(
    expect.objectContaining({ id, error: expect.objectContaining({ message: 'secret detail of a bug' }) }),
  );
});

test('the language that the client likes best goes to the backend', async () => {
  const url = `${ovf}/export-flag`;
  await send({ url, headers: { ...headers, 'accept-language': 'fr;q=0.5, de-AT, *;q=0.1' } });
  expect(service.calls.at(-1)).toEqual(['export flags', {}, 'de-AT']);
  await send({ url, headers });
  expect(service.calls.at(-1)).toEqual(['export flags', {}, undefined]);
});

test('a viewer reads and previews, and changes nothing', async () => {
  const viewer = (await client(service.url, 'bob')).auth;
  expect((await send({ url: `${ovf}/export-flag`, headers: viewer })).status).toBe(200);
  const preview = { url: `${ovf}/import-session?~action=preview`, method: 'POST', body: '{"ovf_descriptor":""}' };
  expect((await send({ ...preview, headers: viewer })).status).toBe(200);
  const refused = await send({ url: `${ovf}/import-session/id:x`, method: 'DELETE', headers: viewer });
  expect(refused.status).toBe(403);
  expect(refused.json.value.error_type).toBe('UNAUTHORIZED');
});

test('void operations answer 200 with an empty body in /rest and 204 in /api', async () => {
  const rest = await send({ url: `${ovf}/import-session/id:x`, method: 'DELETE', headers });
  expect([rest.status, rest.body.length]).toEqual([200, 0]);
  const api = await send({ url: `${service.url}/api/vcenter/ovf/import-session/x`, method: 'DELETE', headers });
  expect([api.status, api.body.length]).toEqual([204, 0]);
});

test('requests are reported with user and status, and without capabilities and queries', async () => {
  const url = await service.fileUrl(await service.newImport(), 'disk.vmdk');
  await send({ url: `${url}?a=b`, method: 'PUT', body: 'x' });
  await vi.waitFor(() => expect(requests.at(-1)).toMatchObject({ path: '/ovf/transfer/…/disk.vmdk', status: 201 }));
  await send({ url: `${ovf}/export-flag`, headers });
  const path = '/rest/com/vmware/vcenter/ovf/export-flag';
  await vi.waitFor(() => expect(requests.at(-1)).toMatchObject({ path, status: 200, user: 'ann' }));
});

test('the health check needs no token', async () => {
  const answer = await send({ url: `${service.url}/health` });
  expect([answer.status, answer.json]).toEqual([200, { status: 'ok' }]);
});

test('whoever asks whether it is ready is told what it lacks, without a token', async () => {
  const ready = await send({ url: `${service.url}/ready` });
  expect([ready.status, ready.json]).toEqual([200, { status: 'ready' }]);
  const lacking = await startService({ dependencies: async () => ({ vsphere: 'unavailable', disk: 'available' }) });
  const answer = await send({ url: `${lacking.url}/ready` });
  expect([answer.status, answer.json]).toEqual([
    503,
    { status: 'unavailable', vsphere: 'unavailable', disk: 'available' },
  ]);
});
