import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { collect, placeIn, sampleOva, samplePackage } from '@ovfkit/conformance';
import type { BlobStore, Inventory, NewEntity } from '@ovfkit/domain';
import { openPackage } from '@ovfkit/package-format/node';
import { type LocalStore, openLocalStore } from '@ovfkit/store-local';
import { createFileSink, exportPackage, importPackage } from '@ovfkit/transfer';
import { expect, onTestFinished, test } from 'vitest';
import { openInProcess } from '../../src/target/in-process.ts';

async function tempFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'ovfkit-in-process-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

interface Told {
  readonly name: string;
  readonly passed: number;
}

/** An inventory of its own store, which takes and gives the bytes of entities as a host does. */
function hostOver({ inventory, blobs: own }: LocalStore, blobs: BlobStore): Inventory {
  const taken = async ({ entity, ...request }: NewEntity): Promise<NewEntity> => {
    for (const { blob, sha256 } of request.files) {
      await own.append(blob, 0, blobs.read(blob));
      await own.seal(blob, sha256);
    }
    return { ...request, entity };
  };
  return {
    ...inventory,
    create: async (request, options) => inventory.create(await taken(request), options),
    async describe(ref) {
      const entity = await inventory.describe(ref);
      for (const { blob, sha256 } of entity.vms.flatMap(({ disks }) => disks.flatMap(({ file }) => file ?? []))) {
        if ((await blobs.size(blob)) > 0) continue;
        await blobs.append(blob, 0, own.read(blob));
        await blobs.seal(blob, sha256);
      }
      return entity;
    },
  };
}

async function openScene() {
  const host = await openLocalStore(await tempFolder());
  const folder = await tempFolder();
  const told: Told[] = [];
  const open = () =>
    openInProcess({
      inventoryOver: (blobs) => hostOver(host, blobs),
      folder: join(folder, 'own'),
      onBytes: ({ name, passed }) => told.push({ name, passed }),
    });
  onTestFinished(() => host.close());
  return { host, folder, told, open };
}

const parameters = () => [
  { type: 'NameAndProductParams' as const, name: 'web' },
  { type: 'EulaParams' as const, allEulaAccepted: true },
  { type: 'NetworkMappingParams' as const, sourceNetworks: [{ name: 'VM Network', target: 'network-7' }] },
  { type: 'DatastoreMappingParams' as const, targetDatastore: 'datastore-12' },
];

test.each([
  ['with a manifest', true],
  ['without one', false],
])('a package %s is imported from where it is, and nothing of it is copied', async (_, verifyManifest) => {
  const { host, folder, told, open } = await openScene();
  const session = await open();
  const { resourcePool } = (await placeIn(host.inventory)).placement;
  const sample = samplePackage({ name: 'small' });
  const path = join(await tempFolder(), 'small.ova');
  await writeFile(path, sampleOva(sample));
  const reader = await openPackage(path);
  session.lend(reader);
  const options = { backend: session.backend, package: reader, verifyManifest, poll: { firstMs: 20 } };
  const { vmId = '' } = await importPackage({ ...options, target: { resourcePool }, parameters });
  await reader.close();
  expect((await host.inventory.vm.get({ vm: vmId })).name).toBe('web');
  expect(told.at(-1)).toEqual({ name: sample.disk.name, passed: sample.disk.bytes.length });
  await session.close();
  expect(await readdir(folder)).toEqual([]);
});

test.each([
  ['an archive', 'out.ova', 'written'],
  ['a folder', 'out', 'linked'],
])('an export to %s brings the bytes of the host, and leaves nothing beside the package', async (_, name, how) => {
  const { host, folder, told, open } = await openScene();
  const before = await open();
  const { resourcePool } = (await placeIn(host.inventory)).placement;
  const sample = samplePackage({ name: 'small' });
  const path = join(await tempFolder(), 'small.ova');
  await writeFile(path, sampleOva(sample));
  const reader = await openPackage(path);
  before.lend(reader);
  const options = { backend: before.backend, package: reader, target: { resourcePool } };
  const { vmId = '' } = await importPackage({ ...options, parameters });
  await reader.close();
  await before.close();
  told.length = 0;
  const session = await open();
  const output = join(folder, name);
  const sink = await createFileSink(output, { overwrite: 'fail' });
  const linked: string[] = [];
  const adopt: typeof sink.adopt = async (file, from) => {
    const isLinked = await sink.adopt(file, from);
    if (isLinked) linked.push(file);
    return isLinked;
  };
  await exportPackage({ backend: session.backend, source: { vmId }, target: { ...sink, adopt } });
  await session.close();
  expect(told.map((each) => each.name)).toContain(sample.disk.name);
  expect(await readdir(folder)).toEqual([name]);
  expect(linked.some((each) => each.endsWith('.vmdk'))).toBe(how === 'linked');
  const exported = await openPackage(output);
  const disk = exported.members.find((each) => each.name.endsWith('.vmdk'))?.name ?? '';
  expect(await collect(exported.read(disk))).toEqual(sample.disk.bytes);
  await exported.close();
});
