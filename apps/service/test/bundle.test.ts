import { cp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { build, start, temporaryFolder } from './support/process.ts';
import { descriptorFor, logIn, send } from './support/wire.ts';

test('the build is one file, with what it loads on demand beside it, that runs alone in an empty folder', async () => {
  const built = await build();
  onTestFinished(() => rm(built, { recursive: true }));
  expect((await readdir(built)).toSorted()).toEqual(['ovfkitd', 'ovfkitd.mjs']);
  const folder = await temporaryFolder();
  const program = join(folder, 'ovfkitd.mjs');
  await cp(built, folder, { recursive: true });
  expect(await readFile(program, 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/);
  // a letter beyond Latin 1 would double what the text of its file takes in memory
  for (const name of await readdir(join(folder, 'ovfkitd')))
    expect(await readFile(join(folder, 'ovfkitd', name), 'latin1'), name).toMatch(/^[\0-\x7f]*$/);
  const data = join(folder, 'data');
  const service = await start({
    program: [program],
    argv: ['--data', data, '--listen', '127.0.0.1:0'],
    environment: { OVFKITD_ADMIN_PASSWORD: 'secret' },
  });
  const ca = await readFile(join(data, 'tls', 'cert.pem'), 'utf8');
  expect((await send({ url: `${service.url}/health`, ca })).status).toBe(200);
  const client = await logIn(service.url, 'secret', ca);
  const id = await client.create();
  await client.upload(await client.fileUrl(id, 'descriptor.ovf'), descriptorFor(5));
  await client.until(id, 'IMPORT_SELECTING_OVF_PARAMS');
  expect(await service.stop()).toBe(0);
});

test('a service that answers has loaded neither the fetch of Node.js nor HTTP/2, which nobody would use', async () => {
  const folder = await temporaryFolder();
  const [report, preload] = [join(folder, 'modules.json'), join(folder, 'preload.cjs')];
  const writing = `require('node:fs').writeFileSync(${JSON.stringify(report)}, JSON.stringify(process.moduleLoadList))`;
  await writeFile(preload, `process.on('exit', () => ${writing});`);
  const service = await start({
    argv: ['--data', join(folder, 'data'), '--listen', '127.0.0.1:0', '--plain-http'],
    environment: { NODE_OPTIONS: `--require=${preload}` },
  });
  expect((await fetch(`${service.url}/health`)).status).toBe(200);
  expect(await service.stop()).toBe(0);
  const loaded: readonly string[] = JSON.parse(await readFile(report, 'utf8'));
  expect(loaded).toContain('NativeModule http');
  expect(loaded.filter((name) => /undici|http2/.test(name))).toEqual([]);
});

for (const [how, environment, arenas] of [
  ['with one arena for its memory', {}, '1'],
  ['with as many as it was told', { MALLOC_ARENA_MAX: '3' }, '3'],
] as const) {
  test.runIf(process.platform === 'linux')(`the service runs ${how}, as the process that was started`, async () => {
    const data = join(await temporaryFolder(), 'data');
    const { pid, stop } = await start({ argv: ['--data', data, '--listen', '127.0.0.1:0'], environment });
    const variables = (await readFile(`/proc/${pid}/environ`, 'utf8')).split('\0');
    expect(variables).toContain(`MALLOC_ARENA_MAX=${arenas}`);
    expect(await stop()).toBe(0);
  });
}
