import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { SessionBackend } from '@ovfkit/domain';
import { readAll, writeOva } from '@ovfkit/package-format';
import { describe, expect, test } from 'vitest';
import {
  type Continuation,
  type ImportStreamOptions,
  importStream,
  openArchiveStream,
  type ProgressEvent,
} from '../src/index.ts';
import {
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
import {
  connect,
  expectNothingLeft,
  layWire,
  type Service,
  start,
  startService,
  tempFolder,
} from './support/service.ts';

const bundle = '<?xml version="1.0"?><Strings xmlns="http://schemas.dmtf.org/ovf/envelope/1" xml:lang="de"/>';

async function* archiveOf({ files }: Sample, order = [...files.keys()]): AsyncGenerator<Uint8Array, void, undefined> {
  async function* one(name: string): AsyncGenerator<Uint8Array, void, undefined> {
    const bytes = files.get(name) ?? new Uint8Array();
    for (let at = 0; at < bytes.length; at += 64 * 1024) yield bytes.subarray(at, at + 64 * 1024);
  }
  yield* writeOva(order.map((name) => ({ name, size: files.get(name)?.length ?? 0, bytes: one(name) })));
}

async function storedDisks({ store }: Pick<Service, 'store'>): Promise<readonly string[]> {
  const [vm] = await store.inventory.vm.list({});
  const { vms } = await store.inventory.describe({ type: 'VirtualMachine', id: vm?.vm ?? '' });
  const blobs = vms.flatMap(({ disks }) => disks.map(({ file }) => file?.blob ?? ''));
  return Promise.all(blobs.map(async (blob) => sha256(await bytesOf(store.blobs.read(blob)))));
}

const settings = { target: pool, parameters: defaults, poll: { firstMs: 20, maxMs: 200 } } as const;

type Changes = Partial<ImportStreamOptions> & Pick<ImportStreamOptions, 'backend'>;

const importing = async (bytes: AsyncIterable<Uint8Array>, changes: Changes) =>
  importStream({ ...settings, archive: await openArchiveStream(bytes), ...changes });

test.each([
  ['its manifest behind the descriptor', undefined],
  ['its manifest at the end', ['app.ovf', 'de.msg', 'disk0.vmdk', 'disk1.vmdk', 'app.mf']],
])('an archive with %s is imported byte for byte while it goes by', async (_, order) => {
  const { service, backend } = await start();
  const sample = makeSample({ bundle });
  const events: ProgressEvent[] = [];
  const onProgress = (event: ProgressEvent) => events.push(event);
  const result = await importing(archiveOf(sample, order), { backend, onProgress });
  expect(result.vmId).toMatch(/./);
  expect(await storedDisks(service)).toEqual(disksOf(sample));
  expect(await backend.importSession.list({})).toEqual([]);
  expect(events.some((event) => event.type === 'state' && event.state === 'IMPORT_COMPLETED')).toBe(true);
});

test.each([
  ['a disk that differs from the manifest', withFile(makeSample(), 'disk1.vmdk', noise('other', 300_000)), undefined],
  [
    'a disk that differs from the manifest at its end',
    withFile(makeSample(), 'disk1.vmdk', noise('other', 300_000)),
    ['app.ovf', 'disk0.vmdk', 'disk1.vmdk', 'app.mf'],
  ],
  ['no second disk', without(makeSample(), 'disk1.vmdk'), undefined],
])('an archive with %s is refused, and nothing is left', async (_, sample, order) => {
  const { backend } = await start();
  await expect(importing(archiveOf(sample, order), { backend })).rejects.toThrow(/disk1\.vmdk/);
  await expectNothingLeft(backend);
});

test('a manifest that is not to be looked at is not', async () => {
  const { service, backend } = await start();
  const sample = withFile(makeSample(), 'disk1.vmdk', noise('other', 300_000));
  await importing(archiveOf(sample), { backend, verifyManifest: false });
  expect(await storedDisks(service)).toEqual(disksOf(sample));
});

test('disks the server has by the digests of the manifest go by without being sent', async () => {
  const { service, backend } = await start();
  const sample = makeSample();
  await importing(archiveOf(sample), { backend });
  const [first] = await service.store.inventory.vm.list({});
  const again = await importing(archiveOf(sample), {
    backend,
    parameters: () => [...defaults(), { type: 'NameAndProductParams', name: 'again' }],
  });
  expect(again.vmId).not.toBe(first?.vm);
  expect(again.bytesSent).toBeLessThan(10_000);
});

test('what goes by in the place of a disk the server has by its digest is not in the machine, and fails nothing', async () => {
  const { service, backend } = await start();
  const sample = makeSample();
  const first = await importing(archiveOf(sample), { backend });
  const again = await importing(archiveOf(withFile(sample, 'disk1.vmdk', noise('other', 300_000))), {
    backend,
    parameters: () => [...defaults(), { type: 'NameAndProductParams', name: 'again' }],
  });
  await backend.inventory.vm.delete({ vm: first.vmId ?? '' });
  expect((await backend.inventory.vm.list({})).map(({ vm }) => vm)).toEqual([again.vmId]);
  expect(await storedDisks(service)).toEqual(disksOf(sample));
});

describe('a line that breaks', () => {
  test('is mended as long as what it lost is among the last bytes', async () => {
    const service = await startService(await tempFolder());
    const wire = await layWire(service.port);
    const backend = await connect(wire.port);
    const sample = makeSample({ diskSize: 3_000_000 });
    wire.cutAfter('up', 1_000_000, 2_000_000);
    await importing(archiveOf(sample), { backend });
    expect(wire.cuts()).toBe(2);
    expect(await storedDisks(service)).toEqual(disksOf(sample));
  });
});

const keptAlways: Omit<Continuation, 'onSession'> & { readonly clientToken: string } = {
  clientToken: '',
  onDone: async () => {},
  isKept: () => true,
  onLeft: async () => {},
};

interface Attempt {
  readonly backend: SessionBackend;
  readonly bytes: AsyncIterable<Uint8Array>;
}

/** Begins an import and gives it up by the signal; resolves to its continuation for the next. */
async function givenUp(
  { backend, bytes }: Attempt,
  { signal, onProgress = () => {} }: Pick<ImportStreamOptions, 'onProgress'> & { readonly signal: AbortSignal },
): Promise<Continuation> {
  let sessionId: string | undefined;
  const onSession = async (id: string) => {
    sessionId = id;
  };
  const continuation: Continuation = { ...keptAlways, clientToken: randomUUID(), onSession };
  await expect(importing(bytes, { backend, signal, continuation, onProgress })).rejects.toThrow('killed');
  return sessionId === undefined ? continuation : { ...continuation, sessionId };
}

/** Given up when the session gets to a state. */
function givenUpIn(state: string, attempt: Attempt): Promise<Continuation> {
  const controller = new AbortController();
  const onProgress = (event: ProgressEvent): void => {
    if (event.type === 'state' && event.state === state) controller.abort(new Error('killed'));
  };
  return givenUp(attempt, { signal: controller.signal, onProgress });
}

/** Given up when the server has some of the second disk, and more of it has not come by yet. */
function givenUpWithin({ backend, bytes }: Attempt, diskSize = 3_000_000): Promise<Continuation> {
  const controller = new AbortController();
  const isThere = async (): Promise<boolean> => {
    const [session] = await backend.importSession.list({});
    const { files } = await backend.importSession.get({ id: session?.id ?? '' });
    return files.some(({ name, bytesTransferred }) => name === 'disk1.vmdk' && (bytesTransferred ?? 0) > 0);
  };
  async function* untilThere(): AsyncGenerator<Uint8Array, void, undefined> {
    let passed = 0;
    for await (const chunk of bytes) {
      passed += chunk.length;
      if (passed > 1.8 * diskSize && !controller.signal.aborted) {
        while (!(await isThere())) await sleep(20);
        controller.abort(new Error('killed'));
      }
      yield chunk;
    }
  }
  return givenUp({ backend, bytes: untilThere() }, controller);
}

const atEnd = ['app.ovf', 'de.msg', 'disk0.vmdk', 'disk1.vmdk', 'app.mf'];
const unlisted = without(makeSample({ bundle, diskSize: 3_000_000 }), 'app.mf');

test.each([
  'IMPORT_OVF_TRANSFER',
  'IMPORT_MSG_BUNDLES_TRANSFER',
  'IMPORT_SELECTING_OVF_PARAMS',
  'IMPORT_FILE_TRANSFER',
  'IMPORT_INSTANTIATING',
])('an archive whose import was given up in %s goes on in the same session', async (state) => {
  const { backend, service } = await start();
  const sample = makeSample({ bundle });
  const continuation = await givenUpIn(state, { backend, bytes: archiveOf(sample) });
  const result = await importing(archiveOf(sample), { backend, continuation });
  expect(result.sessionId).toBe(continuation.sessionId);
  expect(await storedDisks(service)).toEqual(disksOf(sample));
  expect(await backend.inventory.vm.list({})).toHaveLength(1);
  expect(await backend.importSession.list({})).toEqual([]);
});

describe('an archive whose import was given up within its second disk', () => {
  test('is sent from there, and no byte of the first disk is sent again', async () => {
    const { backend, service } = await start();
    const sample = makeSample({ bundle, diskSize: 3_000_000 });
    const continuation = await givenUpWithin({ backend, bytes: archiveOf(sample) });
    const { bytesSent } = await importing(archiveOf(sample), { backend, continuation });
    expect(bytesSent).toBeLessThan(2_500_000);
    expect(await storedDisks(service)).toEqual(disksOf(sample));
  });

  test.each([
    ['at its end', makeSample({ bundle, diskSize: 3_000_000 }), atEnd],
    ['nowhere', unlisted, undefined],
    ['nowhere, and its disks large', without(makeSample({ bundle, diskSize: 40_000_000 }), 'app.mf'), undefined],
  ])('is sent from there when its manifest is %s', async (_, sample, order) => {
    const { backend, service } = await start();
    const diskSize = sample.files.get('disk1.vmdk')?.length ?? 0;
    const continuation = await givenUpWithin({ backend, bytes: archiveOf(sample, order) }, diskSize);
    const { bytesSent } = await importing(archiveOf(sample, order), { backend, continuation });
    expect(bytesSent).toBeLessThan(0.9 * diskSize);
    expect(await storedDisks(service)).toEqual(disksOf(sample));
  });

  test.each([
    ['with a manifest', makeSample({ bundle, diskSize: 3_000_000 })],
    ['without one', unlisted],
  ])('%s does not go on with another first disk under the same descriptor', async (_, sample) => {
    const { backend } = await start();
    const continuation = await givenUpWithin({ backend, bytes: archiveOf(sample) });
    const other = withFile(sample, 'disk0.vmdk', noise('other', 3_000_000));
    const again = importing(archiveOf(other), { backend, continuation: { ...continuation, isKept: () => false } });
    await expect(again).rejects.toMatchObject({ kind: 'INVALID_ARGUMENT', message: expect.stringContaining('disk0') });
    await expectNothingLeft(backend);
  });

  test.each([
    ['with a manifest', makeSample({ bundle, diskSize: 3_000_000 })],
    ['without one', unlisted],
  ])('%s is no mixture with another second disk under the same descriptor', async (_, sample) => {
    const { backend, service } = await start();
    const continuation = await givenUpWithin({ backend, bytes: archiveOf(sample) });
    const other = withFile(sample, 'disk1.vmdk', noise('other', 3_000_000));
    const again = importing(archiveOf(other), { backend, continuation: { ...continuation, isKept: () => false } });
    const made = await again.then(
      () => storedDisks(service),
      () => disksOf(other),
    );
    expect(made).toEqual(disksOf(other));
  });
});

test('a session that was begun for another form of the package is not gone on with, nor is it left', async () => {
  const { backend } = await start();
  const clientToken = randomUUID();
  const createSpec = { sourceType: 'PUSH_SOURCE', pushSourceContentType: 'OVA_SOURCE', importFlags: [] };
  const sessionId = await backend.importSession.createForResourcePool({ ...pool, clientToken, createSpec });
  const continuation = { ...keptAlways, clientToken, sessionId, onSession: async () => {}, isKept: () => false };
  const refused = { kind: 'NOT_ALLOWED_IN_CURRENT_STATE' };
  await expect(importing(archiveOf(makeSample()), { backend, continuation })).rejects.toMatchObject(refused);
  await expectNothingLeft(backend);
});

test('an archive that does not begin with its descriptor is refused before anything is sent', async () => {
  const bytes = archiveOf(makeSample(), ['disk0.vmdk', 'app.ovf', 'app.mf', 'disk1.vmdk']);
  await expect(openArchiveStream(bytes)).rejects.toMatchObject({ code: 'DESCRIPTOR_MISSING' });
});

test('an archive that breaks off is refused, and nothing is left', async () => {
  const { backend } = await start();
  const whole = await readAll(archiveOf(makeSample()), 2 ** 24);
  async function* broken(): AsyncGenerator<Uint8Array, void, undefined> {
    yield whole.subarray(0, 400_000);
    throw new Error('the pipe broke');
  }
  await expect(importing(broken(), { backend })).rejects.toThrow('the pipe broke');
  await expectNothingLeft(backend);
});
