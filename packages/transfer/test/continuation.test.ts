import { randomUUID } from 'node:crypto';
import type { SessionBackend } from '@ovfkit/domain';
import { expect, test } from 'vitest';
import { type Continuation, type ImportResult, importPackage, importUrl } from '../src/index.ts';
import {
  asFolder,
  bytesOf,
  defaults,
  disksOf,
  makeSample,
  pool,
  type Sample,
  sha256,
  sizeOf,
} from './support/sample.ts';
import { connect, type Service, start, startService, tempFolder } from './support/service.ts';

/** As a journal has it: what is told, until the process dies. */
function createNotes(sessionId?: string) {
  const notes = { clientToken: randomUUID(), sessionId, results: [] as ImportResult[] };
  const continuation: Continuation = {
    clientToken: notes.clientToken,
    sessionId,
    onSession: async (id) => {
      notes.sessionId = id;
    },
    onDone: async (result) => {
      notes.results.push(result);
    },
    isKept: () => true,
    onLeft: async () => {},
  };
  return { notes, continuation };
}

const bundle = '<?xml version="1.0"?><Strings xmlns="http://schemas.dmtf.org/ovf/envelope/1" xml:lang="de"/>';

async function storedDisks({ store }: Service): Promise<readonly string[]> {
  const [vm] = await store.inventory.vm.list({});
  const { vms } = await store.inventory.describe({ type: 'VirtualMachine', id: vm?.vm ?? '' });
  const blobs = vms.flatMap(({ disks }) => disks.map(({ file }) => file?.blob ?? ''));
  return Promise.all(blobs.map(async (blob) => sha256(await bytesOf(store.blobs.read(blob)))));
}

const options = async (backend: SessionBackend, sample: Sample) => ({
  backend,
  package: await asFolder(sample),
  target: pool,
  parameters: defaults,
  poll: { firstMs: 20, maxMs: 200 },
});

test.each(['IMPORT_OVF_TRANSFER', 'IMPORT_SELECTING_OVF_PARAMS', 'IMPORT_FILE_TRANSFER', 'IMPORT_INSTANTIATING'])(
  'an import that is given up in %s is gone on with in the same session, and nothing is sent twice',
  async (state) => {
    const { service, backend } = await start();
    const sample = makeSample({ disks: 3, bundle });
    const controller = new AbortController();
    const first = createNotes();
    let sent = 0;
    const given = await options(backend, sample);
    await importPackage({
      ...given,
      signal: controller.signal,
      continuation: first.continuation,
      concurrency: 1,
      onProgress: (event) => {
        if (event.type === 'file' && event.sent === event.size) sent += event.sent;
        // of the files, the first disk is through
        const isMoment = event.type === 'state' && event.state === state && state !== 'IMPORT_FILE_TRANSFER';
        const isDisk = event.type === 'file' && event.name === 'disk0.vmdk' && event.sent === event.size;
        if (isMoment || (state === 'IMPORT_FILE_TRANSFER' && isDisk)) controller.abort(new Error('killed'));
      },
    }).catch(() => undefined);
    const { sessionId } = first.notes;
    expect(sessionId).toMatch(/./);
    const second = createNotes(sessionId);
    const result = await importPackage({ ...given, continuation: second.continuation });
    expect(result.sessionId).toBe(sessionId);
    expect(second.notes.results).toEqual([result]);
    expect(result.bytesSent + sent).toBe(sizeOf(sample));
    expect(await storedDisks(service)).toEqual(disksOf(sample));
    expect(await backend.importSession.list({})).toEqual([]);
  },
);

test('a session whose id was never heard is found by its token', async () => {
  const { backend } = await start();
  const { notes, continuation } = createNotes();
  const spec = { sourceType: 'PUSH_SOURCE', pushSourceContentType: 'OVF_SOURCE', pushSourceOvfOption: 'MANIFEST' };
  const created = await backend.importSession.createForResourcePool({
    ...pool,
    clientToken: continuation.clientToken,
    createSpec: { ...spec, importFlags: [] },
  });
  const { sessionId } = await importPackage({ ...(await options(backend, makeSample())), continuation });
  expect([sessionId, notes.sessionId]).toEqual([created, created]);
});

test('a failure that is not kept for deletes the session, also one that was gone on with', async () => {
  const { backend } = await start();
  const { notes, continuation } = createNotes();
  const given = await options(backend, makeSample());
  const parameters = (): never => {
    throw new Error('no parameters');
  };
  await expect(importPackage({ ...given, parameters, continuation })).rejects.toThrow('no parameters');
  expect(await backend.importSession.list({})).toHaveLength(1);
  const again = { ...createNotes(notes.sessionId).continuation, isKept: () => false };
  await expect(importPackage({ ...given, parameters, continuation: again })).rejects.toThrow('no parameters');
  expect(await backend.importSession.list({})).toEqual([]);
});

test('what takes the place of another is sent in full before room is made for it', async () => {
  const { service, backend } = await start();
  const given = await options(backend, makeSample());
  const { vmId = '' } = await importPackage(given);
  const sample = makeSample({ disks: 3 });
  const steps: string[] = [];
  const result = await importPackage({
    ...given,
    package: await asFolder(sample),
    onProgress: (event) => {
      if (event.type === 'file' && event.sent === event.size) steps.push(event.name);
    },
    replacing: {
      parameters: () => [...defaults(), { type: 'NameAndProductParams', name: 'app-new' }],
      makeRoom: async () => {
        steps.push('room');
        await backend.inventory.vm.delete({ vm: vmId });
      },
    },
  });
  expect(steps.at(-1)).toBe('room');
  expect(steps).toContain('disk2.vmdk');
  expect(await backend.inventory.vm.list({})).toMatchObject([{ vm: result.vmId, name: 'app' }]);
  expect(await storedDisks(service)).toEqual(disksOf(sample));
});

test('a pull whose client is gone is heard of by the next one', async () => {
  const folder = await tempFolder();
  const service = await startService(folder);
  const backend = await connect(service.port);
  const { notes, continuation } = createNotes();
  const unreachable = { backend, target: pool, parameters: defaults, url: 'http://127.0.0.1:9/app.ovf' };
  const controller = new AbortController();
  await importUrl({
    ...unreachable,
    continuation,
    signal: controller.signal,
    onProgress: (event) => {
      if (event.type === 'session') controller.abort(new Error('killed'));
    },
  }).catch(() => undefined);
  // it went on by itself, and the session tells the second client why it ended
  const second = { ...createNotes(notes.sessionId).continuation, isKept: () => false };
  await expect(importUrl({ ...unreachable, continuation: second })).rejects.toThrow(/127\.0\.0\.1:9/);
  expect(await backend.importSession.list({})).toEqual([]);
});
