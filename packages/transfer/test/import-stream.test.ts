import { randomUUID } from 'node:crypto';
import type { SessionBackend } from '@ovfkit/domain';
import { readAll, writeOva } from '@ovfkit/package-format';
import { expect, test } from 'vitest';
import { type Continuation, importPackage, importStream, type ProgressEvent } from '../src/index.ts';
import {
  asFolder,
  bytesOf,
  defaults,
  disksOf,
  makeSample,
  noise,
  pool,
  type Sample,
  sha256,
  withFile,
  without,
} from './support/sample.ts';
import { expectNothingLeft, type Service, start } from './support/service.ts';

const bundle = '<?xml version="1.0"?><Strings xmlns="http://schemas.dmtf.org/ovf/envelope/1" xml:lang="de"/>';

async function* archiveOf({ files }: Sample, order = [...files.keys()]): AsyncGenerator<Uint8Array, void, undefined> {
  async function* one(name: string): AsyncGenerator<Uint8Array, void, undefined> {
    yield files.get(name) ?? new Uint8Array();
  }
  yield* writeOva(order.map((name) => ({ name, size: files.get(name)?.length ?? 0, bytes: one(name) })));
}

async function storedDisks({ store }: Service): Promise<readonly string[]> {
  const [vm] = await store.inventory.vm.list({});
  const { vms } = await store.inventory.describe({ type: 'VirtualMachine', id: vm?.vm ?? '' });
  const blobs = vms.flatMap(({ disks }) => disks.map(({ file }) => file?.blob ?? ''));
  return Promise.all(blobs.map(async (blob) => sha256(await bytesOf(store.blobs.read(blob)))));
}

const settings = { target: pool, parameters: defaults, poll: { firstMs: 20, maxMs: 200 } } as const;

test.each([
  ['its manifest behind the descriptor', undefined],
  ['its manifest at the end', ['app.ovf', 'de.msg', 'disk0.vmdk', 'disk1.vmdk', 'app.mf']],
])('an archive with %s is imported byte for byte while it goes by', async (_, order) => {
  const { service, backend } = await start();
  const sample = makeSample({ bundle });
  const events: ProgressEvent[] = [];
  const result = await importStream({
    ...settings,
    backend,
    bytes: archiveOf(sample, order),
    onProgress: (event) => events.push(event),
  });
  expect(result.vmId).toMatch(/./);
  expect(await storedDisks(service)).toEqual(disksOf(sample));
  expect(await backend.importSession.list({})).toEqual([]);
  expect(events.some((event) => event.type === 'state' && event.state === 'IMPORT_COMPLETED')).toBe(true);
});

test.each([
  [
    'a disk that differs from the manifest',
    withFile(makeSample(), 'disk1.vmdk', noise('other', 300_000)),
    /disk1\.vmdk/,
  ],
  ['no second disk', without(makeSample(), 'disk1.vmdk'), /disk1\.vmdk/],
])('an archive with %s is refused, and nothing is left', async (_, sample, message) => {
  const { backend } = await start();
  await expect(importStream({ ...settings, backend, bytes: archiveOf(sample) })).rejects.toThrow(message);
  await expectNothingLeft(backend);
});

/** Begins an import and gives it up in a state; resolves to its continuation for the next. */
async function givenUpIn(state: string, backend: SessionBackend, sample: Sample): Promise<Continuation> {
  const clientToken = randomUUID();
  let sessionId: string | undefined;
  const controller = new AbortController();
  const continuation: Continuation = {
    clientToken,
    onSession: async (id) => {
      sessionId = id;
    },
    onDone: async () => {},
    isKept: () => true,
  };
  const importing = importStream({
    ...settings,
    backend,
    bytes: archiveOf(sample),
    signal: controller.signal,
    continuation,
    onProgress: (event) => {
      if (event.type === 'state' && event.state === state) controller.abort(new Error('killed'));
    },
  });
  await expect(importing).rejects.toThrow('killed');
  return sessionId === undefined ? continuation : { ...continuation, sessionId };
}

test.each([
  'IMPORT_OVF_TRANSFER',
  'IMPORT_MSG_BUNDLES_TRANSFER',
  'IMPORT_SELECTING_OVF_PARAMS',
  'IMPORT_FILE_TRANSFER',
])(
  'an archive whose import was given up in %s is taken anew from the part that is missing, in the same session',
  async (state) => {
    const { backend, service } = await start();
    const sample = makeSample({ bundle });
    const continuation = await givenUpIn(state, backend, sample);
    const result = await importStream({ ...settings, backend, bytes: archiveOf(sample), continuation });
    expect(result.sessionId).toBe(continuation.sessionId);
    expect(await storedDisks(service)).toEqual(disksOf(sample));
    expect(await backend.inventory.vm.list({})).toHaveLength(1);
    expect(await backend.importSession.list({})).toEqual([]);
  },
);

test('a session that was begun for a stream is not gone on with file by file, nor is it left', async () => {
  const { backend } = await start();
  const sample = makeSample();
  const continuation = await givenUpIn('IMPORT_OVF_TRANSFER', backend, sample);
  const kept = { ...continuation, isKept: () => false };
  const importing = importPackage({ ...settings, backend, package: await asFolder(sample), continuation: kept });
  await expect(importing).rejects.toMatchObject({ kind: 'NOT_ALLOWED_IN_CURRENT_STATE' });
  await expectNothingLeft(backend);
});

test('an archive that does not begin with its descriptor is refused before anything is sent', async () => {
  const { backend } = await start();
  const bytes = archiveOf(makeSample(), ['disk0.vmdk', 'app.ovf', 'app.mf', 'disk1.vmdk']);
  await expect(importStream({ ...settings, backend, bytes })).rejects.toMatchObject({ code: 'DESCRIPTOR_MISSING' });
  await expectNothingLeft(backend);
});

test('an archive that breaks off is refused, and nothing is left', async () => {
  const { backend } = await start();
  const whole = await readAll(archiveOf(makeSample()), 2 ** 24);
  async function* broken(): AsyncGenerator<Uint8Array, void, undefined> {
    yield whole.subarray(0, 400_000);
    throw new Error('the pipe broke');
  }
  await expect(importStream({ ...settings, backend, bytes: broken() })).rejects.toThrow('the pipe broke');
  await expectNothingLeft(backend);
});
