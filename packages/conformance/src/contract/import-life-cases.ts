import type { ContractCase } from './contract-case.ts';
import { expectError, expectNothing, expectThat, resultOf } from './exchange.ts';
import { field, listOf } from './json.ts';
import {
  completed,
  createImport,
  element,
  entryOf,
  failed,
  importInfo,
  instantiate,
  parametersOf,
  selecting,
  services,
  transferring,
  tryInstantiate,
  unknownId,
  upload,
} from './sessions.ts';
import { machinesOf } from './stage.ts';

const needs = ['sessions'] as const;

const getCases: readonly ContractCase[] = [
  {
    id: 'import.get',
    section: '3.2',
    title: 'the Info of a new push has every required field, one file, and no field of later states',
    needs,
    async run(stage) {
      const { exchange, value, files } = await importInfo(stage, await createImport(stage));
      const lists = ['files', 'errors', 'warnings', 'information'].map((name) => field(value, name));
      expectThat(exchange, {
        'progress is 0': field(value, 'progress') === 0,
        'files, errors, warnings and information are lists': lists.every(Array.isArray),
        'there is one file': files.length === 1,
        'vm_id and vapp_id are absent': field(value, 'vm_id') === undefined && field(value, 'vapp_id') === undefined,
      });
    },
  },
  {
    id: 'import.get.unknown',
    section: '3.2',
    title: 'get of an unknown session is not found',
    needs,
    async run(stage) {
      expectError(await stage.get(element(services.import, unknownId)), 'NOT_FOUND');
    },
  },
  {
    id: 'import.get.safe',
    section: '3.2',
    title: 'get changes nothing: asked twice it answers the same',
    needs,
    async run(stage) {
      const id = await selecting(stage, stage.newPackage());
      const first = await importInfo(stage, id);
      const second = await importInfo(stage, id);
      const isSame = JSON.stringify(first.value) === JSON.stringify(second.value);
      expectThat(second.exchange, { 'both answers are the same': isSame });
    },
  },
  {
    id: 'import.get.completed',
    section: '3.2',
    title: 'a completed import names its machine, at 100 percent with every file whole',
    needs,
    async run(stage) {
      const sample = stage.newPackage();
      const { id, vmId } = await completed(stage, sample);
      const { exchange, value, files } = await importInfo(stage, id);
      const disk = entryOf(files, sample.disk.name).fields;
      expectThat(exchange, {
        'progress is 100': field(value, 'progress') === 100,
        'vm_id is set and vapp_id is not': vmId !== '' && field(value, 'vapp_id') === undefined,
        'size and bytes_transferred of the disk are its length':
          field(disk, 'size') === sample.disk.bytes.length &&
          field(disk, 'bytes_transferred') === sample.disk.bytes.length,
      });
    },
  },
  {
    id: 'import.get.failed',
    section: '3.2',
    title: 'a failed import says why in errors',
    needs,
    async run(stage) {
      const { exchange, value } = await importInfo(stage, await failed(stage));
      expectThat(exchange, { 'errors is not empty': listOf(field(value, 'errors')).length > 0 });
    },
  },
];

const deleteCases: readonly ContractCase[] = [
  {
    id: 'import.delete',
    section: '3.6',
    title: 'delete answers 200 without a body, and the session is gone',
    needs,
    async run(stage) {
      const path = element(services.import, await createImport(stage));
      expectNothing(await stage.remove(path));
      expectError(await stage.get(path), 'NOT_FOUND');
    },
  },
  {
    id: 'import.delete.twice',
    section: '3.6',
    title: 'delete of a deleted session succeeds',
    needs,
    async run(stage) {
      const path = element(services.import, await createImport(stage));
      await stage.remove(path);
      expectNothing(await stage.remove(path));
    },
  },
  {
    id: 'import.delete.unknown',
    section: '3.6',
    title: 'delete of an unknown session succeeds (14.11)',
    needs,
    async run(stage) {
      expectNothing(await stage.remove(element(services.import, unknownId)));
    },
  },
  {
    id: 'import.delete.active',
    section: '3.6',
    title: 'delete cancels an import that waits for files: every operation on it is not found, and nothing was made',
    needs,
    async run(stage) {
      const sample = stage.newPackage();
      const id = await transferring(stage, sample);
      expectNothing(await stage.remove(element(services.import, id)));
      expectError(await tryInstantiate(stage, id, []), 'NOT_FOUND');
      expectError(await instantiate(stage, id, parametersOf(stage, sample.name)), 'NOT_FOUND');
      expectError(await stage.post(element(services.import, id, 'progress'), { percent: 1 }), 'NOT_FOUND');
      const gone = await stage.get(element(services.import, id));
      expectThat(gone, { 'no machine was made': (await machinesOf(stage, sample.name)).length === 0 });
    },
  },
  {
    id: 'import.delete.file-urls',
    section: '3.6',
    title: 'the file URLs of a deleted session take nothing',
    needs,
    async run(stage) {
      const sample = stage.newPackage();
      const id = await transferring(stage, sample);
      const { files } = await importInfo(stage, id);
      const { url } = entryOf(files, sample.disk.name);
      await stage.remove(element(services.import, id));
      const headers = { 'content-length': '1' };
      const sent = await stage.call({ method: 'PUT', path: url, body: new Uint8Array(1), headers });
      expectThat(sent, { 'the status is 4xx': sent.status >= 400 && sent.status < 500 });
    },
  },
  {
    id: 'import.delete.completed',
    section: '3.6',
    title: 'delete of a completed import keeps its machine',
    needs,
    async run(stage) {
      const { id, vmId } = await completed(stage, stage.newPackage());
      expectNothing(await stage.remove(element(services.import, id)));
      resultOf(await stage.get(`/rest/vcenter/vm/${vmId}`));
    },
  },
];

const progressCases: readonly ContractCase[] = [
  {
    id: 'import.progress',
    section: '3.5',
    title: 'progress is taken up to 100, in a void answer, and shown',
    needs,
    async run(stage) {
      const id = await transferring(stage, stage.newPackage());
      const path = element(services.import, id, 'progress');
      for (const percent of [40, 100]) {
        expectNothing(await stage.post(path, { percent }));
        const { exchange, value } = await importInfo(stage, id);
        expectThat(exchange, { [`progress is ${percent}`]: field(value, 'progress') === percent });
      }
    },
  },
  {
    id: 'import.progress.equal',
    section: '3.5',
    title: 'the same progress again is harmless',
    needs,
    async run(stage) {
      const path = element(services.import, await transferring(stage, stage.newPackage()), 'progress');
      expectNothing(await stage.post(path, { percent: 40 }));
      expectNothing(await stage.post(path, { percent: 40 }));
    },
  },
  {
    id: 'import.progress.lower',
    section: '3.5',
    title: 'a lower progress is an invalid argument and changes nothing',
    needs,
    async run(stage) {
      const id = await transferring(stage, stage.newPackage());
      const path = element(services.import, id, 'progress');
      expectNothing(await stage.post(path, { percent: 40 }));
      expectError(await stage.post(path, { percent: 39 }), 'INVALID_ARGUMENT');
      const { exchange, value } = await importInfo(stage, id);
      expectThat(exchange, { 'progress is still 40': field(value, 'progress') === 40 });
    },
  },
  ...[
    { id: 'above', title: 'above 100', body: { percent: 101 } },
    { id: 'negative', title: 'below 0', body: { percent: -1 } },
    { id: 'fraction', title: 'that is no whole number', body: { percent: 1.5 } },
    { id: 'text', title: 'that is no number', body: { percent: 'half' } },
    { id: 'absent', title: 'that is absent', body: {} },
  ].map(
    ({ id, title, body }): ContractCase => ({
      id: `import.progress.${id}`,
      section: '3.5',
      title: `a percent ${title} is an invalid argument`,
      needs,
      async run(stage) {
        const session = await transferring(stage, stage.newPackage());
        expectError(await stage.post(element(services.import, session, 'progress'), body), 'INVALID_ARGUMENT');
      },
    }),
  ),
  {
    id: 'import.progress.unknown',
    section: '3.5',
    title: 'progress of an unknown session is not found, before its value is looked at',
    needs,
    async run(stage) {
      expectError(await stage.post(element(services.import, unknownId, 'progress'), { percent: 101 }), 'NOT_FOUND');
    },
  },
  {
    id: 'import.progress.order',
    section: '3.5',
    title: 'a wrong percent is told before a wrong state',
    needs,
    async run(stage) {
      const path = element(services.import, await createImport(stage), 'progress');
      expectError(await stage.post(path, { percent: 101 }), 'INVALID_ARGUMENT');
    },
  },
  {
    id: 'import.progress.keeps-bytes',
    section: '3.5',
    title: 'a report of 100 percent does not complete an import whose file is missing',
    needs,
    async run(stage) {
      const sample = stage.newPackage();
      const id = await transferring(stage, sample);
      expectNothing(await stage.post(element(services.import, id, 'progress'), { percent: 100 }));
      const { exchange, state } = await importInfo(stage, id);
      expectThat(exchange, { 'it still waits for the file': state === 'IMPORT_FILE_TRANSFER' });
      await upload(stage, id, sample.disk);
    },
  },
];

/** Sections 3.2, 3.5 and 3.6: get, progress, delete. */
export const importLifeCases: readonly ContractCase[] = [...getCases, ...progressCases, ...deleteCases];
