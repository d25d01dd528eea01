import { expect, test } from 'vitest';
import { createFileUrls } from '../src/file-url.ts';
import { names } from './support/file-backend.ts';
import { send } from './support/http.ts';
import { client, startService } from './support/service.ts';

const hour = 3_600_000;
const principal = { user: 'ann', role: 'operator' } as const;

test('a URL names one file, and works for no other', async () => {
  const service = await startService();
  const id = await service.newImport();
  const url = await service.fileUrl(id, names.plain);
  expect(url).toMatch(new RegExp(`^${service.url}/ovf/transfer/[\\w-]+\\.[\\w-]{43}/disk\\.vmdk$`));
  const other = url.replace('disk.vmdk', 'descriptor.ova');
  expect((await send({ url: other, method: 'PUT', body: 'x' })).status).toBe(404);
  expect((await send({ url, method: 'PUT', body: 'x' })).status).toBe(201);
});

test('a URL needs no token, and a name of any characters', async () => {
  const service = await startService();
  const url = await service.fileUrl(await service.newImport(), names.disk);
  expect((await send({ url, method: 'PUT', body: 'x' })).status).toBe(201);
});

test('a changed capability is refused', async () => {
  const service = await startService();
  const url = await service.fileUrl(await service.newImport(), names.plain);
  const [, head = '', capability = '', tail = ''] = /^(.*transfer\/)([^/]+)(\/.*)$/.exec(url) ?? [];
  for (const at of [0, 10, capability.indexOf('.') + 1, capability.length - 2]) {
    const changed = `${capability.slice(0, at)}${capability[at] === 'A' ? 'B' : 'A'}${capability.slice(at + 1)}`;
    const answer = await send({ url: head + changed + tail, method: 'PUT', body: 'x' });
    expect([at, answer.status]).toEqual([at, 404]);
    expect(answer.json.value.error_type).toBe('NOT_FOUND');
  }
});

test('a capability with something behind it is refused', async () => {
  const service = await startService();
  const url = await service.fileUrl(await service.newImport(), names.plain);
  expect((await send({ url: url.replace('/disk.vmdk', '.x/disk.vmdk'), method: 'PUT', body: 'x' })).status).toBe(404);
});

test('an expired URL is refused with the way out, and a new one is given', async () => {
  let now = 0;
  const service = await startService({
    clock: () => now,
    tokenIdleMs: 1000 * hour,
    limits: { fileUrlLifetimeMs: hour },
  });
  const id = await service.newImport();
  const url = await service.fileUrl(id, names.plain);
  now = hour;
  expect((await send({ url, method: 'HEAD' })).status).toBe(204);
  now = 2 * hour;
  const answer = await send({ url, method: 'PUT', body: 'x' });
  expect(answer.status).toBe(403);
  expect(answer.json.value.messages[0].default_message).toContain('Get the session again');
  expect((await send({ url: await service.fileUrl(id, names.plain), method: 'PUT', body: 'x' })).status).toBe(201);
});

test('a URL outlives a restart with the same secret, and not one with another', () => {
  const options = { lifetimeMs: hour, clock: () => 0 };
  const first = createFileUrls({ secret: new Uint8Array(32), ...options });
  const grant = { kind: 'import', sessionId: 's', name: 'n', principal } as const;
  const [, , , capability = ''] = first.pathOf(grant).split('/');
  expect(createFileUrls({ secret: new Uint8Array(32), ...options }).read(capability, 'n')).toEqual(grant);
  expect(() => createFileUrls({ secret: new Uint8Array(32).fill(1), ...options }).read(capability, 'n')).toThrow(
    expect.objectContaining({ kind: 'NOT_FOUND' }),
  );
});

test.each(['', '.', 'x', 'x.y', '..', 'W10.AAAA'])('the capability %j is refused and breaks nothing', (capability) => {
  const urls = createFileUrls({ secret: new Uint8Array(32), lifetimeMs: hour, clock: () => 0 });
  expect(() => urls.read(capability, 'n')).toThrow(expect.objectContaining({ kind: 'NOT_FOUND' }));
});

test('the same list gives the same URLs for a while', async () => {
  let now = 10;
  const service = await startService({ clock: () => now });
  const id = await service.newImport();
  const url = await service.fileUrl(id, names.plain);
  now += hour / 4;
  expect(await service.fileUrl(id, names.plain)).toBe(url);
});

test('URLs begin with the Host of the request, or the configured base', async () => {
  const service = await startService();
  const id = await service.newImport();
  const info = `${service.url}/rest/com/vmware/vcenter/ovf/import-session/id:${id}`;
  const seen = async (host: string) =>
    (await send({ url: info, headers: { ...service.auth, host } })).json.value.files[0].file_url;
  expect(await seen('vc.example.com:8443')).toMatch(/^http:\/\/vc\.example\.com:8443\/ovf\/transfer\//);
  expect(await seen('evil/<script>')).toMatch(new RegExp(`^${service.url}/ovf/transfer/`));
  const fronted = await startService({ baseUrl: 'https://ovf.example.com/base/' });
  const { fileUrl, newImport } = await client(fronted.url);
  expect(await fileUrl(await newImport(), names.plain)).toMatch(/^https:\/\/ovf\.example\.com\/base\/ovf\/transfer\//);
});
