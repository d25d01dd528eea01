import { X509Certificate } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { run, start, temporaryFolder } from './support/process.ts';
import { descriptorFor, logIn, send } from './support/wire.ts';

const password = 'correct horse';
const environment = { OVFKITD_ADMIN_PASSWORD: password };
const anyPort = ['--listen', '127.0.0.1:0'];

describe('the first start', () => {
  test('prints a password that works, and no later start prints one', async () => {
    const data = await temporaryFolder();
    const first = await start({ argv: ['--data', data, ...anyPort, '--plain-http'] });
    const generated = /^The password of the user admin is (\S+) /m.exec(first.output())?.[1] ?? '';
    expect(generated.length).toBeGreaterThanOrEqual(20);
    await logIn(first.url, generated);
    expect(await first.stop()).toBe(0);
    const second = await start({ argv: ['--data', data, ...anyPort, '--plain-http'] });
    expect(second.output()).toBe(`ovfkitd listens on ${second.url}\n`);
    await logIn(second.url, generated);
    expect(`${first.log()}${second.log()}`).not.toContain(generated);
  });

  test('makes a certificate for this machine, and later starts keep it', async () => {
    const data = await temporaryFolder();
    const first = await start({ argv: ['--data', data, ...anyPort], environment });
    const cert = await readFile(join(data, 'tls', 'cert.pem'), 'utf8');
    const certificate = new X509Certificate(cert);
    for (const host of ['localhost', hostname()]) expect(certificate.checkHost(host)).toBe(host);
    for (const address of ['127.0.0.1', '::1']) expect(certificate.checkIP(address)).toBe(address);
    expect(certificate.publicKey.asymmetricKeyDetails?.namedCurve).toBe('prime256v1');
    expect((await stat(join(data, 'tls', 'key.pem'))).mode.toString(8)).toMatch(/600$/);
    const line = `ovfkitd listens on ${first.url} (SHA-256 thumbprint ${certificate.fingerprint256}, SHA-1 thumbprint ${certificate.fingerprint})\n`;
    expect(first.output()).toBe(line);
    expect((await send({ url: `${first.url}/health`, ca: cert })).text).toBe('{"status":"ok"}');
    expect(await first.stop()).toBe(0);
    const second = await start({ argv: ['--data', data, ...anyPort], environment });
    expect(second.output()).toContain(certificate.fingerprint256);
  });
});

test('a given password is set at every start', async () => {
  const data = await temporaryFolder();
  const argv = ['--data', data, ...anyPort, '--plain-http'];
  const first = await start({ argv, environment });
  await logIn(first.url, password);
  await first.stop();
  const second = await start({ argv, environment: { OVFKITD_ADMIN_PASSWORD: 'another one' } });
  await logIn(second.url, 'another one');
  await expect(logIn(second.url, password)).rejects.toThrow('401');
});

describe('what is wrong is told with the exit code', () => {
  test('2 for plain HTTP that others could listen to', async () => {
    const data = await temporaryFolder();
    const { code, output, log } = await run({ argv: ['--data', data, '--listen', '0.0.0.0:0', '--plain-http'] });
    expect([code, output]).toEqual([2, '']);
    expect(log).toMatch(/^ovfkitd: --plain-http: passwords would cross the network in the clear on 0\.0\.0\.0/);
  });

  test('1 for a port that is taken, with a way out', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => taken.once('listening', resolve));
    const address = taken.address();
    const port = typeof address === 'object' ? address?.port : 0;
    const { code, log } = await run({
      argv: ['--data', await temporaryFolder(), '--listen', `127.0.0.1:${port}`, '--plain-http'],
      environment,
    });
    taken.close();
    expect(code).toBe(1);
    expect(log).toContain('choose another address with --listen');
  });

  test('1 for a folder that another ovfkitd has', async () => {
    const data = await temporaryFolder();
    const argv = ['--data', data, ...anyPort, '--plain-http'];
    await start({ argv, environment });
    const { code, log } = await run({ argv, environment });
    expect(code).toBe(1);
    expect(log).toMatch(/in use by process \d+/);
  });

  test('2 for a certificate that is not there', async () => {
    const { code, log } = await run({
      argv: ['--data', await temporaryFolder(), ...anyPort],
      environment: { ...environment, OVFKITD_TLS_CERT: '/no/cert.pem', OVFKITD_TLS_KEY: '/no/key.pem' },
    });
    expect(code).toBe(2);
    expect(log).toContain('tls.cert: ');
  });
});

test('help and version are printed without a folder', async () => {
  expect(await run({ argv: ['--version'] })).toMatchObject({
    code: 0,
    log: '',
    output: expect.stringMatching(/^ovfkitd \d/),
  });
  expect(await run({ argv: ['--help'] })).toMatchObject({
    code: 0,
    log: '',
    output: expect.stringContaining('--data DIR'),
  });
});

test.each(['SIGTERM', 'SIGINT'] as const)(
  '%s ends it with 0, with an upload under way that stays resumable',
  async (signal) => {
    const data = await temporaryFolder();
    const argv = ['--data', data, ...anyPort, '--plain-http'];
    const service = await start({ argv, environment });
    const client = await logIn(service.url, password);
    const id = await client.create();
    const part = descriptorFor(5).slice(0, 100);
    const url = await client.fileUrl(id, 'descriptor.ovf');
    const upload = send({ url, method: 'PUT', headers: { 'content-length': '100000' }, body: part });
    upload.catch(() => {}); // it is cut below
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(await service.stop(signal)).toBe(0);
    await expect(upload).rejects.toThrow();
    const again = await start({ argv, environment });
    const { pathname } = new URL(url);
    const state = await send({ url: `${again.url}${pathname}`, method: 'HEAD' });
    expect(state.headers).toMatchObject({ 'upload-offset': '100', 'upload-complete': '?0' });
  },
);

test('the log is JSON lines without passwords, tokens and capabilities', async () => {
  const service = await start({ argv: ['--data', await temporaryFolder(), ...anyPort, '--plain-http'], environment });
  const client = await logIn(service.url, password);
  const url = await client.fileUrl(await client.create(), 'descriptor.ovf');
  await client.upload(url, 'no descriptor');
  await service.stop();
  const lines = service
    .log()
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(lines.map(({ msg }) => msg)).toEqual(expect.arrayContaining(['listening', 'request', 'stopping', 'stopped']));
  const [, , , capability = 'none'] = new URL(url).pathname.split('/');
  for (const secret of [password, capability, Buffer.from(`admin:${password}`).toString('base64')])
    expect(service.log()).not.toContain(secret);
});

test('a whole import by hand ends with a virtual machine in the inventory', async () => {
  const data = await temporaryFolder();
  const service = await start({ argv: ['--data', data, ...anyPort], environment });
  const ca = await readFile(join(data, 'tls', 'cert.pem'), 'utf8');
  const client = await logIn(service.url, password, ca);
  const disk = Buffer.alloc(2_000_000, 'disk');
  const id = await client.create();
  expect((await client.upload(await client.fileUrl(id, 'descriptor.ovf'), descriptorFor(disk.length))).status).toBe(
    201,
  );
  await client.until(id, 'IMPORT_SELECTING_OVF_PARAMS');
  await client.instantiate(id);
  await client.until(id, 'IMPORT_FILE_TRANSFER');
  expect((await client.upload(await client.fileUrl(id, 'disk.vmdk'), disk)).status).toBe(201);
  const { vm_id: vm } = await client.until(id, 'IMPORT_COMPLETED');
  expect(await client.listVms()).toEqual([expect.objectContaining({ vm })]);
});
