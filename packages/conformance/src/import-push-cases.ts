import assert from 'node:assert/strict';
import { findParams } from '@ovfkit/domain';
import type { Case } from './case.ts';
import { sampleFacts, sampleOva } from './sample-package.ts';
import { type BackendSubject, sceneCase, until } from './scene.ts';

/** The way of a push import through its states, and what it leaves in the inventory. */
export const importPushCases: readonly Case<BackendSubject>[] = [
  sceneCase('a new push waits in IMPORT_OVF_TRANSFER for one file, the descriptor', async (scene) => {
    const info = await scene.backend.importSession.get({ id: await scene.createPush() });
    assert.equal(info.state, 'IMPORT_OVF_TRANSFER');
    assert.equal(info.progress, 0);
    assert.equal(info.fileTransferMode, undefined);
    assert.deepEqual(
      info.files.map(({ fileType, optionalUpload }) => [fileType, optionalUpload]),
      [['OVF', false]],
    );
    assert.deepEqual([info.errors, info.warnings, info.vmId, info.vappId], [[], [], undefined, undefined]);
  }),
  sceneCase(
    'a push without a manifest is completed, and the virtual machine is as the package and the parameters say',
    async (scene) => {
      const sample = scene.newPackage();
      const vmId = await scene.importSample(sample);
      assert.deepEqual(await scene.machines(sample.name), [vmId]);
      const vm = await scene.backend.inventory.vm.get({ vm: vmId });
      const { cpuCount, memorySizeMib } = sampleFacts.options.small;
      assert.deepEqual([vm.cpu.count, vm.memory.sizeMib], [cpuCount, memorySizeMib]);
      assert.deepEqual(
        vm.disks.map(({ value }) => value.capacity),
        [sampleFacts.diskCapacity],
      );
      assert.deepEqual(
        vm.nics.map(({ value }) => value.backing.network),
        [scene.target.network],
      );
      assert.equal(vm.ovf?.annotation, `Note of ${sample.name}`);
      assert.equal(vm.ovf?.datastore, scene.target.datastore);
      assert.equal(vm.ovf?.folder, scene.target.folder);
      assert.equal(vm.ovf?.resourcePool, scene.target.resourcePool);
      const hostname = vm.ovf?.properties.find(({ key }) => key === 'net.hostname');
      assert.equal(hostname?.value, 'chosen');
    },
  ),
  sceneCase('a push waits in IMPORT_FILE_TRANSFER until its last required file is here', async (scene) => {
    const { backend } = scene;
    const sample = scene.newPackage();
    const id = await scene.pushDescriptor(sample);
    await backend.importSession.instantiate({ id, instantiationParameters: scene.parameters(sample.name) });
    const waiting = await until(backend, id, 'IMPORT_FILE_TRANSFER');
    assert.equal(waiting.fileTransferMode, 'SERVER_TRANSFER_MODE');
    assert.deepEqual(await scene.machines(sample.name), []);
    await scene.send(id, sample.disk);
    const done = await until(backend, id, 'IMPORT_COMPLETED');
    assert.equal(done.progress, 100);
    assert.equal(done.vappId, undefined);
    assert.deepEqual(done.files.map(({ name }) => name).toSorted(), waiting.files.map(({ name }) => name).toSorted());
  }),
  sceneCase('files may be sent before instantiate, which then needs nothing more', async (scene) => {
    const { backend } = scene;
    const sample = scene.newPackage();
    const id = await scene.pushDescriptor(sample);
    await scene.send(id, sample.disk);
    assert.equal((await backend.importSession.get({ id })).state, 'IMPORT_SELECTING_OVF_PARAMS');
    await backend.importSession.instantiate({ id, instantiationParameters: scene.parameters(sample.name) });
    const { state } = await backend.importSession.get({ id });
    assert.notEqual(state, 'IMPORT_FILE_TRANSFER');
    await until(backend, id, 'IMPORT_COMPLETED');
  }),
  sceneCase(
    'a push whose descriptor names message bundles waits for all of them in IMPORT_MSG_BUNDLES_TRANSFER',
    async (scene) => {
      const { backend } = scene;
      const sample = scene.newPackage(['de', 'fr']);
      const id = await scene.pushDescriptor(sample);
      const { state, files } = await backend.importSession.get({ id });
      assert.equal(state, 'IMPORT_MSG_BUNDLES_TRANSFER');
      const bundles = files.filter(({ fileType }) => fileType === 'MSG_BUNDLE').map(({ name }) => name);
      assert.deepEqual(bundles.toSorted(), sample.bundles.map(({ name }) => name).toSorted());
      const [first, second] = sample.bundles;
      assert.ok(first && second);
      await scene.send(id, first);
      assert.equal((await backend.importSession.get({ id })).state, 'IMPORT_MSG_BUNDLES_TRANSFER');
      await scene.send(id, second);
      await until(backend, id, 'IMPORT_SELECTING_OVF_PARAMS');
      await backend.importSession.instantiate({ id, instantiationParameters: scene.parameters(sample.name) });
      await scene.send(id, sample.disk);
      await until(backend, id, 'IMPORT_COMPLETED');
    },
  ),
  sceneCase('an archive sent to each of its entries is completed', async (scene) => {
    const { backend } = scene;
    const sample = scene.newPackage();
    const ova = { name: 'ova', bytes: sampleOva(sample) };
    const id = await scene.createPush({ pushSourceContentType: 'OVA_SOURCE' });
    const { files } = await backend.importSession.get({ id });
    assert.deepEqual(
      files.map(({ name, fileType }) => [name, fileType]),
      [['descriptor.ova', 'OVA']],
    );
    await scene.send(id, ova, 'descriptor.ova');
    await until(backend, id, 'IMPORT_SELECTING_OVF_PARAMS');
    await backend.importSession.instantiate({ id, instantiationParameters: scene.parameters(sample.name) });
    await scene.send(id, ova, 'disk-content.ova');
    const { vmId } = await until(backend, id, 'IMPORT_COMPLETED');
    assert.deepEqual(await scene.machines(sample.name), [vmId]);
  }),
  sceneCase('an archive with message bundles passes IMPORT_MSG_BUNDLES_TRANSFER', async (scene) => {
    const { backend } = scene;
    const sample = scene.newPackage(['de']);
    const ova = { name: 'ova', bytes: sampleOva(sample) };
    const id = await scene.createPush({ pushSourceContentType: 'OVA_SOURCE' });
    await scene.send(id, ova, 'descriptor.ova');
    await until(backend, id, 'IMPORT_MSG_BUNDLES_TRANSFER');
    await scene.send(id, ova, 'message-bundle.ova');
    await until(backend, id, 'IMPORT_SELECTING_OVF_PARAMS');
    await backend.importSession.instantiate({ id, instantiationParameters: scene.parameters(sample.name) });
    await scene.send(id, ova, 'disk-content.ova');
    await until(backend, id, 'IMPORT_COMPLETED');
  }),
  sceneCase('the deployment option chosen decides the hardware', async (scene) => {
    const { backend } = scene;
    const sample = scene.newPackage();
    const id = await scene.pushDescriptor(sample);
    const choice = { type: 'DeploymentOptionParams', selectedKey: 'large' } as const;
    const instantiationParameters = [...scene.parameters(sample.name), choice];
    const { parameters } = await backend.importSession.tryInstantiate({ id, instantiationParameters });
    assert.equal(findParams(parameters, 'DeploymentOptionParams')?.selectedKey, 'large');
    await backend.importSession.instantiate({ id, instantiationParameters });
    await scene.send(id, sample.disk);
    await until(backend, id, 'IMPORT_COMPLETED');
    const [vm] = await backend.inventory.vm.list({ names: [sample.name] });
    const { cpuCount, memorySizeMib } = sampleFacts.options.large;
    assert.deepEqual([vm?.cpuCount, vm?.memorySizeMib], [cpuCount, memorySizeMib]);
  }),
];
