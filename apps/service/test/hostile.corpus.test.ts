// Every package of the corpus, whole and broken, by every way into the service.
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Running, start, temporaryFolder } from './support/process.ts';
import { logIn, send } from './support/wire.ts';

const folder = join(process.env['OVFKIT_CORPUS'] ?? '', 'descriptors');
const packages = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((name) => /\.(ovf|ova)$/.test(name))
  .map((name) => ({ name, isArchive: name.endsWith('.ova'), bytes: readFileSync(join(folder, name)) }));

const password = 'correct horse';
let service: Running;
let client: Awaited<ReturnType<typeof logIn>>;
let outside: string;
const server = createServer((request, response) => {
  const found = packages.find(({ name }) => `/${encodeURIComponent(name)}` === request.url);
  if (found === undefined) response.writeHead(404).end();
  else response.end(found.bytes);
});

// what is registered while hooks run is never called
const endings: (() => Promise<void> | void)[] = [() => void server.close()];
const atTheEnd = (end: () => Promise<void> | void): void => void endings.unshift(end);
afterAll(async () => {
  for (const end of endings) await end();
});

beforeAll(async () => {
  outside = await temporaryFolder(atTheEnd);
  const argv = ['--data', join(outside, 'data'), '--listen', '127.0.0.1:0', '--plain-http'];
  service = await start({ argv, environment: { OVFKITD_ADMIN_PASSWORD: password }, afterwards: atTheEnd });
  client = await logIn(service.url, password);
  await once(server.listen(0, '127.0.0.1'), 'listening');
});

const at = (name: string) => `http://127.0.0.1:${(server.address() as AddressInfo).port}/${encodeURIComponent(name)}`; // a server of TCP has one
const ovf = () => `${service.url}/rest/com/vmware/vcenter/ovf`;
const library = () => `${service.url}/rest/com/vmware/content`;

interface Ended {
  readonly state: string;
  readonly errors?: readonly { readonly category?: string; readonly issues?: readonly unknown[] }[];
}

/** Waits until a session went on from where it begins, sees that a failed one says why, and deletes it. */
async function settle(url: string): Promise<void> {
  const look = async (): Promise<Ended> => client.call('GET', url);
  await expect
    .poll(async () => (await look()).state, { timeout: 30_000, interval: 30 })
    .not.toBe('IMPORT_OVF_TRANSFER');
  const { state, errors } = await look();
  if (state.endsWith('ERROR')) expect(errors?.length, url).toBeGreaterThan(0);
  await client.call('DELETE', url);
}

test.each(packages)('$name is pushed: the session goes on, or says what is wrong', async ({ bytes, isArchive }) => {
  const form = isArchive ? 'OVA_SOURCE' : 'OVF_SOURCE';
  const id = await client.create({ source_type: 'PUSH_SOURCE', push_source_content_type: form });
  await client.upload(await client.fileUrl(id, isArchive ? 'descriptor.ova' : 'descriptor.ovf'), bytes).catch(() => {});
  await settle(`${ovf()}/import-session/id:${id}`);
});

test.each(packages)('$name is pulled: the session goes on, or says what is wrong', async ({ name }) => {
  const id = await client.create({ source_type: 'PULL_SOURCE', pull_source: at(name) });
  await settle(`${ovf()}/import-session/id:${id}`);
});

test.each(packages)(
  '$name is probed and previewed: an answer, or a refusal that is no fault of the service',
  async ({ name, bytes, isArchive }) => {
    const headers = { 'vmware-api-session-id': client.token };
    const ask = (call: string, body: object) =>
      send({ url: `${ovf()}/import-session?~action=${call}`, method: 'POST', headers, body: JSON.stringify(body) });
    const answers = [await ask('probe', { uri: at(name) })];
    if (!isArchive) answers.push(await ask('preview', { ovf_descriptor: bytes.toString('utf8') }));
    for (const { status, text } of answers)
      expect([status, text.slice(0, 300)]).toEqual([expect.toBeOneOf([200, 400]), text.slice(0, 300)]);
  },
);

test('all of them as items of a library: done, or an error that says why', async () => {
  const [{ datastore }] = await client.call('GET', `${service.url}/rest/vcenter/datastore`);
  const backing = { type: 'DATASTORE', datastore_id: datastore };
  const libraryId = await client.call('POST', `${library()}/local-library`, {
    create_spec: { name: 'corpus', type: 'LOCAL', storage_backings: [backing] },
  });
  for (const [index, { name, bytes }] of packages.entries()) {
    const create = { library_id: libraryId, name: `item ${index}`, type: 'ovf' };
    const item = await client.call('POST', `${library()}/library/item`, { create_spec: create });
    const updates = `${library()}/library/item/update-session`;
    const id = await client.call('POST', updates, { create_spec: { library_item_id: item } });
    const file = await client.call('POST', `${library()}/library/item/updatesession/file/id:${id}?~action=add`, {
      file_spec: { name: basename(name), source_type: 'PUSH' },
    });
    await client.upload(file.upload_endpoint.uri, bytes).catch(() => {});
    const end = { url: `${updates}/id:${id}?~action=complete`, method: 'POST', body: '{}' };
    const { status } = await send({ ...end, headers: { 'vmware-api-session-id': client.token } });
    expect(status, name).toBeOneOf([200, 400]);
    if (status === 400) await client.call('POST', `${updates}/id:${id}?~action=cancel`, {});
    const look = () => client.call('GET', `${updates}/id:${id}`);
    await expect.poll(async () => (await look()).state, { timeout: 30_000, interval: 30 }).not.toBe('ACTIVE');
    const { state, error_message: error } = await look();
    if (state === 'ERROR') expect(error?.default_message, name).toBeTruthy();
    await client.call('DELETE', `${updates}/id:${id}`);
    await client.call('DELETE', `${library()}/library/item/id:${item}`);
  }
});

test('nothing of that was a fault of the service, lies outside of its folder, or is left in it', async () => {
  expect(await readdir(outside)).toEqual(['data']);
  await expect.poll(() => readdir(join(outside, 'data', 'blobs')), { timeout: 30_000 }).toEqual([]);
  const memory = Number(/VmHWM:\s+(\d+)/.exec(await readFile(`/proc/${service.pid}/status`, 'utf8'))?.[1]) / 1024;
  expect(memory).toBeLessThan(600);
  expect(service.log()).not.toMatch(/"level":"(error|fatal)"/);
});
