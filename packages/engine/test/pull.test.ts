import { manifestOf, sampleOva, samplePackage, writeArchive } from '@ovfkit/conformance';
import type { ImportCreateSpec } from '@ovfkit/domain';
import { expect, test } from 'vitest';
import { admin, startEngine, tempFolder } from './support/engine.ts';
import { type FileServer, serveFiles } from './support/file-server.ts';
import { httpPullSource } from './support/http-pull-source.ts';
import { accepted, createImport, exportFiles, push, send, textOf, until } from './support/session.ts';

const limits = { pullAttempts: 4, pullRetryDelayMs: 1 };
const startPuller = (folder?: string) =>
  startEngine({ pull: httpPullSource, limits, ...(folder === undefined ? {} : { folder }) });
const pullOf = (pullSource: string): ImportCreateSpec => ({ importFlags: [], sourceType: 'PULL_SOURCE', pullSource });

const sample = samplePackage({ name: 'pulled', languages: ['de'] });
const { descriptor, disk, bundles, manifest } = sample;
const folderOf = (...files: readonly { name: string; bytes: Uint8Array }[]) =>
  files.map(({ name, bytes }) => [`some dir/${name}`, bytes] as const);
const whole = folderOf(descriptor, disk, ...bundles, manifest);
const ovfUrl = ({ url }: FileServer) => `${url}/some%20dir/pulled.ovf`;

async function pullAndExport(server: FileServer, url: string) {
  const { engine, faults } = await startPuller();
  const backend = engine.backendFor(admin);
  const id = await createImport(backend, pullOf(url));
  const { files } = await until(backend, id, 'IMPORT_SELECTING_OVF_PARAMS');
  await backend.importSession.instantiate({ id, instantiationParameters: [accepted] });
  const { vmId } = await until(backend, id, 'IMPORT_COMPLETED');
  const exported = await exportFiles(backend, { vmId });
  expect(exported.get('pulled-disk-0.vmdk')).toEqual(disk.bytes);
  expect(faults).toEqual([]);
  return { files, server };
}

test('an OVF is pulled with its bundle, and its manifest is found beside it', async () => {
  const server = await serveFiles(whole);
  const { files } = await pullAndExport(server, ovfUrl(server));
  expect(files.map(({ name, fileType }) => [name, fileType])).toEqual([
    ['pulled.ovf', 'OVF'],
    ['pulled.mf', 'MANIFEST'],
    ['pulled-de.msg', 'MSG_BUNDLE'],
    ['pulled-disk1.vmdk', 'DISK'],
  ]);
});

test('an OVF without a manifest is pulled all the same', async () => {
  const server = await serveFiles(folderOf(descriptor, disk, ...bundles));
  await pullAndExport(server, ovfUrl(server));
});

test('a transfer that breaks off goes on where it stopped, by range', async () => {
  const server = await serveFiles(whole);
  server.mood.breaks.set(`some dir/${disk.name}`, [20_000, 30_000]);
  await pullAndExport(server, ovfUrl(server));
  const ranges = server.seen.filter(({ path }) => path.endsWith('.vmdk')).map(({ range }) => range);
  expect(ranges).toHaveLength(3);
  expect(ranges[0]).toBeUndefined();
  for (const range of ranges.slice(1)) expect(Number(/^bytes=(\d+)-/.exec(range ?? '')?.[1])).toBeGreaterThan(0);
});

test('a source that breaks off at the first look is looked at again', async () => {
  const server = await serveFiles(whole);
  server.mood.breaks.set(`some dir/${descriptor.name}`, [1, 1]);
  await pullAndExport(server, ovfUrl(server));
});

test('a second pull of the same package fetches no disk, and another user gets what a machine has, not what a session has', async () => {
  const server = await serveFiles(whole);
  const { engine, store } = await startPuller();
  const disks = () => server.seen.filter(({ path }) => path.endsWith('.vmdk')).length;
  const pullAs = async (user: string, name: string) => {
    const backend = engine.backendFor({ user, isAdmin: false });
    const id = await createImport(backend, pullOf(ovfUrl(server)));
    await until(backend, id, 'IMPORT_SELECTING_OVF_PARAMS');
    const instantiationParameters = [accepted, { type: 'NameAndProductParams', name } as const];
    await backend.importSession.instantiate({ id, instantiationParameters });
    const { vmId } = await until(backend, id, 'IMPORT_COMPLETED');
    return [...(await exportFiles(backend, { vmId }))].find(([each]) => each.endsWith('.vmdk'))?.[1];
  };
  expect(await pullAs('anna', 'one')).toEqual(disk.bytes);
  expect(await pullAs('bert', 'two')).toEqual(disk.bytes);
  expect(disks()).toBe(1);
  for (const { vm } of await store.inventory.vm.list({})) await engine.backendFor(admin).inventory.vm.delete({ vm });
  const holding = engine.backendFor({ user: 'anna', isAdmin: false });
  const id = await createImport(holding, push);
  await send(holding, { id, name: 'descriptor.ovf', bytes: descriptor.bytes });
  await until(holding, id, 'IMPORT_MSG_BUNDLES_TRANSFER');
  for (const { name, bytes } of bundles) await send(holding, { id, name, bytes });
  await until(holding, id, 'IMPORT_SELECTING_OVF_PARAMS');
  await send(holding, { id, name: disk.name, bytes: disk.bytes });
  expect(await pullAs('bert', 'three')).toEqual(disk.bytes);
  expect(disks()).toBe(2);
});

test('a file that changed at its source between two attempts is fetched from its start', async () => {
  const server = await serveFiles(whole);
  const path = `some dir/${disk.name}`;
  server.files.set(
    path,
    disk.bytes.map((byte) => 255 - byte),
  );
  server.mood.breaks.set(path, [40_000]);
  const { engine } = await startPuller();
  const backend = engine.backendFor(admin);
  const id = await createImport(backend, pullOf(ovfUrl(server)));
  await until(backend, id, 'IMPORT_SELECTING_OVF_PARAMS');
  const swap = setInterval(() => {
    if (!server.seen.some((each) => each.path === path)) return;
    server.files.set(path, disk.bytes);
    server.mood.version = 'v2';
  }, 0);
  await backend.importSession.instantiate({ id, instantiationParameters: [accepted] });
  await until(backend, id, 'IMPORT_COMPLETED').finally(() => clearInterval(swap));
});

test('a source without ranges is fetched again from its start after a break', async () => {
  const server = await serveFiles(whole);
  server.mood.ranges = false;
  server.mood.breaks.set(`some dir/${disk.name}`, [20_000]);
  await pullAndExport(server, ovfUrl(server));
});

test('a source that keeps breaking ends the import with its URL', async () => {
  const server = await serveFiles(whole);
  server.mood.breaks.set(`some dir/${disk.name}`, [1, 1, 1, 1, 1, 1, 1]);
  const { engine } = await startPuller();
  const backend = engine.backendFor(admin);
  const id = await createImport(backend, pullOf(ovfUrl(server)));
  await until(backend, id, 'IMPORT_SELECTING_OVF_PARAMS');
  await backend.importSession.instantiate({ id, instantiationParameters: [accepted] });
  const info = await until(backend, id, 'IMPORT_ERROR');
  expect(textOf(info)).toContain(disk.name);
  expect(textOf(info)).toContain('RESOURCE_INACCESSIBLE');
  expect(await backend.inventory.vm.list({})).toEqual([]);
});

test('a source that is not there ends the import with its URL', async () => {
  const server = await serveFiles([]);
  const { engine } = await startPuller();
  const backend = engine.backendFor(admin);
  const id = await createImport(backend, pullOf(`${server.url}/none.ovf`));
  const info = await until(backend, id, 'IMPORT_ERROR');
  expect(textOf(info)).toContain(`${server.url}/none.ovf`);
  expect(textOf(info)).toContain('NOT_FOUND');
});

test('a disk that differs from the manifest beside the descriptor makes nothing', async () => {
  const damaged = { name: disk.name, bytes: disk.bytes.map((byte, at) => (at === 5000 ? 255 - byte : byte)) };
  const server = await serveFiles(folderOf(descriptor, damaged, ...bundles, manifest));
  const { engine } = await startPuller();
  const backend = engine.backendFor(admin);
  const id = await createImport(backend, pullOf(ovfUrl(server)));
  await until(backend, id, 'IMPORT_SELECTING_OVF_PARAMS');
  await backend.importSession.instantiate({ id, instantiationParameters: [accepted] });
  const info = await until(backend, id, 'IMPORT_ERROR');
  expect(textOf(info)).toContain(disk.name);
  expect(await backend.inventory.vm.list({})).toEqual([]);
});

const archives = [
  ['in the usual order', sampleOva(sample)],
  ['with its descriptor after the disk and its manifest last', writeArchive([disk, descriptor, ...bundles, manifest])],
] as const;

for (const [what, ova] of archives)
  for (const ranges of [true, false])
    test(`an OVA ${what} is pulled ${ranges ? 'by ranges' : 'as it comes'}`, async () => {
      const server = await serveFiles([['pulled.ova', ova]]);
      server.mood.ranges = ranges;
      const { files } = await pullAndExport(server, `${server.url}/pulled.ova`);
      expect(files.map(({ name }) => name)).toContain('pulled-disk1.vmdk');
    });

for (const ranges of [true, false])
  test(`a manifest at the end of a pulled OVA still refuses its disk, ${ranges ? 'by ranges' : 'as it comes'}`, async () => {
    const other = manifestOf('pulled', [descriptor, { name: disk.name, bytes: new Uint8Array(3) }, ...bundles]);
    const server = await serveFiles([['pulled.ova', writeArchive([descriptor, ...bundles, disk, other])]]);
    server.mood.ranges = ranges;
    const { engine } = await startPuller();
    const backend = engine.backendFor(admin);
    const id = await createImport(backend, pullOf(`${server.url}/pulled.ova`));
    await until(backend, id, 'IMPORT_SELECTING_OVF_PARAMS');
    await backend.importSession.instantiate({ id, instantiationParameters: [accepted] });
    expect(textOf(await until(backend, id, 'IMPORT_ERROR'))).toContain(disk.name);
  });

test('a compressed archive is refused by name', async () => {
  const server = await serveFiles([['pulled.ova', Uint8Array.of(0x1f, 0x8b, 8, ...new Uint8Array(600))]]);
  const { engine } = await startPuller();
  const backend = engine.backendFor(admin);
  const id = await createImport(backend, pullOf(`${server.url}/pulled.ova`));
  expect(textOf(await until(backend, id, 'IMPORT_ERROR'))).toContain('ova_compressed');
});

test('a pull goes on after a restart with the bytes it has', async () => {
  const server = await serveFiles(whole);
  const path = `some dir/${disk.name}`;
  server.mood.hold.set(path, new Promise(() => {}));
  const folder = await tempFolder();
  const first = await startPuller(folder);
  const id = await createImport(first.engine.backendFor(admin), pullOf(ovfUrl(server)));
  const before = first.engine.backendFor(admin);
  await until(before, id, 'IMPORT_SELECTING_OVF_PARAMS');
  await before.importSession.instantiate({ id, instantiationParameters: [accepted] });
  await expect
    .poll(
      async () =>
        (await before.importSession.get({ id })).files.find(({ name }) => name === disk.name)?.bytesTransferred,
    )
    .toBeGreaterThanOrEqual(0);
  await expect.poll(() => server.seen.some((each) => each.path === path)).toBe(true);
  await new Promise((resolve) => setTimeout(resolve, 100));
  await first.engine.close();
  await first.store.close();
  server.mood.hold.clear();
  const second = await startPuller(folder);
  const after = second.engine.backendFor(admin);
  const { vmId } = await until(after, id, 'IMPORT_COMPLETED');
  expect((await exportFiles(after, { vmId })).get('pulled-disk-0.vmdk')).toEqual(disk.bytes);
  const last = server.seen.findLast((each) => each.path === path);
  expect(last?.range).toMatch(/^bytes=1000-/);
});

test('deleting a pull stops its transfer and leaves no bytes', async () => {
  const server = await serveFiles(whole);
  server.mood.hold.set(`some dir/${disk.name}`, new Promise(() => {}));
  const { engine, store } = await startPuller();
  const backend = engine.backendFor(admin);
  const id = await createImport(backend, pullOf(ovfUrl(server)));
  await until(backend, id, 'IMPORT_SELECTING_OVF_PARAMS');
  await backend.importSession.instantiate({ id, instantiationParameters: [accepted] });
  await expect.poll(() => server.seen.some(({ path }) => path.endsWith('.vmdk'))).toBe(true);
  await backend.importSession.delete({ id });
  const keys: string[] = [];
  for await (const key of store.blobs.keys('')) keys.push(key);
  expect(keys).toEqual([]);
});

for (const ranges of [true, false])
  test(`an archive without a bundle that it should have ends the pull with its name, ${ranges ? 'by ranges' : 'as it comes'}`, async () => {
    const server = await serveFiles([['pulled.ova', writeArchive([descriptor, disk])]]);
    server.mood.ranges = ranges;
    const { engine } = await startPuller();
    const backend = engine.backendFor(admin);
    const id = await createImport(backend, pullOf(`${server.url}/pulled.ova`));
    expect(textOf(await until(backend, id, 'IMPORT_ERROR'))).toContain(bundles[0]?.name);
  });

test('the password in the address of a source is told to nobody', async () => {
  const server = await serveFiles(whole);
  const { engine } = await startPuller();
  const backend = engine.backendFor(admin);
  const url = ovfUrl(server).replace('//', '//me:hidden@');
  const id = await createImport(backend, pullOf(url));
  const { files } = await until(backend, id, 'IMPORT_SELECTING_OVF_PARAMS');
  expect(files.map(({ fileUrl }) => fileUrl)).toContain(ovfUrl(server));
  const none = await createImport(backend, pullOf(url.replace('pulled.ovf', 'none.ovf')));
  const failed = await until(backend, none, 'IMPORT_ERROR');
  expect(textOf(failed)).toContain('none.ovf');
  expect(JSON.stringify([files, failed])).not.toContain('hidden');
});

for (const href of [
  '../elsewhere.vmdk',
  '/elsewhere.vmdk',
  '%2e%2e/elsewhere.vmdk',
  '..\\elsewhere.vmdk',
  '//127.0.0.1/x',
])
  test(`a descriptor that names ${href} makes the server fetch nothing outside its folder`, async () => {
    const text = new TextDecoder().decode(descriptor.bytes).replaceAll(disk.name, href);
    const outside = { name: 'pulled.ovf', bytes: new TextEncoder().encode(text) };
    const server = await serveFiles([...folderOf(outside, ...bundles), ['elsewhere.vmdk', disk.bytes]]);
    const { engine } = await startPuller();
    const backend = engine.backendFor(admin);
    const id = await createImport(backend, pullOf(ovfUrl(server)));
    expect(textOf(await until(backend, id, 'IMPORT_ERROR'))).toContain('leaves the folder');
    expect(server.seen.map(({ path }) => path)).not.toContain('elsewhere.vmdk');
  });

test('a thumbprint that is none is refused for https, and not looked at for http', async () => {
  const server = await serveFiles(whole);
  const { engine } = await startPuller();
  const backend = engine.backendFor(admin);
  const pinned = (url: string) => createImport(backend, { ...pullOf(url), sslCertificateThumbprint: 'zz' });
  await expect(pinned('https://localhost/a.ovf')).rejects.toMatchObject({ kind: 'INVALID_ARGUMENT' });
  await until(backend, await pinned(ovfUrl(server)), 'IMPORT_SELECTING_OVF_PARAMS');
});
