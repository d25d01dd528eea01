// A client that is not ours, on govmomi: it takes what we make, and sees what we have made.
import { createHash, X509Certificate } from 'node:crypto';
import { join } from 'node:path';
import { openPackage } from '@ovfkit/package-format/node';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  govc,
  importByGovc,
  importByGovmomi,
  type ListedMachine,
  listByGovmomi,
} from '../../../packages/vsphere/test/support/govmomi-client.ts';
import { type Witness, witness } from '../../../packages/vsphere/test/support/witness.ts';
import { makeIdentity } from '../src/file-server.ts';
import { startService } from '../src/service.ts';
import { mib, needed } from './support/scene.ts';
import { openVcsimScene, type VcsimScene } from './support/vcsim-scene.ts';

let scene: VcsimScene;
/** Archives by how they came about. */
let archives: Readonly<Record<'exported' | 'packed', string>>;
beforeAll(async () => {
  scene = await openVcsimScene([], [3 * mib, mib]);
  archives = { exported: await exportedArchive(), packed: scene.appliance };
});
afterAll(() => scene.close());

async function succeeds(...call: Parameters<VcsimScene['ovfkit']>): Promise<void> {
  const ended = await scene.ovfkit(...call);
  expect(ended, ended.stderr).toMatchObject({ exitCode: 0 });
}

/** Through a service of ours, in and out again. */
async function exportedArchive(): Promise<string> {
  const service = await startService({ data: join(scene.folder, 'service') });
  try {
    const archive = join(scene.folder, 'exported.ova');
    const access = ['--user', service.user, '--thumbprint', service.thumbprint];
    const env = { OVFKIT_PASSWORD: service.password };
    const words = ['import', scene.appliance, '--to', service.url, ...access, '-n', 'first', ...needed];
    await succeeds(words, { env });
    await succeeds(['export', 'first', '--from', service.url, ...access, '-o', archive], { env });
    return archive;
  } finally {
    await service.stop();
  }
}

/** Of the disks, as they lie in an archive. */
async function digestsIn(archive: string): Promise<readonly string[]> {
  const reader = await openPackage(archive);
  try {
    const disks = reader.members.filter(({ name }) => name.endsWith('.vmdk'));
    return await Promise.all(disks.map(({ name, size }) => sha256(reader.read(name, { start: 0, end: size }))));
  } finally {
    await reader.close();
  }
}

async function sha256(bytes: AsyncIterable<Uint8Array>): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of bytes) hash.update(chunk);
  return hash.digest('hex');
}

/** Between a client and the simulator, with the options that trust it. */
async function between() {
  const identity = await makeIdentity();
  const { url, seen } = await witness(scene.vcsim.url, identity);
  return { url, seen, trust: ['--thumbprint', new X509Certificate(identity.cert).fingerprint256] };
}

const disksIn = (seen: Witness['seen']): readonly string[] =>
  seen.filter(({ path }) => path.endsWith('.vmdk')).map((each) => each.sha256);

async function listed(name: string): Promise<ListedMachine> {
  const found = (await listByGovmomi(scene.vcsim)).find((each) => each.name === name);
  return found ?? expect.fail(`no machine ${name}`);
}

const clients = [
  { client: 'govmomi', importBy: importByGovmomi },
  ...(govc === undefined ? [] : [{ client: 'govc', importBy: importByGovc }]),
];
const foreign = clients.flatMap((each) => (['exported', 'packed'] as const).map((made) => ({ ...each, made })));

/** The simulator takes a capacity without a unit for KiB, where it is bytes (DSP0243, 9.1). */
const factor = 1024;

test.each(foreign)('an archive that was $made goes in by $client, each disk byte for byte', async (each) => {
  const { client, made, importBy } = each;
  const name = `${made} by ${client}`;
  const { url, seen } = await between();
  await importBy({ ...scene.vcsim, url: url.origin }, { archive: archives[made], name });
  expect(disksIn(seen)).toEqual(await digestsIn(scene.appliance));
  expect(await listed(name)).toMatchObject({
    cpus: 1,
    memoryMB: 512,
    disks: [{ capacity: 3 * mib * factor }, { capacity: mib * factor }],
    nics: [{ type: 'VirtualVmxnet3' }, { type: 'VirtualVmxnet3' }],
  });
});

test('what an import by a lease has made is what they make of the same package, and is so to them', async () => {
  const { url, seen, trust } = await between();
  const to = `vi://${scene.vcsim.user}@${url.host}/DC0/host/DC0_C0/Resources`;
  const nets = ['--net', 'Frontend=VM Network', '--net', 'Backend=VM Network'];
  const place = ['--to', to, ...trust, '--via', 'lease', '-n', 'ours', '--datastore', 'LocalDS_0', ...nets];
  await succeeds(['import', archives.packed, ...place, '--accept-eula']);
  await importByGovmomi(scene.vcsim, { archive: archives.packed, name: 'theirs' });
  expect(disksIn(seen).toSorted()).toEqual((await digestsIn(scene.appliance)).toSorted());
  const { ref, annotation, extraConfig, ...ours } = await listed('ours');
  const theirs = await listed('theirs');
  expect(ours).toEqual({ ...hardware(theirs), name: 'ours', disks: theirs.disks.map(renamed) });
  expect(annotation).toBe('Made by the demo of ovfkit.');
  expect(extraConfig).toMatchObject({ 'app.hostname': 'sample', 'ovfkit.import': expect.any(String) });
  expect(extraConfig['ovfkit.import.done']).toBe(extraConfig['ovfkit.import']);
  expect(ref).not.toBe(theirs.ref);
});

const hardware = ({ ref: _, annotation: __, extraConfig: ___, ...others }: ListedMachine) => others;

const renamed = (disk: ListedMachine['disks'][number]) => ({ ...disk, file: disk.file.replaceAll('theirs', 'ours') });
