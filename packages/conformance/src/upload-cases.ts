import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FileAddress } from '@ovfkit/domain';
import type { Case } from './case.ts';
import { bytesOf, cut, noise, sha256 } from './sample-bytes.ts';
import type { SamplePackage } from './sample-package.ts';
import { type BackendSubject, refuses, type Scene, sceneCase, until } from './scene.ts';

const mebibyte = 1024 * 1024;

type DiskAddress = FileAddress & { readonly kind: 'import' };

/** A session that takes a disk, and the address of that disk. */
async function diskOf(scene: Scene, sample: SamplePackage): Promise<DiskAddress> {
  const sessionId = await scene.pushDescriptor(sample);
  const file = await scene.fileOf(sessionId, sample.disk.name);
  return { kind: 'import', sessionId, file };
}

const wholeCases: readonly Case<BackendSubject>[] = [
  sceneCase('a file that arrived whole is complete, with its size and digest', async (scene) => {
    const sample = scene.newPackage();
    const address = await diskOf(scene, sample);
    const size = sample.disk.bytes.length;
    const state = await scene.backend.files.upload({
      ...address,
      offset: 0,
      size,
      bytes: bytesOf(...cut(sample.disk.bytes, 1000)),
    });
    assert.deepEqual(state, { offset: size, isComplete: true });
    const file = await scene.fileOf(address.sessionId, sample.disk.name);
    assert.deepEqual([file.size, file.bytesTransferred, file.sha256], [size, size, sha256(sample.disk.bytes)]);
  }),
  sceneCase('a file of another name or session is refused', async (scene) => {
    const address = await diskOf(scene, scene.newPackage());
    const { fileUrl: _, ...file } = address.file;
    const upload = { ...address, offset: 0, size: 1 };
    const other = {
      ...upload,
      file: { ...file, name: 'other.vmdk', fileUrl: renamed(address.file.fileUrl, address.file.name) },
    };
    await refuses(scene.backend.files.upload({ ...other, bytes: bytesOf('x') }), 'NOT_FOUND');
    await scene.backend.importSession.delete({ id: address.sessionId });
    await refuses(scene.backend.files.upload({ ...upload, bytes: bytesOf('x') }), 'NOT_FOUND');
  }),
  sceneCase('a file with another digest than announced is refused and not complete', async (scene) => {
    const sample = scene.newPackage();
    const address = await diskOf(scene, sample);
    const upload = { ...address, offset: 0, size: sample.disk.bytes.length, sha256: sha256('something else') };
    await refuses(scene.backend.files.upload({ ...upload, bytes: bytesOf(sample.disk.bytes) }), 'INVALID_ARGUMENT');
    await scene.send(address.sessionId, sample.disk); // and can be sent again, right this time
    assert.equal((await scene.fileOf(address.sessionId, sample.disk.name)).sha256, sha256(sample.disk.bytes));
  }),
];

/** The address of a file that the session does not have, by the same rule as `url`; HTTP knows a file by its address. */
const renamed = (url = '', name = ''): string => url.replace(encodeURIComponent(name), 'other.vmdk');

const resumeCases: readonly Case<BackendSubject>[] = [
  sceneCase('a broken upload keeps what arrived and goes on from there', async (scene) => {
    const { backend } = scene;
    const address = await diskOf(scene, scene.newPackage());
    const contents = noise(3 * mebibyte);
    const offset = await breakUpload(scene, { address, contents });
    if (!backend.features.resumableUpload) return refuses(backend.files.uploadState(address), 'UNSUPPORTED');
    assert.ok(offset > 0 && offset <= contents.length);
    const rest = { offset, size: contents.length, bytes: bytesOf(contents.subarray(offset)) };
    const state = await backend.files.upload({ ...address, ...rest });
    assert.deepEqual(state, { offset: contents.length, isComplete: true });
    assert.equal((await scene.fileOf(address.sessionId, address.file.name)).sha256, sha256(contents));
  }),
  sceneCase('an upload at a wrong offset is refused and changes nothing', async (scene) => {
    const { backend } = scene;
    if (!backend.features.resumableUpload) return;
    const address = await diskOf(scene, scene.newPackage());
    const contents = noise(3 * mebibyte);
    const offset = await breakUpload(scene, { address, contents });
    for (const wrong of [offset - 1, offset + 1]) {
      const rest = { offset: wrong, size: contents.length, bytes: bytesOf(contents.subarray(wrong)) };
      await refuses(backend.files.upload({ ...address, ...rest }), 'CONCURRENT_CHANGE');
    }
    assert.deepEqual(await backend.files.uploadState(address), { offset, isComplete: false });
  }),
  sceneCase('an upload from the start replaces what a broken one left', async (scene) => {
    const sample = scene.newPackage();
    const address = await diskOf(scene, sample);
    await breakUpload(scene, { address, contents: noise(3 * mebibyte, 'wrong') });
    const { isComplete } = await scene.send(address.sessionId, sample.disk);
    assert.equal(isComplete, true);
    assert.equal((await scene.fileOf(address.sessionId, sample.disk.name)).sha256, sha256(sample.disk.bytes));
  }),
  sceneCase('a second upload of a file while one is under way is refused', async (scene) => {
    const { backend } = scene;
    const address = await diskOf(scene, scene.newPackage());
    const { bytes, end } = endless();
    const first = backend.files.upload({ ...address, offset: 0, size: 8 * mebibyte, bytes });
    const firstFails = assert.rejects(first);
    try {
      await bytesHaveArrived(scene, address);
      await refuses(backend.files.upload({ ...address, offset: 0, size: 1, bytes: bytesOf('x') }), 'CONCURRENT_CHANGE');
    } finally {
      end();
      await firstFails;
    }
  }),
  sceneCase('several files of one session may be sent at the same time', async (scene) => {
    const sample = scene.newPackage();
    const id = await scene.pushDescriptor(sample, { pushSourceOvfOption: 'MANIFEST' });
    const { files } = await scene.backend.importSession.get({ id });
    const manifest = files.find(({ fileType }) => fileType === 'MANIFEST')?.name;
    await Promise.all([scene.send(id, sample.disk), scene.send(id, sample.manifest, manifest)]);
    await scene.backend.importSession.instantiate({ id, instantiationParameters: scene.parameters(sample.name) });
    await until(scene.backend, id, 'IMPORT_COMPLETED');
  }),
  sceneCase('an upload whose signal is aborted rejects with the reason', async (scene) => {
    const sample = scene.newPackage();
    const address = await diskOf(scene, sample);
    const reason = new Error('enough');
    const upload = { ...address, offset: 0, size: 10, bytes: bytesOf('0123456789') };
    const call = scene.backend.files.upload(upload, { signal: AbortSignal.abort(reason) });
    await assert.rejects(call, (error) => error === reason);
    assert.equal((await scene.fileOf(address.sessionId, sample.disk.name)).bytesTransferred, 0);
  }),
];

/** Four mebibytes and then nothing, until it breaks off when `end` is called. */
function endless(): { readonly bytes: AsyncIterable<Uint8Array>; readonly end: () => void } {
  let end = () => {};
  const gate = new Promise<void>((resolve) => {
    end = resolve;
  });
  const bytes = async function* () {
    for (let sent = 0; sent < 4 * mebibyte; sent += 65_536) yield new Uint8Array(65_536);
    await gate;
    throw new Error('the client went away');
  };
  return { bytes: bytes(), end };
}

interface Breaking {
  readonly address: DiskAddress;
  readonly contents: Uint8Array;
}

/**
 * Sends most of `contents` and breaks off once some of it has arrived: what is still on its way is lost with the line.
 * Gives the bytes that were kept, once the backend has noticed; 0 where it keeps none.
 */
async function breakUpload(scene: Scene, { address, contents }: Breaking): Promise<number> {
  const bytes = async function* () {
    yield* cut(contents.subarray(0, contents.length - mebibyte), 65_536);
    await bytesHaveArrived(scene, address);
    throw new Error('the line is dead');
  };
  await assert.rejects(scene.backend.files.upload({ ...address, offset: 0, size: contents.length, bytes: bytes() }));
  if (!scene.backend.features.resumableUpload) return 0;
  let before = -1;
  for (let tries = 0; tries < 100; tries += 1) {
    const { offset } = await scene.backend.files.uploadState(address);
    if (offset > 0 && offset === before) return offset;
    before = offset;
    await sleep(30);
  }
  return assert.fail('the broken upload left nothing');
}

async function bytesHaveArrived(scene: Scene, { sessionId, file }: DiskAddress): Promise<void> {
  for (let tries = 0; tries < 200; tries += 1) {
    if ((await scene.fileOf(sessionId, file.name)).bytesTransferred > 0) return;
    await sleep(20);
  }
  assert.fail('no byte has arrived');
}

/** Uploads: whole, broken, wrong. */
export const uploadCases: readonly Case<BackendSubject>[] = [...wholeCases, ...resumeCases];
