import { chown, readdir, readFile, rename, stat } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { run, start, temporaryFolder } from './support/process.ts';
import { logIn, send } from './support/wire.ts';

const anyPort = ['--listen', '127.0.0.1:0', '--plain-http'];
const environment = { OVFKITD_ADMIN_PASSWORD: 'correct horse' };
const users = (data: string, argv: readonly string[], password = '') =>
  run({
    argv: ['user', ...argv, '--data', data],
    environment: password === '' ? {} : { OVFKITD_USER_PASSWORD: password },
  });

const sessionOf = (url: string, user: string, password: string) =>
  send({
    url: `${url}/api/session`,
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}` },
  });

const auditOf = async (path: string) =>
  (await readFile(path, 'utf8'))
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));

test('users come, change and go beside a running service, and what they had logged in goes with them', async () => {
  const data = await temporaryFolder();
  const service = await start({ argv: ['--data', data, ...anyPort], environment });
  expect(await users(data, ['add', 'ann', '--role', 'viewer'], 'first password')).toMatchObject({
    code: 0,
    output: 'ann may log in now, as viewer.\n',
  });
  expect((await users(data, ['list'])).output).toBe('admin  admin\nann  viewer\n');
  const first = await sessionOf(service.url, 'ann', 'first password');
  const call = (token: string) =>
    send({ url: `${service.url}/rest/vcenter/vm`, headers: { 'vmware-api-session-id': JSON.parse(token) } });
  expect((await call(first.text)).status).toBe(200);
  expect((await users(data, ['passwd', 'ann'], 'second password')).code).toBe(0);
  expect((await call(first.text)).status).toBe(401);
  expect((await sessionOf(service.url, 'ann', 'first password')).status).toBe(401);
  const second = await sessionOf(service.url, 'ann', 'second password');
  expect((await call(second.text)).status).toBe(200);
  expect((await users(data, ['remove', 'ann'])).code).toBe(0);
  expect((await call(second.text)).status).toBe(401);
  expect(await auditOf(join(data, 'audit.jsonl'))).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ operation: 'user.add', target: { user: 'ann' }, outcome: 'done' }),
      expect.objectContaining({ operation: 'user.remove', target: { user: 'ann' } }),
    ]),
  );
  expect(await readFile(join(data, 'audit.jsonl'), 'utf8')).not.toContain('password');
});

test('what commands make belongs to the owner of the folder, though it is root who calls', async () => {
  const data = await temporaryFolder();
  const isRoot = process.getuid?.() === 0;
  if (isRoot) await chown(data, 12_345, 12_346); // a user of the service's own
  const { uid, gid } = await stat(data);
  expect(await users(data, ['add', 'ann'], 'first password')).toMatchObject({ code: 0 });
  expect(await run({ argv: ['gc', '--data', data] })).toMatchObject({ code: 0 });
  const names = await readdir(data, { recursive: true });
  expect(names).toEqual(expect.arrayContaining(['audit.jsonl', 'ovfkit.sqlite', 'blobs']));
  for (const name of names) expect([name, await stat(join(data, name))]).toMatchObject([name, { uid, gid }]);
  expect((await auditOf(join(data, 'audit.jsonl')))[0]).toMatchObject({ user: userInfo().username });
});

test('a file URL ends with the user it was made for', async () => {
  const data = await temporaryFolder();
  const service = await start({ argv: ['--data', data, ...anyPort], environment });
  const admin = await logIn(service.url, 'correct horse');
  const url = await admin.fileUrl(await admin.create(), 'descriptor.ovf');
  expect((await send({ url, method: 'HEAD' })).status).toBe(204);
  expect((await users(data, ['passwd', 'admin'], 'another horse')).code).toBe(0);
  const refused = await send({ url, method: 'PUT', body: 'x' });
  expect(refused.status).toBe(403);
});

test('the password that is set already ends nothing at the next start', async () => {
  const data = await temporaryFolder();
  const argv = ['--data', data, ...anyPort];
  const first = await start({ argv, environment });
  const client = await logIn(first.url, 'correct horse');
  const { pathname } = new URL(await client.fileUrl(await client.create(), 'descriptor.ovf'));
  await first.stop();
  const second = await start({ argv, environment });
  expect((await send({ url: `${second.url}${pathname}`, method: 'HEAD' })).status).toBe(204);
});

test('a password comes from standard input, and from nowhere else than it may', async () => {
  const data = await temporaryFolder();
  const byInput = await run({ argv: ['user', 'add', 'ann', '--data', data], input: 'piped password\nmore\n' });
  expect(byInput).toMatchObject({ code: 0, log: '' });
  const service = await start({ argv: ['--data', data, ...anyPort], environment });
  expect((await sessionOf(service.url, 'ann', 'piped password')).status).toBe(201);
  const onCommandLine = await run({ argv: ['user', 'add', 'bob', '--password', 'x', '--data', data] });
  expect([onCommandLine.code, onCommandLine.log]).toEqual([2, expect.stringContaining('--password')]);
});

test('a password that is typed at a terminal is not shown', async () => {
  const data = await temporaryFolder();
  const { code, output } = await run({
    argv: ['user', 'add', 'ann', '--data', data],
    input: 'typed password\r',
    atTerminal: true,
  });
  expect(code).toBe(0);
  expect(output).toContain('New password of ann: ');
  expect(output).not.toContain('typed');
});

describe('a call that is wrong ends with 2 and says why', () => {
  test.each([
    [['add'], '', 'user add NAME'],
    [['add', 'ann', 'bob'], '', 'user add NAME'],
    [['promote', 'ann'], '', 'user promote ann'],
    [['add', 'ann', '--role', 'king'], 'long enough', 'viewer, operator or admin'],
    [['add', 'ann'], 'short', 'at least 8'],
    [['passwd', 'ann'], 'long enough', 'no user ann'],
    [['remove', 'ann'], '', 'no user ann'],
  ])('%j', async (argv, password, reason) => {
    const { code, log } = await users(await temporaryFolder(), argv, password);
    expect([code, log]).toEqual([2, expect.stringContaining(reason)]);
  });

  test('an unknown command', async () => {
    const { code, log } = await run({ argv: ['start', '--data', await temporaryFolder()] });
    expect([code, log]).toEqual([2, expect.stringContaining('start: there is no such command')]);
  });
});

describe('the audit log', () => {
  test('has who did what to which session from where, and no secret', async () => {
    const data = await temporaryFolder();
    const service = await start({ argv: ['--data', data, ...anyPort], environment });
    const client = await logIn(service.url, 'correct horse');
    const id = await client.create();
    const url = await client.fileUrl(id, 'descriptor.ovf');
    await client.upload(url, 'no descriptor');
    await sessionOf(service.url, 'eve', 'guess me');
    await service.stop();
    const text = await readFile(join(data, 'audit.jsonl'), 'utf8');
    const own = { user: 'admin', from: '127.0.0.1', time: expect.stringMatching(/^\d{4}-.*Z$/) };
    expect(await auditOf(join(data, 'audit.jsonl'))).toEqual([
      { ...own, operation: 'session.create', outcome: 'done' },
      expect.objectContaining({
        ...own,
        operation: 'import_session.create_for_resource_pool',
        made: id,
        outcome: 'done',
      }),
      { ...own, operation: 'file.upload', target: { import: id, file: 'descriptor.ovf' }, outcome: 'done' },
      { ...own, user: '(no user, 3 characters)', operation: 'session.create', outcome: 'UNAUTHENTICATED' },
    ]);
    const capability = new URL(url).pathname.split('/')[3] ?? 'none';
    for (const secret of ['correct horse', 'guess me', capability]) expect(text).not.toContain(secret);
  });

  test('goes on in a new file after SIGHUP, and the service goes on', async () => {
    const data = await temporaryFolder();
    const path = join(data, 'who.jsonl');
    const service = await start({ argv: ['--data', data, '--audit-file', path, ...anyPort], environment });
    await logIn(service.url, 'correct horse');
    await rename(path, `${path}.1`);
    await logIn(service.url, 'correct horse');
    service.signal('SIGHUP');
    await expect.poll(() => readFile(path, 'utf8')).toBe('');
    await logIn(service.url, 'correct horse');
    await expect.poll(async () => (await readFile(path, 'utf8')).split('\n').length).toBe(2);
    expect(await auditOf(`${path}.1`)).toHaveLength(2);
  });
});

describe('--check-config', () => {
  test('prints what is in effect, without secrets, and starts nothing', async () => {
    const data = join(await temporaryFolder(), 'not-made');
    const { code, output } = await run({
      argv: ['--check-config', '--data', data, '--limits-uploads', '7'],
      environment: { ...environment, OVFKITD_LOG_LEVEL: 'warn' },
    });
    expect(code).toBe(0);
    expect(output).toContain('limits.uploads = 7 (--limits-uploads)\n');
    expect(output).toContain('logLevel = warn (OVFKITD_LOG_LEVEL)\n');
    expect(output).toContain('OVFKITD_ADMIN_PASSWORD = … (set)\n');
    expect(output).not.toContain('correct horse');
    await expect(readFile(data)).rejects.toThrow('ENOENT');
  });

  test('says everything that is wrong, with exit code 2', async () => {
    const { code, log } = await run({ argv: ['--check-config', '--limits-uploads', 'many', '--listen', 'x'] });
    expect(code).toBe(2);
    expect(log.match(/^ovfkitd: --/gm)).toHaveLength(3);
  });

  test('looks at the certificate too', async () => {
    const argv = ['--check-config', '--data', 'd', '--tls-cert', '/no/cert.pem', '--tls-key', '/no/key.pem'];
    expect(await run({ argv })).toMatchObject({ code: 2, log: expect.stringContaining('tls.cert') });
  });
});
