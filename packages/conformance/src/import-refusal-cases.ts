import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { ImportCreateSpec, ImportInfo } from '@ovfkit/domain';
import type { Case } from './case.ts';
import { sha256 } from './sample-bytes.ts';
import { manifestOf } from './sample-package.ts';
import { type BackendSubject, refuses, sceneCase, until } from './scene.ts';

const corrupted = (bytes: Uint8Array): Uint8Array =>
  bytes.map((byte, index) => (index === bytes.length - 600 ? 255 - byte : byte));

/** An error has to say which file, what was promised and what came. */
function namesMismatch(info: ImportInfo, ...facts: readonly string[]): void {
  const text = JSON.stringify(info.errors);
  for (const fact of facts) assert.ok(text.includes(fact), `${fact} is not named in ${text}`);
  assert.deepEqual([info.vmId, info.vappId], [undefined, undefined]);
}

const manifestFile = (info: ImportInfo): string => {
  const file = info.files.find(({ fileType }) => fileType === 'MANIFEST');
  assert.ok(file, 'the session has no manifest entry');
  assert.equal(file.optionalUpload, true);
  return file.name;
};

const createCases: readonly Case<BackendSubject>[] = [
  sceneCase('a source that mixes the fields of two kinds, or lacks its own, is refused', async (scene) => {
    const specs: readonly ImportCreateSpec[] = [
      { importFlags: [], sourceType: 'PUSH_SOURCE', pullSource: 'https://repo.example/app.ovf' },
      { importFlags: [], sourceType: 'PULL_SOURCE' },
      {
        importFlags: [],
        sourceType: 'PULL_SOURCE',
        pullSource: 'https://a.example/a.ovf',
        pushSourceOvfOption: 'NONE',
      },
      { importFlags: [], sourceType: 'CONTENT_LIBRARY_SOURCE' },
      {
        importFlags: [],
        sourceType: 'PUSH_SOURCE',
        pushSourceContentType: 'OVA_SOURCE',
        pushSourceOvfOption: 'MANIFEST',
      },
      { importFlags: [], sourceType: 'SOURCE_OF_TOMORROW' },
      { importFlags: ['NO_SUCH_FLAG'], sourceType: 'PUSH_SOURCE' },
    ];
    const { resourcePool } = scene.target;
    for (const createSpec of specs) {
      await refuses(
        scene.backend.importSession.createForResourcePool({ resourcePool, createSpec }),
        'INVALID_ARGUMENT',
      );
    }
  }),
  sceneCase('a target that does not exist is refused', async ({ backend, target }) => {
    const createSpec: ImportCreateSpec = { importFlags: [], sourceType: 'PUSH_SOURCE' };
    const { resourcePool } = target;
    await refuses(
      backend.importSession.createForResourcePool({ resourcePool: 'resgroup-none', createSpec }),
      'NOT_FOUND',
    );
    await refuses(
      backend.importSession.createForResourcePool({ resourcePool, folder: 'group-none', createSpec }),
      'NOT_FOUND',
    );
    await refuses(
      backend.importSession.createForResourcePool({ resourcePool, hostSystem: 'host-none', createSpec }),
      'NOT_FOUND',
    );
  }),
  sceneCase(
    'the same client token gives the same session, and a token that is no UUID is refused',
    async ({ backend, target }) => {
      const createSpec: ImportCreateSpec = { importFlags: [], sourceType: 'PUSH_SOURCE' };
      const { resourcePool } = target;
      const clientToken = randomUUID();
      const id = await backend.importSession.createForResourcePool({ resourcePool, clientToken, createSpec });
      try {
        assert.equal(await backend.importSession.createForResourcePool({ resourcePool, clientToken, createSpec }), id);
        const other = await backend.importSession.createForResourcePool({
          resourcePool,
          clientToken: randomUUID(),
          createSpec,
        });
        await backend.importSession.delete({ id: other });
        assert.notEqual(other, id);
        const wrong = { resourcePool, clientToken: 'not a uuid', createSpec };
        await refuses(backend.importSession.createForResourcePool(wrong), 'INVALID_ARGUMENT');
      } finally {
        await backend.importSession.delete({ id });
      }
    },
  ),
];

const descriptorCases: readonly Case<BackendSubject>[] = [
  sceneCase('a descriptor that is not XML ends in IMPORT_ERROR with the issue', async (scene) => {
    const id = await scene.createPush();
    const { files } = await scene.backend.importSession.get({ id });
    await scene.send(
      id,
      { name: 'x.ovf', bytes: new TextEncoder().encode('<Envelope><unclosed></Envelope>') },
      files[0]?.name,
    );
    const { errors } = await until(scene.backend, id, 'IMPORT_ERROR');
    assert.equal(errors[0]?.category, 'VALIDATION');
    assert.ok((errors[0]?.issues?.length ?? 0) > 0);
  }),
  sceneCase(
    'a descriptor whose disk names no file of the package ends in IMPORT_ERROR that names the file',
    async (scene) => {
      const sample = scene.newPackage();
      const text = new TextDecoder()
        .decode(sample.descriptor.bytes)
        .replace('ovf:fileRef="file1"', 'ovf:fileRef="nowhere7"');
      const id = await scene.createPush();
      const { files } = await scene.backend.importSession.get({ id });
      await scene.send(id, { name: 'x.ovf', bytes: new TextEncoder().encode(text) }, files[0]?.name);
      const { errors } = await until(scene.backend, id, 'IMPORT_ERROR');
      assert.ok(JSON.stringify(errors).includes('nowhere7'), JSON.stringify(errors));
    },
  ),
];

const manifestCases: readonly Case<BackendSubject>[] = [
  sceneCase('a push with a manifest that is right is completed', async (scene) => {
    const { backend } = scene;
    const sample = scene.newPackage();
    const id = await scene.pushDescriptor(sample, { pushSourceOvfOption: 'MANIFEST' });
    const manifest = manifestFile(await backend.importSession.get({ id }));
    await backend.importSession.instantiate({ id, instantiationParameters: scene.parameters(sample.name) });
    await scene.send(id, sample.manifest, manifest);
    await scene.send(id, sample.disk);
    await until(backend, id, 'IMPORT_COMPLETED');
  }),
  sceneCase(
    'a disk that differs from the manifest ends in IMPORT_ERROR naming file and digests, and creates nothing',
    async (scene) => {
      const { backend } = scene;
      const sample = scene.newPackage();
      const id = await scene.pushDescriptor(sample, { pushSourceOvfOption: 'MANIFEST' });
      const manifest = manifestFile(await backend.importSession.get({ id }));
      await backend.importSession.instantiate({ id, instantiationParameters: scene.parameters(sample.name) });
      await scene.send(id, sample.manifest, manifest);
      const damaged = { name: sample.disk.name, bytes: corrupted(sample.disk.bytes) };
      await scene.send(id, damaged).catch(() => {}); // the call may tell of it too
      const info = await until(backend, id, 'IMPORT_ERROR');
      namesMismatch(info, sample.disk.name, sha256(sample.disk.bytes), sha256(damaged.bytes));
      assert.deepEqual(await scene.machines(sample.name), []);
    },
  ),
  sceneCase('a descriptor that differs from the manifest ends in IMPORT_ERROR and creates nothing', async (scene) => {
    const { backend } = scene;
    const sample = scene.newPackage();
    const other = { name: sample.descriptor.name, bytes: new TextEncoder().encode('another descriptor') };
    const id = await scene.pushDescriptor(sample, { pushSourceOvfOption: 'MANIFEST' });
    const manifest = manifestFile(await backend.importSession.get({ id }));
    await backend.importSession.instantiate({ id, instantiationParameters: scene.parameters(sample.name) });
    await scene.send(id, manifestOf(sample.name, [other, sample.disk]), manifest).catch(() => {});
    await scene.send(id, sample.disk).catch(() => {});
    const info = await until(backend, id, 'IMPORT_ERROR');
    namesMismatch(info, sha256(other.bytes), sha256(sample.descriptor.bytes));
    assert.deepEqual(await scene.machines(sample.name), []);
  }),
  sceneCase('a manifest that comes after its file still refuses it', async (scene) => {
    const { backend } = scene;
    const sample = scene.newPackage();
    const id = await scene.pushDescriptor(sample, { pushSourceOvfOption: 'MANIFEST' });
    const manifest = manifestFile(await backend.importSession.get({ id }));
    const damaged = { name: sample.disk.name, bytes: corrupted(sample.disk.bytes) };
    await scene.send(id, damaged);
    await scene.send(id, sample.manifest, manifest).catch(() => {});
    const info = await until(backend, id, 'IMPORT_ERROR');
    namesMismatch(info, sample.disk.name, sha256(sample.disk.bytes), sha256(damaged.bytes));
  }),
  sceneCase(
    'a push that announces manifest and certificate has an entry for each, and may leave both out',
    async (scene) => {
      const { backend } = scene;
      const sample = scene.newPackage();
      const id = await scene.pushDescriptor(sample, { pushSourceOvfOption: 'MANIFEST_CERTIFICATE' });
      const { files } = await backend.importSession.get({ id });
      const optional = files.filter(({ optionalUpload }) => optionalUpload).map(({ fileType }) => fileType);
      assert.deepEqual(optional.toSorted(), ['CERT', 'MANIFEST']);
      await backend.importSession.instantiate({ id, instantiationParameters: scene.parameters(sample.name) });
      await scene.send(id, sample.disk);
      await until(backend, id, 'IMPORT_COMPLETED');
    },
  ),
];

/** What an import refuses, and what it says of it. */
export const importRefusalCases: readonly Case<BackendSubject>[] = [
  ...createCases,
  ...descriptorCases,
  ...manifestCases,
];
