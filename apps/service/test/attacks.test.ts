import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { createServer, request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type Running, run, start, temporaryFolder } from './support/process.ts';
import { descriptorFor, logIn, send } from './support/wire.ts';

const password = 'correct horse';
const others = 'battery staple';
const attackerAddress = '127.0.0.66';

interface Target {
  readonly service: Running;
  readonly data: string;
  readonly folder: string;
}

/** A service with the users `admin` and `eve`, who is an operator. */
async function openTarget(...flags: readonly string[]): Promise<Target> {
  const folder = await temporaryFolder();
  const data = join(folder, 'data');
  const argv = ['--data', data, '--listen', '127.0.0.1:0', '--plain-http', ...flags];
  const service = await start({ argv, environment: { OVFKITD_ADMIN_PASSWORD: password } });
  const environment = { OVFKITD_USER_PASSWORD: others };
  await run({ argv: ['user', 'add', 'eve', '--data', data], environment });
  return { service, data, folder };
}

/** One request from the attacker's address; 0 when the connection was closed without an answer. */
function attack(
  url: string,
  { method = 'GET', headers = {}, body = '', path = '' },
): Promise<{ status: number; text: string }> {
  return new Promise((resolve) => {
    const { hostname, port, pathname, search } = new URL(url);
    const options = { hostname, port, method, headers, path: path || `${pathname}${search}`, agent: false as const };
    const open = request({ ...options, localAddress: attackerAddress }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('close', () => resolve({ status: response.statusCode ?? 0, text }));
    });
    open.on('error', () => resolve({ status: 0, text: '' }));
    open.end(body);
  });
}

async function tokenOf(url: string, user: string, secret: string): Promise<string> {
  const authorization = `Basic ${Buffer.from(`${user}:${secret}`).toString('base64')}`;
  return JSON.parse((await attack(`${url}/api/session`, { method: 'POST', headers: { authorization } })).text);
}

/** A number of the running process, by its own account to the system. */
async function factsOf(pid: number): Promise<{ readonly files: number; readonly memory: number }> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const files = await readdir(`/proc/${pid}/fd`);
  return { files: files.length, memory: Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) * 1024 };
}

const errorsOf = async (url: string, id: string, token: string) =>
  JSON.parse(
    (
      await send({
        url: `${url}/rest/com/vmware/vcenter/ovf/import-session/id:${id}`,
        headers: { 'vmware-api-session-id': token },
      })
    ).text,
  ).value;

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

const bomb = `<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">${Array.from({ length: 20 }, (_, at) => `<!ENTITY a${at} "${'&a;'.repeat(10)}">`).join('')}]><Envelope>&a19;</Envelope>`;
const plain = descriptorFor(10);
const named = (name: string) => plain.replaceAll('disk.vmdk', name);
const hostile: readonly (readonly [string, string | Uint8Array])[] = [
  ['an entity bomb', bomb],
  [
    'a reference to a file of the server',
    plain.replace('<Envelope', '<!DOCTYPE x SYSTEM "file:///etc/passwd"><Envelope'),
  ],
  ['elements nested a hundred thousand deep', `${'<a>'.repeat(100_000)}`],
  [
    'an element with a million attributes',
    `<Envelope ${Array.from({ length: 100_000 }, (_, at) => `a${at}="1"`).join(' ')}/>`,
  ],
  ['a compressed bomb', gzipSync(Buffer.alloc(32 * 1024 * 1024))],
  ['bytes that are no text', randomBytes(100_000)],
  ['nothing but zeros', new Uint8Array(1_000_000)],
  ['a terabyte in pieces of a byte', plain.replace(/ovf:size="\d+"/, 'ovf:size="1099511627776" ovf:chunkSize="1"')],
  ['more than a text may have', `<!--${'a'.repeat(17 * 1024 * 1024)}-->`],
  [
    'names that differ by case only',
    plain.replace(
      /(<File [^>]*>)/,
      (file) => `${file}${file.replace('disk.vmdk', 'DISK.VMDK').replace(/id="[^"]*"/, 'id="twin"')}`,
    ),
  ],
];

test('hostile descriptors end their sessions, one clear error each, and nothing else happens', async () => {
  const { service, data, folder } = await openTarget();
  const admin = await logIn(service.url, password);
  const token = await tokenOf(service.url, 'admin', password);
  for (const [what, bytes] of hostile) {
    const id = await admin.create();
    await admin.upload(await admin.fileUrl(id, 'descriptor.ovf'), bytes).catch(() => {}); // refused while it is sent
    const isOver = async () => /ERROR|SELECTING/.test((await errorsOf(service.url, id, token)).state);
    await expect.poll(isOver, { timeout: 20_000, message: what }).toBe(true);
    const { state, errors } = await errorsOf(service.url, id, token);
    if (what !== 'names that differ by case only') expect([what, state]).toEqual([what, 'IMPORT_ERROR']);
    if (state === 'IMPORT_ERROR') expect(errors.length, what).toBeGreaterThan(0);
  }
  for (const name of ['../../../escape', '/etc/escape', 'a/../../escape', '..\\..\\escape']) {
    const id = await admin.create();
    await admin.upload(await admin.fileUrl(id, 'descriptor.ovf'), named(name)).catch(() => {});
    await expect.poll(async () => (await errorsOf(service.url, id, token)).state).not.toBe('IMPORT_OVF_TRANSFER');
  }
  expect(await readdir(folder)).toEqual(['data']);
  expect((await readdir(data)).sort()).toEqual(
    expect.arrayContaining(['audit.jsonl', 'blobs', 'ovfkit.sqlite', 'secrets']),
  );
  expect((await send({ url: `${service.url}/health` })).status).toBe(200);
  expect(service.log()).not.toMatch(/"level":"(error|fatal)"/);
});

interface Member {
  readonly name: string;
  readonly body?: string;
  /** As the header claims it, when it lies. */
  readonly size?: number;
  readonly type?: string;
}

/** A tar archive by hand, for no writer of ours makes such ones. */
function archive(...members: readonly Member[]): Buffer {
  const blocks = members.flatMap(({ name, body = '', size = body.length, type = '0' }) => {
    const header = Buffer.alloc(512);
    header.write(name, 0);
    header.write('0000644\0', 100);
    header.write(`${size.toString(8).padStart(11, '0')}\0`, 124);
    header.write('        ', 148);
    header.write(type, 156);
    header.write('/etc/passwd', 157);
    header.write('ustar\x0000', 257);
    header.write(
      `${header
        .reduce((sum, byte) => sum + byte, 0)
        .toString(8)
        .padStart(6, '0')}\0 `,
      148,
    );
    return [header, Buffer.from(body), Buffer.alloc((512 - (body.length % 512)) % 512)];
  });
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}

const archives: readonly (readonly [string, Buffer])[] = [
  ['a symbolic link', archive({ name: 'a.ovf', type: '2' })],
  ['a hard link', archive({ name: 'a.ovf', type: '1' })],
  ['a device', archive({ name: 'a.ovf', type: '3' })],
  ['a path that leads out', archive({ name: '../../escape.ovf', body: plain })],
  ['a path from the root', archive({ name: '/etc/escape.ovf', body: plain })],
  ['a name twice', archive({ name: 'a.txt' }, { name: 'a.txt' }, { name: 'a.ovf', body: plain })],
  ['a name twice but for its case', archive({ name: 'a.txt' }, { name: 'A.TXT' }, { name: 'a.ovf', body: plain })],
  ['a size beyond its end', archive({ name: 'a.ovf', body: plain, size: 5_000_000_000 })],
  ['a descriptor beyond the limit', archive({ name: 'a.ovf', body: `<!--${'a'.repeat(17 * 1024 * 1024)}-->` })],
  ['no descriptor', archive({ name: 'a.txt', body: 'a' })],
  ['garbage', randomBytes(4096)],
];

test('hostile archives end their sessions, one clear error each, and nothing else happens', async () => {
  const { service, data, folder } = await openTarget();
  const admin = await logIn(service.url, password);
  const token = await tokenOf(service.url, 'admin', password);
  for (const [what, bytes] of archives) {
    const id = await admin.create({ source_type: 'PUSH_SOURCE', push_source_content_type: 'OVA_SOURCE' });
    await admin.upload(await admin.fileUrl(id, 'descriptor.ova'), bytes).catch(() => {}); // refused while it is sent
    const stateOf = async () => (await errorsOf(service.url, id, token)).state;
    await expect.poll(stateOf, { timeout: 20_000, message: what }).toBe('IMPORT_ERROR');
    expect((await errorsOf(service.url, id, token)).errors.length, what).toBeGreaterThan(0);
  }
  expect(await readdir(folder)).toEqual(['data']);
  await expect.poll(() => readdir(join(data, 'blobs'))).toEqual([]);
  expect(service.log()).not.toMatch(/"level":"(error|fatal)"/);
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

const forbidden = [
  'http://127.0.0.1:1/a.ovf',
  'http://2130706433/a.ovf',
  'http://0177.0.0.1/a.ovf',
  'http://0x7f.1/a.ovf',
  'http://[::1]/a.ovf',
  'http://[::ffff:169.254.169.254]/a.ovf',
  'http://[64:ff9b::a9fe:a9fe]/a.ovf',
  'http://[2002:a9fe:a9fe::]/a.ovf',
  'http://169.254.169.254/latest/meta-data/a.ovf',
  'http://localhost/a.ovf',
  'http://0.0.0.0/a.ovf',
  'file:///etc/passwd',
  'ftp://10.0.0.1/a.ovf',
  'gopher://127.0.0.1:25/_a.ovf',
];

test('no spelling of a forbidden address is pulled from or probed', async () => {
  // a public URL: others reach this service, so not even its own machine is for them
  const { service } = await openTarget('--public-url', 'http://ovf.example.com');
  const admin = await logIn(service.url, password);
  const token = await tokenOf(service.url, 'admin', password);
  const probe = `${service.url}/rest/com/vmware/vcenter/ovf/import-session?~action=probe`;
  for (const url of forbidden) {
    const answer = await admin.call('POST', probe, { uri: url });
    expect([url, answer.status]).toEqual([url, 'INVALID_URL']);
    const id = await admin.create({ source_type: 'PULL_SOURCE', pull_source: url }).catch(() => undefined);
    if (id === undefined) continue; // not http: refused at once
    await expect.poll(async () => (await errorsOf(service.url, id, token)).state).toBe('IMPORT_ERROR');
    expect(JSON.stringify((await errorsOf(service.url, id, token)).errors)).toContain('not allowed');
  }
}, 60_000);

test('a descriptor from an allowed server does not lead to a forbidden one, nor does a redirect', async () => {
  const { service } = await openTarget('--pull-deny', '127.0.0.2');
  const admin = await logIn(service.url, password);
  const token = await tokenOf(service.url, 'admin', password);
  const asked: string[] = [];
  const server = createServer((incoming, response) => {
    asked.push(`${incoming.socket.localAddress} ${incoming.url}`);
    const { port = 0 } = incoming.socket.address() as { readonly port?: number }; // a socket of TCP has one
    const elsewhere = `http://127.0.0.2:${port}/secret.vmdk`;
    if (incoming.url === '/moved.ovf') response.writeHead(302, { location: elsewhere }).end();
    else if (incoming.url === '/a.ovf') response.end(descriptorFor(10).replace('"disk.vmdk"', `"${elsewhere}"`));
    else response.writeHead(404).end();
  }).listen(0);
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  const { port = 0 } = server.address() as { readonly port?: number }; // as above
  const pull = (name: string) =>
    admin.create({ source_type: 'PULL_SOURCE', pull_source: `http://127.0.0.1:${port}/${name}` });
  const stateOf = async (id: string) => (await errorsOf(service.url, id, token)).state;
  const moved = await pull('moved.ovf');
  await expect.poll(() => stateOf(moved)).toBe('IMPORT_ERROR');
  const naming = await pull('a.ovf');
  await admin.until(naming, 'IMPORT_SELECTING_OVF_PARAMS');
  await admin.instantiate(naming);
  await expect.poll(() => stateOf(naming)).toBe('IMPORT_ERROR');
  for (const id of [moved, naming])
    expect(JSON.stringify((await errorsOf(service.url, id, token)).errors)).toContain('not allowed');
  expect(asked.filter((each) => each.includes('127.0.0.2'))).toEqual([]);
});
