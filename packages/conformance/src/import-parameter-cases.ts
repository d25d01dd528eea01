import assert from 'node:assert/strict';
import { gzipSync } from 'node:zlib';
import { findParams, type OvfParams } from '@ovfkit/domain';
import type { Case } from './case.ts';
import { sampleFacts } from './sample-package.ts';
import { type BackendSubject, refuses, sceneCase, until } from './scene.ts';

const accepted: OvfParams = { type: 'EulaParams', allEulaAccepted: true };

const questionCases: readonly Case<BackendSubject>[] = [
  sceneCase(
    'try_instantiate gives options, networks, licences, properties and the name, with their defaults',
    async (scene) => {
      const sample = scene.newPackage();
      const id = await scene.pushDescriptor(sample);
      const { parameters } = await scene.backend.importSession.tryInstantiate({ id, instantiationParameters: [] });
      const options = findParams(parameters, 'DeploymentOptionParams');
      assert.equal(options?.selectedKey, 'small');
      assert.deepEqual(
        options?.deploymentOptions?.map(({ key }) => key),
        ['small', 'large'],
      );
      const networks = findParams(parameters, 'NetworkMappingParams');
      assert.deepEqual(
        networks?.sourceNetworks?.map(({ name }) => name),
        [sampleFacts.network],
      );
      assert.ok(networks?.targetNetworks?.some(({ id: target }) => target === scene.target.network));
      const eula = findParams(parameters, 'EulaParams');
      assert.deepEqual([eula?.eulas, eula?.allEulaAccepted], [[sampleFacts.eula], false]);
      const properties = findParams(parameters, 'PropertyParams')?.properties ?? [];
      assert.deepEqual(
        properties.map(({ classId, id: key, value }) => [classId, key, value]),
        [
          ['net', 'hostname', 'sample'],
          ['net', 'port', '8080'],
        ],
      );
      assert.equal(findParams(parameters, 'NameAndProductParams')?.name, sample.name);
    },
  ),
  sceneCase('try_instantiate remembers nothing between calls and changes no state', async (scene) => {
    const { importSession } = scene.backend;
    const id = await scene.pushDescriptor(scene.newPackage());
    const choice: OvfParams = { type: 'DeploymentOptionParams', selectedKey: 'large' };
    await importSession.tryInstantiate({ id, instantiationParameters: [choice] });
    const { parameters } = await importSession.tryInstantiate({ id, instantiationParameters: [] });
    assert.equal(findParams(parameters, 'DeploymentOptionParams')?.selectedKey, 'small');
    assert.equal((await importSession.get({ id })).state, 'IMPORT_SELECTING_OVF_PARAMS');
  }),
  sceneCase('a value that is wrong is an INPUT error of try_instantiate, and instantiate refuses it', async (scene) => {
    const { importSession } = scene.backend;
    const sample = scene.newPackage();
    const id = await scene.pushDescriptor(sample);
    const wrong: readonly OvfParams[] = [
      { type: 'DeploymentOptionParams', selectedKey: 'no-such-option' },
      { type: 'NetworkMappingParams', sourceNetworks: [{ name: sampleFacts.network, target: 'network-none' }] },
      { type: 'DatastoreMappingParams', targetDatastore: 'datastore-none' },
      { type: 'PropertyParams', properties: [{ classId: 'net', id: 'port', value: 'seventy' }] },
    ];
    for (const each of wrong) {
      const others = scene.parameters(sample.name).filter(({ type }) => type !== each.type);
      const instantiationParameters = [...others, each];
      const { errors } = await importSession.tryInstantiate({ id, instantiationParameters });
      assert.ok(
        errors.some(({ category }) => category === 'INPUT'),
        `${each.type}: ${JSON.stringify(errors)}`,
      );
      await refuses(importSession.instantiate({ id, instantiationParameters }), 'INVALID_ARGUMENT');
    }
    assert.equal((await importSession.get({ id })).state, 'IMPORT_SELECTING_OVF_PARAMS');
  }),
  sceneCase('parameters cannot be asked for before the descriptor is here', async (scene) => {
    const { importSession } = scene.backend;
    const id = await scene.createPush();
    await refuses(importSession.tryInstantiate({ id, instantiationParameters: [] }), 'NOT_ALLOWED_IN_CURRENT_STATE');
    await refuses(importSession.instantiate({ id, instantiationParameters: [] }), 'NOT_ALLOWED_IN_CURRENT_STATE');
  }),
];

const choiceCases: readonly Case<BackendSubject>[] = [
  sceneCase('a licence that is not accepted is refused, and can be accepted afterwards', async (scene) => {
    const { importSession } = scene.backend;
    const sample = scene.newPackage();
    const id = await scene.pushDescriptor(sample);
    const others = scene.parameters(sample.name).filter(({ type }) => type !== 'EulaParams');
    await refuses(importSession.instantiate({ id, instantiationParameters: others }), 'INVALID_ARGUMENT');
    assert.equal((await importSession.get({ id })).state, 'IMPORT_SELECTING_OVF_PARAMS');
    await importSession.instantiate({ id, instantiationParameters: [...others, accepted] });
  }),
  sceneCase('a session is instantiated once, a second time is refused', async (scene) => {
    const { importSession } = scene.backend;
    const sample = scene.newPackage();
    const id = await scene.pushDescriptor(sample);
    const instantiationParameters = scene.parameters(sample.name);
    await importSession.instantiate({ id, instantiationParameters });
    await refuses(importSession.instantiate({ id, instantiationParameters }), 'NOT_ALLOWED_IN_CURRENT_STATE');
    await scene.send(id, sample.disk);
    await until(scene.backend, id, 'IMPORT_COMPLETED');
    await refuses(importSession.instantiate({ id, instantiationParameters }), 'NOT_ALLOWED_IN_CURRENT_STATE');
    assert.equal((await scene.machines(sample.name)).length, 1);
  }),
  sceneCase('a name that is taken makes no second virtual machine', async (scene) => {
    const { importSession } = scene.backend;
    const sample = scene.newPackage();
    const vmId = await scene.importSample(sample);
    const id = await scene.pushDescriptor(sample);
    const again = async () => {
      await importSession.instantiate({ id, instantiationParameters: scene.parameters(sample.name) });
      await scene.send(id, sample.disk);
      await until(scene.backend, id, 'IMPORT_ERROR');
    };
    await again().catch((error: { readonly kind?: unknown }) => {
      if (error.kind !== 'INVALID_ARGUMENT' && error.kind !== 'ALREADY_EXISTS') throw error; // refused at once is as good
    });
    assert.deepEqual(await scene.machines(sample.name), [vmId]);
  }),
];

const previewCases: readonly Case<BackendSubject>[] = [
  sceneCase('preview lists the files a descriptor needs, plain and packed', async (scene) => {
    const sample = scene.newPackage(['de']);
    const text = new TextDecoder().decode(sample.descriptor.bytes);
    const packed = gzipSync(text).toString('base64');
    for (const ovfDescriptor of [text, `\uFEFF${text}`, packed]) {
      const { files, errors } = await scene.backend.importSession.preview({ ovfDescriptor });
      assert.deepEqual(
        files.map(({ name }) => name).toSorted(),
        [sample.disk.name, `${sample.name}-de.msg`].toSorted(),
      );
      assert.deepEqual(errors, []);
    }
  }),
  sceneCase('preview refuses what is no descriptor', async ({ backend }) => {
    for (const ovfDescriptor of ['', 'hello', Buffer.from('<Envelope/>').toString('base64')]) {
      await refuses(backend.importSession.preview({ ovfDescriptor }), 'INVALID_ARGUMENT');
    }
  }),
  sceneCase('import flags are listed for a pool that exists', async ({ backend, target }) => {
    const flags = await backend.importFlag.list({ rp: target.resourcePool });
    assert.ok(flags.some(({ option }) => option === 'LAX'));
    await refuses(backend.importFlag.list({ rp: 'resgroup-none' }), 'NOT_FOUND');
  }),
];

/** Parameters of an import: asked for, checked, applied once. */
export const importParameterCases: readonly Case<BackendSubject>[] = [
  ...questionCases,
  ...choiceCases,
  ...previewCases,
];
