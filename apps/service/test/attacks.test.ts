import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { attack, attackerAddress, openTarget, others, password, tokenOf } from './support/attack.ts';
import { descriptorFor, logIn, send } from './support/wire.ts';

/** A number of the running process, by its own account to the system. */
async function factsOf(pid: number): Promise<{ readonly files: number; readonly memory: number }> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const files = await readdir(`/proc/${pid}/fd`);
  return { files: files.length, memory: Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) * 1024 };
}

describe('what is another user’s', () => {
  test('is not seen, not used and not told apart from what is not there', async () => {
    const { service } = await openTarget();
    const admin = await logIn(service.url, password);
    const id = await admin.create();
    const headers = { 'vmware-api-session-id': await tokenOf(service.url, 'eve', others) };
    const imports = `${service.url}/rest/com/vmware/vcenter/ovf/import-session`;
    const known = await attack(`${imports}/id:${id}`, { headers });
    const unknown = await attack(`${imports}/id:00000000-0000-4000-8000-000000000000`, { headers });
    expect([known.status, unknown.status]).toEqual([404, 404]);
    expect(known.text.replaceAll(id, '')).toBe(unknown.text.replaceAll('00000000-0000-4000-8000-000000000000', ''));
    await attack(`${imports}/id:${id}`, { method: 'DELETE', headers });
    expect(await admin.get(id)).toMatchObject({ state: 'IMPORT_OVF_TRANSFER' });
  });

  test('cannot be uploaded to by a URL that was changed in any part', async () => {
    const { service, data } = await openTarget();
    const admin = await logIn(service.url, password);
    const [id, other] = [await admin.create(), await admin.create()];
    const url = await admin.fileUrl(id, 'descriptor.ovf');
    const [claims = '', signature = ''] = new URL(url).pathname.split('/')[3]?.split('.') ?? [];
    const forged = (text: string) => Buffer.from(text).toString('base64url');
    const [kind, , user, role, ends] = JSON.parse(Buffer.from(claims, 'base64url').toString());
    const capabilities = [
      `${claims}.${randomBytes(32).toString('base64url')}`,
      `${claims}.`,
      claims,
      `${claims}.${signature.slice(0, -2)}`,
      `${claims}.${signature}.${signature}`,
      `${forged(JSON.stringify([kind, other, user, role, ends]))}.${signature}`,
      `${forged(JSON.stringify([kind, id, 'eve', 'admin', ends]))}.${signature}`,
      `${forged('not json')}.${signature}`,
      'a'.repeat(8000),
    ];
    for (const capability of capabilities) {
      const path = `/ovf/transfer/${capability}/descriptor.ovf`;
      const answer = await attack(service.url, { method: 'PUT', path, body: 'x' });
      expect([404, 431], capability).toContain(answer.status);
    }
    const renamed = `${new URL(url).pathname.replace(/[^/]*$/, '')}disk.vmdk`;
    expect((await attack(service.url, { method: 'PUT', path: renamed, body: 'x' })).status).toBe(404);
    expect(await readdir(join(data, 'blobs'))).toEqual([]);
  });

  test('is not reached by guessing tokens', async () => {
    const { service } = await openTarget();
    const url = `${service.url}/rest/com/vmware/vcenter/ovf/export-flag`;
    const guesses = ['', '0', 'null', 'undefined', '__proto__', 'constructor', 'a'.repeat(4000)];
    for (const guess of [...guesses, ...Array.from({ length: 100 }, () => randomBytes(32).toString('hex'))])
      expect((await attack(url, { headers: { 'vmware-api-session-id': guess } })).status).toBe(401);
  });
});

const outside = [
  '/ovf/transfer/../../etc/passwd',
  '/ovf/transfer/x/..%2f..%2f..%2fetc%2fpasswd',
  '/..%2f..%2f..%2fetc/passwd',
  '/%2e%2e/%2e%2e/etc/passwd',
  '/rest/..;/..;/etc/passwd',
  '/ovf/transfer/x/%00',
  '/ovf/transfer/x/..\\..\\..\\etc\\passwd',
  '//etc/passwd',
  'http://169.254.169.254/latest/meta-data',
  '/%c0%ae%c0%ae/etc/passwd',
  '/%',
];

test('no form of a path leads out of the service', async () => {
  const { service } = await openTarget();
  for (const path of outside) {
    const { status, text } = await attack(service.url, { path });
    expect([400, 401, 404], path).toContain(status);
    expect(text).not.toContain('root:');
  }
});

test('whatever is too large is refused', async () => {
  const { service } = await openTarget();
  const call = `${service.url}/rest/com/vmware/vcenter/ovf/import-session?~action=preview`;
  const headers = { 'vmware-api-session-id': await tokenOf(service.url, 'eve', others) };
  const answers = await Promise.all([
    attack(service.url, { path: `/${'a'.repeat(20_000)}` }),
    attack(service.url, { headers: { 'x-large': 'a'.repeat(20_000) } }),
    attack(call, { method: 'POST', headers, body: `"${'a'.repeat(33 * 1024 * 1024)}"` }),
    attack(call, { method: 'POST', headers, body: `${'['.repeat(1_000_000)}` }),
    attack(call, { method: 'POST', headers: { ...headers, 'content-length': '99999999999999999999' } }),
  ]);
  for (const { status } of answers) expect([0, 400, 404, 413, 431]).toContain(status);
  expect((await send({ url: `${service.url}/health` })).status).toBe(200);
});

/** Connections that begin something and never end it; as many as stay open. */
async function holdOpen(
  url: string,
  { count, text }: { readonly count: number; readonly text: string },
): Promise<readonly Socket[]> {
  const { hostname, port } = new URL(url);
  const sockets: Socket[] = [];
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
  });
  for (let at = 0; at < count; at += 250) {
    const batch = Array.from({ length: Math.min(250, count - at) }, () => {
      const socket = connect({ host: hostname, port: Number(port), localAddress: attackerAddress });
      socket.on('error', () => {}); // closed by the service: that is what it is for
      sockets.push(socket);
      return once(socket, 'connect').then(
        () => void socket.write(text),
        () => {},
      );
    });
    await Promise.all(batch);
  }
  return sockets;
}

test('ten thousand connections that send half an upload leave others alone, and nothing behind', async () => {
  const { service, data } = await openTarget('--limits-header-timeout', '2s', '--limits-stall-timeout', '2s');
  const admin = await logIn(service.url, password);
  const id = await admin.create();
  const before = await factsOf(service.pid);
  const url = await admin.fileUrl(id, 'descriptor.ovf');
  const half = `PUT ${new URL(url).pathname} HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n<Envelope`;
  const held = [
    ...(await holdOpen(service.url, { count: 5_000, text: half })),
    ...(await holdOpen(service.url, { count: 5_000, text: 'GET /health HTTP/1.1\r\nHost: a\r\nX-Slow: ' })),
  ];
  expect(held.length).toBe(10_000);
  // an honest client from another address: its calls are answered while all of that is open
  const other = await admin.create();
  const waits: number[] = [];
  for (let calls = 0; calls < 20; calls += 1) {
    const startedAt = performance.now();
    expect((await admin.get(other)).state).toBe('IMPORT_OVF_TRANSFER');
    waits.push(performance.now() - startedAt);
  }
  // milliseconds are usual; this is what a machine that does ten other things may add
  expect(Math.max(...waits)).toBeLessThan(5_000);
  expect((await factsOf(service.pid)).files - before.files).toBeLessThan(1_200);
  await expect
    .poll(async () => (await factsOf(service.pid)).files, { timeout: 20_000, interval: 500 })
    .toBeLessThan(before.files + 20);
  expect((await factsOf(service.pid)).memory - before.memory).toBeLessThan(256 * 1024 * 1024);
  await admin.call('DELETE', `${service.url}/rest/com/vmware/vcenter/ovf/import-session/id:${id}`);
  await admin.call('DELETE', `${service.url}/rest/com/vmware/vcenter/ovf/import-session/id:${other}`);
  await expect.poll(() => readdir(join(data, 'blobs'))).toEqual([]);
}, 60_000);

test('a user whose quota is used up is refused with 507, loses nothing, and goes on when there is room', async () => {
  const { service } = await openTarget('--limits-quota-per-user', '3MiB');
  const admin = await logIn(service.url, password);
  const disk = Buffer.alloc(2 * 1024 * 1024, 'disk');
  const [first, second] = [await admin.create(), await admin.create()];
  for (const id of [first, second]) {
    await admin.upload(await admin.fileUrl(id, 'descriptor.ovf'), descriptorFor(disk.length));
    await admin.until(id, 'IMPORT_SELECTING_OVF_PARAMS');
  }
  expect((await admin.upload(await admin.fileUrl(first, 'disk.vmdk'), disk)).status).toBe(201);
  const url = await admin.fileUrl(second, 'disk.vmdk');
  const refused = await admin.upload(url, disk);
  expect([refused.status, JSON.parse(refused.text).value.error_type]).toEqual([507, 'UNABLE_TO_ALLOCATE_RESOURCE']);
  const kept = Number((await send({ url, method: 'HEAD' })).headers['upload-offset']);
  expect(kept).toBeGreaterThan(0);
  await admin.call('DELETE', `${service.url}/rest/com/vmware/vcenter/ovf/import-session/id:${first}`);
  const headers = { 'content-type': 'application/partial-upload', 'upload-offset': String(kept) };
  const rest = { url, method: 'PATCH', headers, body: disk.subarray(kept) };
  await expect.poll(async () => (await send(rest)).status).toBe(201);
});

test('an item of a library counts to the quota of who brought its bytes, when the session that did is long gone', async () => {
  const { service } = await openTarget('--limits-quota-per-user', '3MiB');
  const admin = await logIn(service.url, password);
  const content = `${service.url}/rest/com/vmware/content`;
  const [{ datastore }] = await admin.call('GET', `${service.url}/rest/vcenter/datastore`);
  const backing = { type: 'DATASTORE', datastore_id: datastore };
  const libraryId = await admin.call('POST', `${content}/local-library`, {
    create_spec: { name: 'l', type: 'LOCAL', storage_backings: [backing] },
  });
  const create = { create_spec: { library_id: libraryId, name: 'i', type: 'iso' } };
  const itemId = await admin.call('POST', `${content}/library/item`, create);
  const updates = `${content}/library/item/update-session`;
  const update = await admin.call('POST', updates, { create_spec: { library_item_id: itemId } });
  const add = { file_spec: { name: 'a.iso', source_type: 'PUSH' } };
  const file = await admin.call('POST', `${content}/library/item/updatesession/file/id:${update}?~action=add`, add);
  expect((await admin.upload(file.upload_endpoint.uri, Buffer.alloc(2 * 1024 * 1024, 'iso'))).status).toBe(201);
  await admin.call('POST', `${updates}/id:${update}?~action=complete`, {});
  await expect.poll(async () => (await admin.call('GET', `${updates}/id:${update}`)).state).toBe('DONE');
  await admin.call('DELETE', `${updates}/id:${update}`);
  const disk = Buffer.alloc(2 * 1024 * 1024, 'disk');
  const id = await admin.create();
  await admin.upload(await admin.fileUrl(id, 'descriptor.ovf'), descriptorFor(disk.length));
  await admin.until(id, 'IMPORT_SELECTING_OVF_PARAMS');
  const upload = async () => (await admin.upload(await admin.fileUrl(id, 'disk.vmdk'), disk)).status;
  expect(await upload()).toBe(507);
  await admin.call('DELETE', `${content}/library/item/id:${itemId}`);
  await expect.poll(upload).toBe(201);
});
