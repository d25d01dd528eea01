import { createHash } from 'node:crypto';
import { createChunkPool, type Placement } from '@ovfkit/domain';
import { createHashThread } from '@ovfkit/package-format/node';
import { createFileHosts } from '@ovfkit/rest';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { createSpecAsking } from '../../src/import/asked-spec.ts';
import { type ImportNotice, type ImportParts, importEntity } from '../../src/import/import-entity.ts';
import { findMade } from '../../src/import/made.ts';
import { connectVim } from '../../src/vim/connect.ts';
import { retrieveAll, retrieveOne } from '../../src/vim/property-collector.ts';
import type { VimCall, VimClient, VimMethod } from '../../src/vim/vim-client.ts';
import { anything, list, object, text, whole } from '../../src/vim/vim-shape.ts';
import { managedObject } from '../../src/vim/vim-value.ts';
import { type SampleImport, type SampleRequest, sampleImport } from '../support/import-request.ts';
import { startVcsim, type Vcsim } from '../support/vcsim.ts';
import { witness } from '../support/witness.ts';

let vcsim: Vcsim;
let vim: VimClient;
let placement: Placement;
beforeAll(async () => {
  vcsim = await startVcsim();
  vim = await connectVim(vcsim);
  const first = async (type: string, name: string) => {
    const found = await retrieveAll(vim, { type, properties: { name: text } });
    return found.find(({ properties }) => properties.name === name)?.ref.value ?? expect.fail(`no ${type} ${name}`);
  };
  placement = {
    resourcePool: await first('ResourcePool', 'Resources'),
    folder: await first('Folder', 'vm'),
    datastore: await first('Datastore', 'LocalDS_0'),
  };
});
afterAll(async () => {
  await vim.close();
  await vcsim.stop();
});

const inventory = async () => {
  const all = await retrieveAll(vim, { type: 'ManagedEntity', properties: { name: text } });
  return all.map(({ ref, properties }) => `${ref.type} ${properties.name}`).toSorted();
};

interface Setting {
  readonly parts: ImportParts;
  readonly notices: readonly ImportNotice[];
}

async function settingFor({ blobs }: SampleImport, client = vim): Promise<Setting> {
  const hosts = createFileHosts({});
  onTestFinished(() => hosts.close());
  const notices: ImportNotice[] = [];
  const nothing = { list: async () => [] };
  // of the inventory only the lists of places are asked here
  const places = { network: nothing, datastore: nothing, vapp: nothing } as unknown as ImportParts['places'];
  const hashThread = createHashThread();
  onTestFinished(() => hashThread.close());
  const nfc = { hosts, hashThread, pool: createChunkPool(), server: client.url, thumbprint: vcsim.thumbprint };
  const ask = createSpecAsking({ vim: client, places });
  return { parts: { vim: client, nfc, blobs, places, ask, onNotice: (notice) => notices.push(notice) }, notices };
}

/** As {@link settingFor}, with the files that get to the simulator. */
async function witnessedSettingFor(wanted: SampleImport) {
  const { url, seen } = await witness(vcsim.url);
  const client = await connectVim({ url: url.href, user: vcsim.user, password: vcsim.password });
  onTestFinished(() => client.close());
  const { parts } = await settingFor(wanted, client);
  return { parts, sent: () => seen.filter(({ path }) => path.startsWith('/nfc/')) };
}

/** The client of the simulator, with something that comes before each call. */
const intercepted = (before: (method: string) => void): VimClient => ({
  ...vim,
  async call<Result>(method: VimMethod<Result>, call: VimCall): Promise<Result> {
    before(method.name);
    return vim.call(method, call);
  },
});

const sample = (options: Omit<SampleRequest, 'placement'>): SampleImport => sampleImport({ ...options, placement });
const never = new AbortController().signal;

test('every disk and image arrives whole at its device, and the machine is as it was wanted', async () => {
  const wanted = sample({
    key: 'whole',
    name: 'whole',
    disks: [{ size: 2_500_000 }, { size: 700_000, isGzip: true }],
    media: ['tools.iso'],
    entity: {},
  });
  const { parts, sent } = await witnessedSettingFor(wanted);
  const ref = await importEntity(parts, wanted.request, never);
  const digests = [...wanted.contents.values()].map((bytes) => createHash('sha256').update(bytes).digest('hex'));
  expect(
    sent()
      .map(({ sha256 }) => sha256)
      .toSorted(),
  ).toEqual(digests.toSorted());
  expect(sent().map(({ method }) => method)).toEqual(['POST', 'POST', 'POST']);
  expect(sent().every(({ headers }) => headers.authorization === undefined && headers.cookie === undefined)).toBe(true);
  const option = object('OptionValue', { key: text, value: anything });
  const machine = await retrieveOne(vim, {
    object: managedObject(ref.type, ref.id),
    properties: { name: text, 'config.hardware.memoryMB': whole, 'config.extraConfig': list(option) },
  });
  expect(machine).toMatchObject({ name: 'whole', 'config.hardware.memoryMB': 256 });
  expect(machine['config.extraConfig'].map(({ key }) => key)).toEqual(
    expect.arrayContaining(['ovfkit.import', 'ovfkit.import.done']),
  );
});

test('asked again with its key it gives the same machine, and sends nothing', async () => {
  const wanted = sample({ key: 'again', name: 'again' });
  const { parts, sent } = await witnessedSettingFor(wanted);
  const first = await importEntity(parts, wanted.request, never);
  const before = await inventory();
  expect(await importEntity(parts, wanted.request, never)).toEqual(first);
  expect(await inventory()).toEqual(before);
  expect(sent()).toHaveLength(1);
});

test('what a dead import has left is removed and made anew, so that there is one', async () => {
  const wanted = sample({ key: 'crash', name: 'crash' });
  const { parts } = await settingFor(wanted);
  // the process dies between the end of its lease and the mark, and can undo nothing
  const dead = intercepted((method) => {
    if (method === 'ReconfigVM_Task' || method === 'Destroy_Task') throw new Error('the process is gone');
  });
  await expect(importEntity({ ...parts, vim: dead }, wanted.request, never)).rejects.toThrow('the process is gone');
  const left = await findMade(vim, { key: 'crash' });
  expect(left).toMatchObject({ isDone: false });
  const before = await inventory();
  const ref = await importEntity(parts, wanted.request, never);
  expect(await inventory()).toEqual(before);
  expect(ref.id).not.toBe(left?.entity.value);
  expect(await findMade(vim, { key: 'crash' })).toMatchObject({ entity: { value: ref.id }, isDone: true });
});

test('a name that is taken is told, and what has it stays', async () => {
  const wanted = sample({ key: 'first', name: 'taken' });
  const { parts } = await settingFor(wanted);
  await importEntity(parts, wanted.request, never);
  const before = await inventory();
  await expect(importEntity(parts, { ...wanted.request, key: 'second' }, never)).rejects.toMatchObject({
    kind: 'ALREADY_EXISTS',
    message: expect.stringContaining('the name taken'),
  });
  expect(await inventory()).toEqual(before);
});

test('bytes that are not those of the digest leave nothing, and the text says which file', async () => {
  const wanted = sample({ key: 'damaged', name: 'damaged' });
  const [file] = wanted.request.files;
  const { parts } = await settingFor(wanted);
  const before = await inventory();
  const damaged = {
    ...parts,
    blobs: {
      read: () =>
        (async function* () {
          yield new Uint8Array(file?.size ?? 0);
        })(),
    },
  };
  await expect(importEntity(damaged, wanted.request, never)).rejects.toMatchObject({
    kind: 'INVALID_ARGUMENT',
    message: expect.stringMatching(/disk0\.vmdk does not match its digest.*Nothing was left of damaged\./),
  });
  expect(await inventory()).toEqual(before);
});

test('a host that shows another certificate gets no byte, and nothing is left', async () => {
  const wanted = sample({ key: 'pin', name: 'pin' });
  const { parts } = await settingFor(wanted);
  const before = await inventory();
  const pinned = { ...parts, nfc: { ...parts.nfc, thumbprint: 'AA'.repeat(20) } };
  await expect(importEntity(pinned, wanted.request, never)).rejects.toMatchObject({ kind: 'UNVERIFIED_PEER' });
  expect(await inventory()).toEqual(before);
});

const calls = [
  'CreateImportSpec',
  'ImportVApp',
  'RetrievePropertiesEx',
  'HttpNfcLeaseSetManifestChecksumType',
  'HttpNfcLeaseGetManifest',
  'HttpNfcLeaseComplete',
];

test.each(calls)('given up while %s is answered it leaves nothing', async (name) => {
  const wanted = sample({ key: `stop ${name}`, name: 'stopped' });
  const before = await inventory();
  const stop = new AbortController();
  const reason = new Error('given up');
  const stopping = intercepted((method) => {
    if (method === name) stop.abort(reason);
  });
  const { parts } = await settingFor(wanted, stopping);
  await expect(importEntity(parts, wanted.request, stop.signal)).rejects.toBe(reason);
  expect(await inventory()).toEqual(before);
});

test('given up while a disk is sent it leaves nothing', async () => {
  const wanted = sample({ key: 'sending', name: 'sending', disks: [{ size: 3_000_000 }] });
  const { parts } = await settingFor(wanted);
  const before = await inventory();
  const stop = new AbortController();
  const blobs: ImportParts['blobs'] = {
    async *read(blob) {
      for await (const chunk of wanted.blobs.read(blob)) {
        yield chunk;
        stop.abort(new Error('given up'));
      }
    },
  };
  await expect(importEntity({ ...parts, blobs }, wanted.request, stop.signal)).rejects.toThrow('given up');
  expect(await inventory()).toEqual(before);
});
