import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkVmdk, openOva, randomAccessOf, readAll, readDescriptor, systemsOf } from '@ovfkit/package-format';
import { build } from 'tsdown';
import { afterAll, beforeAll, expect, test } from 'vitest';

const ovaPath = join(
  process.env['OVFKIT_CORPUS'] ?? '',
  'descriptors/vmware-terraform-provider-vcd--test_vapp_template.ova',
);

const page = `<!doctype html><script type="module">
const worker = new Worker('/worker.mjs', { type: 'module' });
const send = (report) => fetch('/report', { method: 'POST', body: JSON.stringify(report) });
worker.onmessage = ({ data }) => send(data);
worker.onerror = ({ message }) => send({ failure: message });
worker.postMessage(await (await fetch('/package.ova')).blob());
</script>`;

let folder = '';
let server: Server;
let url = '';
// the browser tells when it likes, the test waits for it
let tell = (_report: unknown) => {};
let fail = (_error: Error) => {};
const told = new Promise<unknown>((resolve, reject) => {
  tell = resolve;
  fail = reject;
});

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ovfkit-browser-'));
  await build({
    config: false,
    entry: { worker: join(import.meta.dirname, 'browser/worker.js') },
    format: 'esm',
    platform: 'browser',
    outDir: folder,
    dts: false,
    logLevel: 'error',
    deps: { alwaysBundle: [/./], onlyBundle: false },
    inputOptions: { resolve: { conditionNames: ['@ovfkit/source', 'browser', 'module', 'import', 'default'] } },
    outputOptions: { entryFileNames: '[name].mjs' },
  });
  const files = new Map([
    ['/', { type: 'text/html', bytes: Buffer.from(page) }],
    ['/worker.mjs', { type: 'text/javascript', bytes: await readFile(join(folder, 'worker.mjs')) }],
    ['/package.ova', { type: 'application/ovf', bytes: await readFile(ovaPath) }],
  ]);
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const file = files.get(request.url ?? '');
    if (request.method === 'POST') tell(JSON.parse(Buffer.concat(await request.toArray()).toString()));
    response.writeHead(file ? 200 : 404, { 'Content-Type': file?.type ?? 'text/plain' }).end(file?.bytes);
  };
  server = createServer((request, response) => void answer(request, response)).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  // the one cast: a server on TCP has an address of this form
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
});

const quiet = [
  ...['--headless', '--no-sandbox', '--disable-gpu', '--no-first-run'],
  ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
];

test('a worker of Chromium reads an archive, its descriptor and its disk as Node does', async () => {
  const browser = spawn('chromium', [
    ...quiet,
    `--user-data-dir=${join(folder, 'profile')}`,
    '--remote-debugging-port=0',
    url,
  ]);
  browser.once('error', fail);
  const ended = new Promise((resolve) => browser.once('close', resolve));
  const report = await told;
  browser.kill();
  await ended;
  const bytes = await readFile(ovaPath);
  const reader = await openOva(randomAccessOf(bytes));
  const read = (name: string) => readAll(reader.read(name), bytes.length);
  const descriptor = readDescriptor(await read(reader.descriptorName), { file: reader.descriptorName });
  const disk = reader.members.find(({ name }) => name.endsWith('.vmdk'))?.name ?? '';
  expect(report).toStrictEqual({
    members: reader.members.map(({ name, size }) => ({ name, size })),
    systems: systemsOf(descriptor.content).map(({ id }) => id),
    errors: descriptor.findings.filter(({ severity }) => severity === 'error').length,
    problems: (await checkVmdk(randomAccessOf(await read(disk)))).problems.length,
  });
});
