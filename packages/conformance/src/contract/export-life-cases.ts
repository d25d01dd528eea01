import { createHash } from 'node:crypto';
import { readArchive } from '../sample-archive.ts';
import type { ContractCase } from './contract-case.ts';
import { type Exchange, expectError, expectNothing, expectThat, resultOf } from './exchange.ts';
import { field, listOf, textOf } from './json.ts';
import { classes, element, infoOf, readyExport, services, unknownId } from './sessions.ts';
import type { Stage } from './stage.ts';

const needs = ['sessions'] as const;

const infoCases: readonly ContractCase[] = [
  {
    id: 'export.get',
    section: '5.2',
    title: 'the Info of a download has every required field, and no progress',
    needs,
    async run(stage) {
      const { exchange, value } = await readyExport(stage);
      const lists = ['files', 'errors', 'warnings', 'information'].map((name) => field(value, name));
      expectThat(exchange, {
        'files, errors, warnings and information are lists': lists.every(Array.isArray),
        'progress and library_item_id are absent':
          field(value, 'progress') === undefined && field(value, 'library_item_id') === undefined,
      });
    },
  },
  {
    id: 'export.get.unknown',
    section: '5.2',
    title: 'get of an unknown export is not found',
    needs,
    async run(stage) {
      expectError(await stage.get(element(services.export, unknownId)), 'NOT_FOUND');
    },
  },
  {
    id: 'export.download',
    section: '11.5',
    title: 'every file can be downloaded by GET, as long as its size says and with its digest',
    needs,
    async run(stage) {
      const { exchange, files } = await readyExport(stage);
      const types = files.map(({ type }) => type);
      expectThat(exchange, { 'there are a descriptor and a disk': types.includes('OVF') && types.includes('DISK') });
      for (const file of files) {
        const got = await download(stage, file.url);
        const sha256 = textOf(field(file.fields, 'sha256'));
        expectThat(got, {
          [`${file.name} is there`]: got.status === 200 && got.bytes.length > 0,
          'it is as long as size, when that is known': [0, got.bytes.length].includes(
            Number(field(file.fields, 'size')),
          ),
          'it has its sha256, when that is known': ['', createHash('sha256').update(got.bytes).digest('hex')].includes(
            sha256,
          ),
        });
      }
    },
  },
  {
    id: 'export.download.ova',
    section: '5.1',
    title: 'OVA_TARGET gives one archive, whose first file is the descriptor',
    needs,
    async run(stage) {
      const { exchange, files } = await readyExport(stage, { target_content_type: 'OVA_TARGET' });
      const [file] = files;
      expectThat(exchange, { 'there is one entry, an OVA': files.length === 1 && file?.type === 'OVA' });
      const got = await download(stage, file?.url ?? '');
      const [first] = readArchive(got.bytes);
      expectThat(got, { 'its first file is a descriptor': first?.name.endsWith('.ovf') === true });
    },
  },
  {
    id: 'export.name',
    section: '7.7',
    title: 'the name given is that in the descriptor',
    needs,
    async run(stage) {
      const name = stage.newName();
      const { files } = await readyExport(stage, { name });
      const got = await download(stage, files.find(({ type }) => type === 'OVF')?.url ?? '');
      expectThat(got, { 'the descriptor has the name': new TextDecoder().decode(got.bytes).includes(name) });
    },
  },
];

const download = (stage: Stage, url: string): Promise<Exchange> => stage.call({ method: 'GET', path: url });

const progressCases: readonly ContractCase[] = [
  {
    id: 'export.progress',
    section: '5.3',
    title: 'progress of an export is taken from 0 to 100, equal values too, and leaves it in EXPORT_READY (14.9)',
    needs,
    async run(stage) {
      const { id } = await readyExport(stage);
      const path = element(services.export, id, 'progress');
      for (const percent of [0, 85, 85, 100]) expectNothing(await stage.post(path, { percent }));
      const { exchange, state } = await infoOf(stage, element(services.export, id));
      expectThat(exchange, { 'it is still EXPORT_READY': state === 'EXPORT_READY' });
    },
  },
  {
    id: 'export.progress.lower',
    section: '5.3',
    title: 'a lower progress of an export is an invalid argument',
    needs,
    async run(stage) {
      const path = element(services.export, (await readyExport(stage)).id, 'progress');
      expectNothing(await stage.post(path, { percent: 85 }));
      expectError(await stage.post(path, { percent: 84 }), 'INVALID_ARGUMENT');
    },
  },
  {
    id: 'export.progress.above',
    section: '5.3',
    title: 'a percent above 100, or none, is an invalid argument of an export',
    needs,
    async run(stage) {
      const path = element(services.export, (await readyExport(stage)).id, 'progress');
      expectError(await stage.post(path, { percent: 101 }), 'INVALID_ARGUMENT');
      expectError(await stage.post(path, {}), 'INVALID_ARGUMENT');
    },
  },
  {
    id: 'export.progress.unknown',
    section: '5.3',
    title: 'progress of an unknown export is not found',
    needs,
    async run(stage) {
      expectError(await stage.post(element(services.export, unknownId, 'progress'), { percent: 1 }), 'NOT_FOUND');
    },
  },
];

const deleteCases: readonly ContractCase[] = [
  {
    id: 'export.delete',
    section: '5.4',
    title: 'delete of an export answers 200 without a body, its files are gone, and its machine stays',
    needs,
    async run(stage) {
      const { id, files } = await readyExport(stage);
      const path = element(services.export, id);
      expectNothing(await stage.remove(path));
      expectError(await stage.get(path), 'NOT_FOUND');
      const got = await download(stage, files[0]?.url ?? '');
      expectThat(got, { 'a file URL answers 4xx': got.status >= 400 && got.status < 500 });
      resultOf(await stage.get(`/rest/vcenter/vm/${await stage.machine()}`));
    },
  },
  {
    id: 'export.delete.unknown',
    section: '5.4',
    title: 'delete of an export succeeds when there is no such session',
    needs,
    async run(stage) {
      const path = element(services.export, (await readyExport(stage)).id);
      await stage.remove(path);
      expectNothing(await stage.remove(path));
      expectNothing(await stage.remove(element(services.export, unknownId)));
    },
  },
];

const preview = (stage: Stage, source: unknown, spec: unknown): Promise<Exchange> =>
  stage.post(`${services.export}?~action=preview`, { source, preview_spec: spec });

const previewSpec = { '@class': classes.previewSpec };

const previewCases: readonly ContractCase[] = [
  {
    id: 'export.preview',
    section: '5.5',
    title: 'preview of an export lists the descriptor and the disks, with the names an export gives them',
    needs,
    async run(stage) {
      const { files } = await readyExport(stage);
      const asked = await preview(stage, { vm_id: await stage.machine() }, previewSpec);
      const names = listOf(field(resultOf(asked), 'files')).map((each) => textOf(field(each, 'name')));
      const wanted = files.filter(({ type }) => type === 'OVF' || type === 'DISK').map(({ name }) => name);
      expectThat(asked, { 'all of them are there': wanted.every((name) => names.includes(name)) });
    },
  },
  {
    id: 'export.preview.unknown',
    section: '5.5',
    title: 'preview of an unknown virtual machine is not found',
    needs,
    async run(stage) {
      expectError(await preview(stage, { vm_id: 'vm-of-nobody' }, previewSpec), 'NOT_FOUND');
    },
  },
  {
    id: 'export.preview.invalid',
    section: '5.5',
    title: 'preview of neither or of both sources, or with an unknown flag, is an invalid argument',
    needs,
    async run(stage) {
      const vm = await stage.machine();
      const refused = [
        await preview(stage, {}, previewSpec),
        await preview(stage, { vm_id: vm, vapp_id: vm }, previewSpec),
        await preview(stage, { vm_id: vm }, { ...previewSpec, export_flags: ['EVERYTHING'] }),
      ];
      for (const each of refused) expectError(each, 'INVALID_ARGUMENT');
    },
  },
];

/** Sections 5.2 to 5.5: the life of an export. */
export const exportLifeCases: readonly ContractCase[] = [
  ...infoCases,
  ...progressCases,
  ...deleteCases,
  ...previewCases,
];
