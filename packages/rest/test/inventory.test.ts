import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { placeIn, sampleEntity } from '@ovfkit/conformance';
import { createEngine } from '@ovfkit/engine';
import { createSessionServer } from '@ovfkit/server';
import { openLocalStore } from '@ovfkit/store-local';
import { request } from 'undici';
import { afterAll, expect, test } from 'vitest';
import { createPullSource, createRestBackend } from '../src/index.ts';

const folder = await mkdtemp(join(tmpdir(), 'ovfkit-inventory-'));
const store = await openLocalStore(folder);
const { sessions, blobs, inventory, library } = store;
const engine = createEngine({
  sessions,
  blobs,
  inventory,
  library,
  pull: createPullSource({ isAllowed: () => false }),
});
const server = createSessionServer({
  backendFor: ({ user }) => engine.backendFor({ user, isAdmin: true }),
  authenticate: async (user, password) => (password === 'p' ? { user, role: 'admin' } : undefined),
  secret: new Uint8Array(32),
});
const { url } = await server.listen({ host: '127.0.0.1', port: 0 });
afterAll(async () => {
  await server.close();
  await engine.close();
  await store.close();
  await rm(folder, { recursive: true });
});
const place = await placeIn(inventory);

/** A machine of its own for one test. */
async function newMachine(name: string): Promise<string> {
  const entity = sampleEntity({ ...place, name });
  return (await inventory.create({ key: name, entity, descriptor: '', parameters: [], files: [] })).id;
}

const basic = `Basic ${Buffer.from('u:p').toString('base64')}`;
const login = await request(`${url}/api/session`, { method: 'POST', headers: { authorization: basic } });
const token = String(await login.body.json());

async function call(method: 'GET' | 'POST' | 'DELETE', path: string) {
  const { statusCode, body } = await request(`${url}${path}`, { method, headers: { 'vmware-api-session-id': token } });
  const text = await body.text();
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
  const json: any = text === '' ? undefined : JSON.parse(text);
  return { status: statusCode, json };
}

test('in /rest the power action is in the path and answers are in a value', async () => {
  const vm = await newMachine('rest');
  const path = `/rest/vcenter/vm/${vm}/power`;
  expect((await call('GET', path)).json).toEqual({ value: { state: 'POWERED_OFF', clean_power_off: true } });
  expect((await call('POST', `${path}/start`)).status).toBe(200);
  expect((await call('GET', path)).json).toEqual({ value: { state: 'POWERED_ON' } });
  const again = await call('POST', `${path}/start`);
  expect([again.status, again.json.type]).toEqual([400, 'com.vmware.vapi.std.errors.already_in_desired_state']);
  expect((await call('POST', `${path}/suspend`)).status).toBe(200);
  expect((await call('GET', `/rest/vcenter/vm?filter.power_states.1=SUSPENDED`)).json.value).toMatchObject([{ vm }]);
});

test('in /api the power action is in the query and answers are bare', async () => {
  const vm = await newMachine('api');
  const path = `/api/vcenter/vm/${vm}/power`;
  expect((await call('POST', `${path}?action=start`)).status).toBe(204);
  expect((await call('GET', path)).json).toEqual({ state: 'POWERED_ON' });
  expect((await call('GET', `/api/vcenter/vm/${vm}`)).json).toMatchObject({ power_state: 'POWERED_ON', name: 'api' });
  expect((await call('POST', `${path}?action=reset`)).status).toBe(204);
  expect((await call('POST', `${path}?action=stop`)).status).toBe(204);
  const reset = await call('POST', `${path}?action=reset`);
  expect([reset.status, reset.json.error_type]).toEqual([400, 'NOT_ALLOWED_IN_CURRENT_STATE']);
  expect((await call('POST', '/api/vcenter/vm/vm-none/power?action=start')).json.error_type).toBe('NOT_FOUND');
});

test('a machine that is powered on is not deleted', async () => {
  const vm = await newMachine('kept');
  await call('POST', `/rest/vcenter/vm/${vm}/power/start`);
  const refused = await call('DELETE', `/rest/vcenter/vm/${vm}`);
  expect([refused.status, refused.json.value.error_type]).toEqual([400, 'NOT_ALLOWED_IN_CURRENT_STATE']);
  await call('POST', `/rest/vcenter/vm/${vm}/power/stop`);
  expect((await call('DELETE', `/rest/vcenter/vm/${vm}`)).status).toBe(200);
  expect((await call('GET', `/rest/vcenter/vm/${vm}`)).status).toBe(404);
});

test('a filter that nobody has is refused, and a wrong value of one that exists', async () => {
  const unknown = await call('GET', '/rest/vcenter/vm?filter.colours.1=red');
  expect([unknown.status, unknown.json.value.error_type]).toEqual([400, 'UNEXPECTED_INPUT']);
  const wrong = await call('GET', '/api/vcenter/vm?power_states=UP');
  expect([wrong.status, wrong.json.error_type]).toEqual([400, 'INVALID_ARGUMENT']);
});

test.each([
  ['resource-pool/resgroup-8', { name: 'Resources', resource_pools: [] }],
  ['datacenter/datacenter-2', { name: 'Datacenter', vm_folder: 'group-v3', host_folder: 'group-h4' }],
  ['datastore/datastore-12', { name: 'datastore1', type: 'VMFS', accessible: true }],
])('%s can be looked at in both dialects', async (path, expected) => {
  expect((await call('GET', `/rest/vcenter/${path}`)).json.value).toMatchObject(expected);
  expect((await call('GET', `/api/vcenter/${path}`)).json).toMatchObject(expected);
});

test.each(['resource-pool/x', 'datacenter/x', 'datastore/x', 'cluster/x'])('%s is not there', async (path) => {
  expect((await call('GET', `/api/vcenter/${path}`)).json.error_type).toBe('NOT_FOUND');
});

test('a client of the REST backend switches machines on and off', async () => {
  const backend = await createRestBackend({ url, user: 'u', password: 'p' });
  const vm = await newMachine('client');
  await backend.inventory.power.start({ vm });
  expect(await backend.inventory.power.get({ vm })).toEqual({ state: 'POWERED_ON' });
  await backend.inventory.power.stop({ vm });
  expect((await backend.inventory.vm.get({ vm })).powerState).toBe('POWERED_OFF');
  await backend.close();
});
