import { sha256 } from '../sample-bytes.ts';
import type { ContractCase } from './contract-case.ts';
import { type Exchange, expectError, expectNothing, expectThat, resultOf } from './exchange.ts';
import { field, listOf, textOf } from './json.ts';
import { newLibrary } from './library-cases.ts';
import { element, idOf, services, uploadTo } from './sessions.ts';
import type { Stage } from './stage.ts';

const needs = ['library'] as const;
const item = '/rest/com/vmware/content/library/item';
const updates = `${item}/update-session`;
const updateFiles = `${item}/updatesession/file`;
const downloads = `${item}/download-session`;
const downloadFiles = `${item}/downloadsession/file`;

interface File {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** An item without files in a library of its own. */
async function emptyItem(stage: Stage): Promise<string> {
  const create_spec = { library_id: await newLibrary(stage), name: stage.newName(), type: 'ovf' };
  return idOf(await stage.post(item, { create_spec }));
}

/** An update session of an item, which is canceled in the end. */
async function newUpdate(stage: Stage, library_item_id: string): Promise<string> {
  const id = idOf(await stage.post(updates, { create_spec: { library_item_id } }));
  stage.later(() => stage.post(element(updates, id, 'cancel')));
  return id;
}

const add = (stage: Stage, id: string, name: string): Promise<Exchange> =>
  stage.post(element(updateFiles, id, 'add'), { file_spec: { name, source_type: 'PUSH' } });

/** Announces a file and sends it to where the answer says. */
async function push(stage: Stage, id: string, { name, bytes }: File): Promise<void> {
  const added = await add(stage, id, name);
  const sent = await uploadTo(stage, textOf(field(field(resultOf(added), 'upload_endpoint'), 'uri')), bytes);
  expectThat(sent, { 'the upload is answered by 2xx': sent.status >= 200 && sent.status < 300 });
}

const stateOf = async (stage: Stage, id: string): Promise<unknown> =>
  field(resultOf(await stage.get(element(updates, id))), 'state');

/** An item that has a whole package. */
async function fullItem(stage: Stage) {
  const sample = stage.newPackage();
  const itemId = await emptyItem(stage);
  const id = await newUpdate(stage, itemId);
  for (const file of [sample.manifest, sample.descriptor, sample.disk]) await push(stage, id, file);
  const completed = await stage.post(element(updates, id, 'complete'));
  expectNothing(completed);
  return { sample, itemId, id, completed };
}

const updateCases: readonly ContractCase[] = [
  {
    id: 'library-update.push',
    section: 'A.2',
    title: 'a push ends in DONE when complete returns, and the item has the files',
    needs,
    async run(stage) {
      const { sample, itemId, id, completed } = await fullItem(stage);
      expectThat(completed, { 'state is DONE': (await stateOf(stage, id)) === 'DONE' });
      const asked = await stage.get(`${item}/file?library_item_id=${encodeURIComponent(itemId)}`);
      const sizes = new Map(listOf(resultOf(asked)).map((file) => [textOf(field(file, 'name')), field(file, 'size')]));
      expectThat(asked, {
        'the disk is there with its size': sizes.get(sample.disk.name) === sample.disk.bytes.length,
      });
    },
  },
  {
    id: 'library-update.busy',
    section: 'A.2',
    title: 'an item that is being updated is busy for a second update session',
    needs,
    async run(stage) {
      const library_item_id = await emptyItem(stage);
      await newUpdate(stage, library_item_id);
      expectError(await stage.post(updates, { create_spec: { library_item_id } }), 'RESOURCE_BUSY');
    },
  },
  {
    id: 'library-update.manifest-late',
    section: 'A.2',
    title: 'a manifest is not added after the descriptor',
    needs,
    async run(stage) {
      const { descriptor, manifest } = stage.newPackage();
      const id = await newUpdate(stage, await emptyItem(stage));
      await push(stage, id, descriptor);
      expectError(await add(stage, id, manifest.name), 'NOT_ALLOWED_IN_CURRENT_STATE');
    },
  },
  {
    id: 'library-update.validate',
    section: 'A.2',
    title: 'validate names the files that the descriptor refers to and that have not come',
    needs,
    async run(stage) {
      const { descriptor, disk } = stage.newPackage();
      const id = await newUpdate(stage, await emptyItem(stage));
      await push(stage, id, descriptor);
      const asked = await stage.post(element(updateFiles, id, 'validate'));
      const value = resultOf(asked);
      expectThat(asked, {
        'has_errors is true': field(value, 'has_errors') === true,
        'missing_files has the disk': listOf(field(value, 'missing_files')).includes(disk.name),
      });
    },
  },
  {
    id: 'library-update.differs',
    section: 'A.2',
    title: 'a file that differs from its digest in the manifest does not get into the item',
    needs,
    async run(stage) {
      const { manifest, descriptor, disk } = stage.newPackage();
      const itemId = await emptyItem(stage);
      const id = await newUpdate(stage, itemId);
      for (const file of [manifest, descriptor, { ...disk, bytes: disk.bytes.toReversed() }])
        await push(stage, id, file);
      const completed = await stage.post(element(updates, id, 'complete'));
      const asked = await stage.get(`${item}/file?library_item_id=${encodeURIComponent(itemId)}`);
      expectThat(completed, {
        'the session is not DONE': (await stateOf(stage, id)) !== 'DONE',
        'the item has no files': listOf(resultOf(asked)).length === 0,
      });
    },
  },
  {
    id: 'library-update.cancel',
    section: 'A.2',
    title: 'an active session is not deleted; a canceled one is, and is not found then',
    needs,
    async run(stage) {
      const id = await newUpdate(stage, await emptyItem(stage));
      expectError(await stage.remove(element(updates, id)), 'NOT_ALLOWED_IN_CURRENT_STATE');
      const canceled = await stage.post(element(updates, id, 'cancel'));
      expectThat(canceled, { 'state is CANCELED': (await stateOf(stage, id)) === 'CANCELED' });
      expectNothing(await stage.remove(element(updates, id)));
      expectError(await stage.get(element(updates, id)), 'NOT_FOUND');
    },
  },
];

const otherCases: readonly ContractCase[] = [
  {
    id: 'library-download',
    section: 'A.3',
    title: 'a download session gives the bytes of a file that was prepared',
    needs,
    async run(stage) {
      const { sample, itemId } = await fullItem(stage);
      const id = idOf(await stage.post(downloads, { create_spec: { library_item_id: itemId } }));
      stage.later(() => stage.remove(element(downloads, id)));
      const file_name = sample.disk.name;
      resultOf(await stage.post(element(downloadFiles, id, 'prepare'), { file_name, endpoint_type: 'HTTPS' }));
      const asked = await stage.post(element(downloadFiles, id, 'get'), { file_name });
      const value = resultOf(asked);
      expectThat(asked, { 'status is PREPARED': field(value, 'status') === 'PREPARED' });
      const got = await stage.get(textOf(field(field(value, 'download_endpoint'), 'uri')));
      expectThat(got, { 'the bytes are those of the disk': sha256(got.bytes) === sha256(sample.disk.bytes) });
    },
  },
  {
    id: 'capability.known',
    section: '6.3',
    title: 'capability.get of the server that a library names tells of archives',
    needs: ['sessions', 'library'],
    async run(stage) {
      const library = await stage.get(element('/rest/com/vmware/content/local-library', await newLibrary(stage)));
      const guid = textOf(field(resultOf(library), 'server_guid'));
      const asked = await stage.get(element(`${services.ovf}/capability`, guid));
      const value = resultOf(asked);
      expectThat(asked, {
        'import_ova is a boolean': typeof field(value, 'import_ova') === 'boolean',
        'export_ova is a boolean': typeof field(value, 'export_ova') === 'boolean',
      });
    },
  },
];

/** The content library itself (public reference, sections A.2 and A.3), and what is known by it. */
export const contentLibraryCases: readonly ContractCase[] = [...updateCases, ...otherCases];
