import assert from 'node:assert/strict';
import type { Case } from './case.ts';
import { type BackendSubject, refuses, sceneCase, until } from './scene.ts';

const unknown = '00000000-0000-4000-8000-000000000000';

const progressCases: readonly Case<BackendSubject>[] = [
  sceneCase('progress may rise and stay, but not fall or pass 100', async (scene) => {
    const { importSession } = scene.backend;
    const sample = scene.newPackage();
    const id = await scene.pushDescriptor(sample);
    await importSession.instantiate({ id, instantiationParameters: scene.parameters(sample.name) });
    await until(scene.backend, id, 'IMPORT_FILE_TRANSFER');
    await importSession.progress({ id, percent: 40 });
    await importSession.progress({ id, percent: 40 });
    await refuses(importSession.progress({ id, percent: 39 }), 'INVALID_ARGUMENT');
    await refuses(importSession.progress({ id, percent: 101 }), 'INVALID_ARGUMENT');
    await refuses(importSession.progress({ id, percent: -1 }), 'INVALID_ARGUMENT');
    assert.ok((await importSession.get({ id })).progress >= 40);
  }),
  sceneCase('progress checks the session, then the value, then the state', async (scene) => {
    const { importSession } = scene.backend;
    await refuses(importSession.progress({ id: unknown, percent: 101 }), 'NOT_FOUND');
    const id = await scene.createPush();
    await refuses(importSession.progress({ id, percent: 101 }), 'INVALID_ARGUMENT');
    await refuses(importSession.progress({ id, percent: 10 }), 'NOT_ALLOWED_IN_CURRENT_STATE');
  }),
];

const deleteCases: readonly Case<BackendSubject>[] = [
  sceneCase(
    'an unknown session cannot be read or instantiated, but deleted',
    async ({ backend: { importSession } }) => {
      await refuses(importSession.get({ id: unknown }), 'NOT_FOUND');
      await refuses(importSession.tryInstantiate({ id: unknown, instantiationParameters: [] }), 'NOT_FOUND');
      await refuses(importSession.instantiate({ id: unknown, instantiationParameters: [] }), 'NOT_FOUND');
      await importSession.delete({ id: unknown });
    },
  ),
  sceneCase('delete cancels an import under way, which then makes nothing', async (scene) => {
    const { backend } = scene;
    const sample = scene.newPackage();
    const id = await scene.pushDescriptor(sample);
    await backend.importSession.instantiate({ id, instantiationParameters: scene.parameters(sample.name) });
    const file = await scene.fileOf(id, sample.disk.name);
    await backend.importSession.delete({ id });
    await backend.importSession.delete({ id });
    await refuses(backend.importSession.get({ id }), 'NOT_FOUND');
    const bytes = async function* () {
      yield sample.disk.bytes;
    };
    const upload = { kind: 'import', sessionId: id, file, offset: 0, size: sample.disk.bytes.length } as const;
    await refuses(backend.files.upload({ ...upload, bytes: bytes() }), 'NOT_FOUND');
    assert.deepEqual(await scene.machines(sample.name), []);
  }),
  sceneCase('a virtual machine outlives the session that made it', async (scene) => {
    const { backend } = scene;
    const sample = scene.newPackage();
    const id = await scene.pushDescriptor(sample);
    await scene.send(id, sample.disk);
    await backend.importSession.instantiate({ id, instantiationParameters: scene.parameters(sample.name) });
    const { vmId } = await until(backend, id, 'IMPORT_COMPLETED');
    await backend.importSession.delete({ id });
    assert.deepEqual(await scene.machines(sample.name), [vmId]);
  }),
  sceneCase('a deleted virtual machine is gone', async (scene) => {
    const sample = scene.newPackage();
    const vm = await scene.importSample(sample);
    await scene.backend.inventory.vm.delete({ vm });
    assert.deepEqual(await scene.machines(sample.name), []);
    await refuses(scene.backend.inventory.vm.get({ vm }), 'NOT_FOUND');
    await refuses(scene.backend.inventory.vm.delete({ vm }), 'NOT_FOUND');
  }),
];

const listCases: readonly Case<BackendSubject>[] = [
  sceneCase('sessions are listed with their state where the backend can, else the list is refused', async (scene) => {
    const { importSession } = scene.backend;
    if (!scene.backend.features.sessionList) return refuses(importSession.list({}), 'UNSUPPORTED');
    const id = await scene.createPush();
    const listed = (await importSession.list({})).find((each) => each.id === id);
    assert.equal(listed?.state, 'IMPORT_OVF_TRANSFER');
    assert.ok(listed.createdAt > 0 && listed.expiresAt > listed.createdAt);
    await importSession.delete({ id });
    assert.ok((await importSession.list({})).every((each) => each.id !== id));
  }),
  sceneCase('without a content library its sources and targets are refused', async ({ backend, target }) => {
    if (backend.features.contentLibrary) return;
    const { resourcePool } = target;
    const createSpec = { importFlags: [], sourceType: 'CONTENT_LIBRARY_SOURCE', contentLibraryItem: unknown } as const;
    const fromLibrary = { resourcePool, createSpec: { ...createSpec, importFlags: [] } };
    await refuses(backend.importSession.createForResourcePool(fromLibrary), 'UNSUPPORTED');
    await refuses(
      backend.libraryItem.filter({ ovfLibraryItemId: unknown, target: { resourcePoolId: resourcePool } }),
      'UNSUPPORTED',
    );
  }),
  sceneCase('a call whose signal is aborted rejects with the reason', async ({ backend, target }) => {
    const reason = new Error('enough');
    const options = { signal: AbortSignal.abort(reason) };
    await assert.rejects(backend.importSession.get({ id: unknown }, options), (error) => error === reason);
    const createSpec = { importFlags: [], sourceType: 'PUSH_SOURCE' as const };
    const create = backend.importSession.createForResourcePool(
      { resourcePool: target.resourcePool, createSpec },
      options,
    );
    await assert.rejects(create, (error) => error === reason);
  }),
];

const probeCases: readonly Case<BackendSubject>[] = [
  sceneCase('a probe session reads a descriptor and answers without a target', async (scene) => {
    const { probeImportSession, files } = scene.backend;
    const sample = scene.newPackage();
    const createSpec = { importFlags: [], sourceType: 'PUSH_SOURCE' as const };
    const id = await probeImportSession.createProbeImportSession({ createSpec });
    try {
      const [file] = (await probeImportSession.get({ id })).files;
      assert.ok(file);
      const bytes = async function* () {
        yield sample.descriptor.bytes;
      };
      const size = sample.descriptor.bytes.length;
      await files.upload({ kind: 'probe', sessionId: id, file, offset: 0, size, bytes: bytes() });
      await untilProbed(scene, id);
      const { parameters } = await probeImportSession.tryInstantiate({ id, instantiationParameters: [] });
      const types = parameters.map(({ type }) => type);
      for (const type of ['NameAndProductParams', 'EulaParams', 'DeploymentOptionParams'])
        assert.ok(types.includes(type), type);
      assert.ok(!types.includes('NetworkMappingParams'), 'networks depend on a target');
    } finally {
      await probeImportSession.delete({ id });
    }
    await refuses(probeImportSession.get({ id }), 'NOT_FOUND');
    await probeImportSession.delete({ id });
  }),
];

async function untilProbed({ backend }: BackendSubject, id: string): Promise<void> {
  const end = performance.now() + 10_000;
  for (;;) {
    const { state, errors } = await backend.probeImportSession.get({ id });
    if (state === 'PROBE_IMPORT_SELECTING_OVF_PARAMS') return;
    assert.ok(state === 'PROBE_IMPORT_OVF_TRANSFER' && performance.now() < end, `${state}: ${JSON.stringify(errors)}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** The life of import and probe sessions beside their main way. */
export const importLifeCases: readonly Case<BackendSubject>[] = [
  ...progressCases,
  ...deleteCases,
  ...listCases,
  ...probeCases,
];
