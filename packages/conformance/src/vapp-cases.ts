import assert from 'node:assert/strict';
import type { Case } from './case.ts';
import { collect, sha256 } from './sample-bytes.ts';
import type { SampleSuite } from './sample-suite.ts';
import { type BackendSubject, type Scene, sceneCase, until, untilReady } from './scene.ts';

/** Runs a push import of the suite to its end; gives the vApp. */
async function importSuite(scene: Scene, suite: SampleSuite): Promise<string> {
  const { backend, target } = scene;
  const id = await scene.pushDescriptor(suite);
  await backend.importSession.instantiate({
    id,
    instantiationParameters: [
      { type: 'NetworkMappingParams', sourceNetworks: [{ name: 'VM Network', target: target.network }] },
      { type: 'DatastoreMappingParams', targetDatastore: target.datastore },
    ],
  });
  for (const disk of suite.disks) await scene.send(id, disk);
  const { vappId, vmId } = await until(backend, id, 'IMPORT_COMPLETED');
  assert.equal(vmId, undefined);
  assert.ok(vappId, 'a completed import of a collection names its vApp');
  return vappId;
}

/** Packages of several systems. */
export const vappCases: readonly Case<BackendSubject>[] = [
  sceneCase('a package of several systems makes one vApp with a virtual machine for each', async (scene) => {
    const { inventory, features } = scene.backend;
    const suite = scene.newSuite();
    const vappId = await importSuite(scene, suite);
    const machines = await inventory.vm.list({ names: [...suite.machines] });
    assert.deepEqual(machines.map(({ name }) => name).toSorted(), [...suite.machines].toSorted());
    if (!features.vappList) return;
    const [vapp] = await inventory.vapp.list({ names: [suite.name] });
    assert.equal(vapp?.vapp, vappId);
    assert.deepEqual(vapp.vms.toSorted(), machines.map(({ vm }) => vm).toSorted());
    await inventory.vapp.delete({ vapp: vappId });
    assert.deepEqual(await inventory.vm.list({ names: [...suite.machines] }), []);
  }),
  sceneCase('an exported vApp holds the disk of each of its machines', async (scene) => {
    const { backend } = scene;
    const suite = scene.newSuite();
    const vappId = await importSuite(scene, suite);
    const createSpec = { targetType: 'DOWNLOAD_TARGET', targetContentType: 'OVF_TARGET' } as const;
    const id = await backend.exportSession.create({ source: { vappId }, createSpec });
    try {
      const digests: string[] = [];
      for (const file of (await untilReady(backend, id)).files.filter(({ fileType }) => fileType === 'DISK')) {
        digests.push(
          sha256(await collect((await backend.files.download({ kind: 'export', sessionId: id, file })).bytes)),
        );
      }
      assert.deepEqual(digests.toSorted(), suite.disks.map(({ bytes }) => sha256(bytes)).toSorted());
    } finally {
      await backend.exportSession.delete({ id });
    }
  }),
];
