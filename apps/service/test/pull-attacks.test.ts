import { once } from 'node:events';
import { createServer } from 'node:http';
import { expect, onTestFinished, test } from 'vitest';
import { errorsOf, openTarget, password, tokenOf } from './support/attack.ts';
import { descriptorFor, logIn } from './support/wire.ts';

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
