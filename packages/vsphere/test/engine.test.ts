import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { samplePackage } from '@ovfkit/conformance';
import { openPackage, verifyPackage } from '@ovfkit/package-format/node';
import { createFileSink, exportPackage } from '@ovfkit/transfer';
import { describe, expect, onTestFinished, test } from 'vitest';
import { engineOver } from './support/engine-over.ts';
import { openLeaseScene, samplePlacement } from './support/lease-scene.ts';
import { bytesOfDevice } from './support/vim-server/export-methods.ts';
import { propertyOf, sampleOf, VimServerFault } from './support/vim-server/model.ts';

const digest = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

describe.each(['soap', 'vi-json'] as const)('the engine over a vCenter that speaks %s', (transport) => {
  async function open() {
    const scene = await openLeaseScene(transport);
    const engine = await engineOver(({ blobs }) => scene.inventoryWith(blobs));
    const importSample = (name: string, signal?: AbortSignal) =>
      engine.importSample({
        name,
        resourcePool: samplePlacement.resourcePool,
        parameters: [
          { type: 'NameAndProductParams', name, annotation: 'told' },
          { type: 'NetworkMappingParams', sourceNetworks: [{ name: 'VM Network', target: 'dvportgroup-33' }] },
          { type: 'DatastoreMappingParams', targetDatastore: 'datastore-30', targetProvisioningType: 'thin' },
        ],
        ...(signal === undefined ? {} : { signal }),
      });
    const kept = async () => {
      const keys: string[] = [];
      for await (const key of engine.store.blobs.keys('')) keys.push(key);
      return keys;
    };
    return { ...scene, ...engine, importSample, kept };
  }

  test('imports a package whose disk arrives as it is, and keeps no copy of it', async () => {
    const { importSample, leases, server, kept } = await open();
    const id = await importSample('app');
    expect(leases.requests.map(({ sha256 }) => sha256)).toEqual([digest(samplePackage({ name: 'app' }).disk.bytes)]);
    const { properties } = sampleOf(server.model, id);
    expect([properties['name'], propertyOf(properties, 'config.annotation')]).toEqual(['app', 'told']);
    expect(await kept()).toEqual([]);
  });

  test('an import that is given up leaves neither a machine nor a session nor bytes', async () => {
    const { importSample, server, names, backend, kept } = await open();
    const before = names();
    const stop = new AbortController();
    server.trouble('HttpNfcLeaseGetManifest', { meanwhile: () => stop.abort(new Error('given up')) });
    await expect(importSample('app', stop.signal)).rejects.toThrow('given up');
    await expect.poll(names).toEqual(before);
    expect(await backend.importSession.list({})).toEqual([]);
    await expect.poll(kept).toEqual([]);
  });

  test('what vSphere refuses ends the session with its words', async () => {
    const { importSample, leases, names } = await open();
    const before = names();
    leases.failure = new VimServerFault('InsufficientStorageSpace', 'no room on ssd');
    await expect(importSample('app')).rejects.toThrow(/no room on ssd/);
    expect(names()).toEqual(before);
  });

  test('exports a machine to an archive that is right in every part, whether it runs or not', async () => {
    const { backend, folder, poll, kept } = await open();
    for (const vmId of ['vm-36', 'vm-37']) {
      const path = join(folder, `${vmId}.ova`);
      await exportPackage({ backend, source: { vmId }, target: await createFileSink(path), poll });
      const reader = await openPackage(path);
      onTestFinished(() => reader.close());
      const report = await verifyPackage(reader);
      expect(report.problems).toEqual([]);
      const { descriptor } = report;
      expect(descriptor?.networks.map(({ name }) => name)).toEqual(['prod']);
      const digests = report.files.flatMap(({ digests: own }) => own.map(({ actual }) => actual));
      expect(digests).toContain(digest(bytesOfDevice(vmId, 'disk-0.vmdk')));
    }
    await expect.poll(kept).toEqual([]);
  });

  test('a machine is deleted at vSphere', async () => {
    const { backend, names } = await open();
    await backend.inventory.vm.delete({ vm: 'vm-36' });
    expect(names()).not.toContain('web');
  });
});
