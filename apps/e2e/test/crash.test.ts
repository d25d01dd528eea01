import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bytesOf, collect, noise } from '@ovfkit/conformance';
import type { RestBackend } from '@ovfkit/rest';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { serveFolder } from '../src/file-server.ts';
import { connectTo, garbageOf, killedDuring, moments } from './support/killing.ts';
import { mib, needed, openScene, resultOf, type Scene } from './support/scene.ts';

// After every test `ovfkitd gc` has to list nothing: afterAll.

let scene: Scene;
let backend: RestBackend;
let libraryId: string;
beforeAll(async () => {
  scene = await openScene(undefined, ['--pull-allow', '127.0.0.0/8']);
});
afterAll(async () => {
  await scene.service.stop();
  expect(await garbageOf(scene)).toBe('');
  await scene.close();
});
beforeEach(async () => {
  backend = await connectTo(scene);
  libraryId = await backend.contentLibrary.localLibrary.create({ createSpec: { name: 'templates', type: 'LOCAL' } });
});
afterEach(async () => {
  const { importSession, exportSession, contentLibrary, inventory } = backend;
  expect([await importSession.list({}), await exportSession.list({})]).toEqual([[], []]);
  await contentLibrary.localLibrary.delete({ libraryId });
  for (const { vm } of await inventory.vm.list({})) await inventory.vm.delete({ vm });
  await backend.close();
});

const importArgs = (name: string) => ['import', scene.appliance.folder, '--to', 'lab', '-n', name, ...needed, '--json'];

async function machine(name: string): Promise<string> {
  expect(resultOf(await scene.ovfkit(importArgs(name)))).toMatchObject({ status: 'succeeded' });
  const [made] = await backend.inventory.vm.list({ names: [name] });
  return made?.vm ?? expect.fail(`no machine ${name}`);
}

/** As a user would: a command that found nobody to talk to is run again. What it had done by then must not be in its way. */
async function succeedsOverKill(args: readonly string[], afterMs: number): Promise<void> {
  const first = await killedDuring(scene, { afterMs, work: () => scene.ovfkit(args) });
  const last = first.exitCode === 0 ? first : await scene.ovfkit(args);
  expect(resultOf(last), `after ${afterMs} ms: ${first.stderr}`).toMatchObject({ status: 'succeeded' });
}

const itemsNamed = (name: string) => backend.contentLibrary.item.find({ spec: { libraryId, name } });
const machinesNamed = (name: string) => backend.inventory.vm.list({ names: [name] });

/** An item with the files of a machine. */
async function packageItem(): Promise<string> {
  const { ovfLibraryItemId } = await backend.libraryItem.create({
    source: { type: 'VirtualMachine', id: await machine('source') },
    target: { libraryId },
    createSpec: { name: 'golden' },
  });
  return ovfLibraryItemId ?? expect.fail('no item');
}

describe('after kill -9 of the service', () => {
  test.each([1, 2, 3])(
    'in the moment in which it makes a machine there is one, and the import succeeds (%i)',
    async (round) => {
      const name = `made-${round}`;
      let isOver = false;
      const running = scene.ovfkit(importArgs(name)).finally(() => {
        isOver = true;
      });
      const isMaking = async () =>
        (await backend.importSession.list({})).some((each) => each.state === 'IMPORT_INSTANTIATING');
      while (!isOver && !(await isMaking())); // it lasts milliseconds: one that is missed is killed later
      await scene.restart();
      expect(resultOf(await running)).toMatchObject({ status: 'succeeded' });
      expect(await machinesNamed(name)).toHaveLength(1);
    },
  );

  test('at any moment of an export into a library there is one item, and the export succeeds', async () => {
    await machine('source');
    for (const [index, afterMs] of moments(4, 1_500).entries()) {
      const name = `stored-${index}`;
      const args = ['export', 'source', '--from', 'lab', '--to-library', 'templates', '--name', name, '--json'];
      await succeedsOverKill(args, afterMs);
      expect(await itemsNamed(name)).toHaveLength(1);
    }
  });

  test('at any moment of an import from a library there is one machine, and the import succeeds', async () => {
    await packageItem();
    for (const [index, afterMs] of moments(4, 1_500).entries()) {
      const name = `deployed-${index}`;
      const args = ['import', 'library:templates/golden', '--to', 'lab', '--accept-eula', '-n', name, '--json'];
      await succeedsOverKill(args, afterMs);
      expect(await machinesNamed(name)).toHaveLength(1);
    }
  });

  test('at any moment of a call of library_item its repetition gives one item, and one machine', async () => {
    const ovfLibraryItemId = await packageItem();
    const [source] = await machinesNamed('source');
    const [pool] = await backend.inventory.resourcePool.list({});
    for (const [index, afterMs] of moments(3, 60).entries()) {
      const name = `called-${index}`;
      const created = await killedDuring(scene, {
        afterMs,
        work: () =>
          backend.libraryItem.create({
            source: { type: 'VirtualMachine', id: source?.vm ?? '' },
            target: { libraryId },
            createSpec: { name },
          }),
      });
      expect(await itemsNamed(name)).toEqual([created.ovfLibraryItemId]);
      const deployed = await killedDuring(scene, {
        afterMs,
        work: () =>
          backend.libraryItem.deploy({
            ovfLibraryItemId,
            target: { resourcePoolId: pool?.resourcePool ?? '' },
            deploymentSpec: { name, acceptAllEula: true },
          }),
      });
      expect(await machinesNamed(name)).toMatchObject([{ vm: deployed.resourceId?.id }]);
    }
  });
});

const bytes = noise(12 * mib);

/** An empty item that takes any file, and an update session of it. */
async function update() {
  const { item, updateSession } = backend.contentLibrary;
  const libraryItemId = await item.create({ createSpec: { libraryId, name: 'files', type: 'other' } });
  return { libraryItemId, updateSessionId: await updateSession.create({ createSpec: { libraryItemId } }) };
}

/** Completes the session, and sees that the item has the file once, and whole. */
async function expectFile({ updateSessionId, libraryItemId }: Awaited<ReturnType<typeof update>>): Promise<void> {
  const { updateSession, item } = backend.contentLibrary;
  await killedDuring(scene, { afterMs: 5, work: () => updateSession.complete({ updateSessionId }) });
  const stateOf = async () => (await updateSession.get({ updateSessionId })).state;
  await expect.poll(stateOf, { timeout: 30_000 }).toBe('DONE');
  expect(Buffer.from(await downloaded(libraryItemId)).equals(bytes)).toBe(true);
  expect((await item.get({ libraryItemId })).contentVersion).toBe('2');
}

/** The one file of an item, which the service is killed under twice. */
async function downloaded(libraryItemId: string): Promise<Uint8Array> {
  const { downloadSession, downloadSessionFile } = backend.contentLibrary;
  const downloadSessionId = await downloadSession.create({ createSpec: { libraryItemId } });
  const files = await downloadSessionFile.list({ downloadSessionId });
  expect(files).toHaveLength(1);
  const parts: Uint8Array[] = [];
  const etags = new Set<string | undefined>();
  for (let start = 0; start < bytes.length; ) {
    const fileName = files[0]?.name ?? '';
    const { downloadEndpoint } = await downloadSessionFile.prepare({ downloadSessionId, fileName });
    const file = { name: fileName, fileUrl: downloadEndpoint?.uri ?? '' };
    const { bytes: stream, etag } = await backend.files.download({
      kind: 'download',
      sessionId: downloadSessionId,
      file,
      range: { start, end: bytes.length },
    });
    etags.add(etag);
    const isCut = etags.size === 1 && parts.length < 2;
    for await (const part of stream) {
      parts.push(part);
      start += part.length;
      if (isCut) break;
    }
    if (isCut) await scene.restart();
  }
  await downloadSession.delete({ downloadSessionId });
  expect(etags.size).toBe(1);
  return collect(bytesOf(Buffer.concat(parts)));
}

describe('a file of a library item, over kills of the service at any moment,', () => {
  test('is sent on from where it was', async () => {
    const session = await update();
    const { updateSessionId } = session;
    const fileSpec = { name: 'pushed.bin', sourceType: 'PUSH', size: bytes.length };
    const { uploadEndpoint } = await backend.contentLibrary.updateSessionFile.add({ updateSessionId, fileSpec });
    const file = { name: fileSpec.name, fileUrl: uploadEndpoint?.uri ?? '' };
    const address = { kind: 'update', sessionId: updateSessionId, file } as const;
    const offsets: number[] = [];
    for (const afterMs of [...moments(3, 120), 0]) {
      const { offset, isComplete } = await backend.files.uploadState(address);
      offsets.push(offset);
      if (isComplete) break;
      const rest = { offset, size: bytes.length, bytes: bytesOf(bytes.subarray(offset)) };
      const upload = () => backend.files.upload({ ...address, ...rest }).catch(() => undefined);
      if (offsets.length <= 3) await killedDuring(scene, { afterMs, work: upload });
      else await upload();
    }
    expect(offsets).toEqual(offsets.toSorted((a, b) => a - b));
    await expectFile(session);
  });

  test('is pulled on by itself', async () => {
    const folder = join(scene.folder, 'served');
    await mkdir(folder);
    await writeFile(join(folder, 'pulled.bin'), bytes);
    const server = await serveFolder(folder, 'http');
    const session = await update();
    const { updateSessionId } = session;
    const fileSpec = {
      name: 'pulled.bin',
      sourceType: 'PULL',
      sourceEndpoint: { uri: `${server.url}pulled.bin` },
      size: bytes.length,
    };
    await backend.contentLibrary.updateSessionFile.add({ updateSessionId, fileSpec });
    for (const afterMs of moments(3, 150)) await killedDuring(scene, { afterMs, work: async () => undefined });
    await expectFile(session);
    await server.close();
  });
});
