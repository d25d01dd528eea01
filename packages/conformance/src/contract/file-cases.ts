import { createHash } from 'node:crypto';
import { sampleOva } from '../sample-package.ts';
import type { ContractCase } from './contract-case.ts';
import { type Exchange, expectThat } from './exchange.ts';
import { holdUpload } from './held-upload.ts';
import { field } from './json.ts';
import {
  createImport,
  entryOf,
  type FileEntry,
  importInfo,
  importSpec,
  instantiate,
  parametersOf,
  reachImport,
  selecting,
  selectingArchive,
  transferring,
  upload,
  uploadDescriptor,
  uploadTo,
  valueless,
} from './sessions.ts';
import type { Stage } from './stage.ts';

const needs = ['sessions'] as const;
const typesOf = (files: readonly FileEntry[]): string =>
  files
    .map(({ type }) => type)
    .toSorted()
    .join();

const listCases: readonly ContractCase[] = [
  {
    id: 'files.push.first',
    section: '11.1',
    title: 'a new push has exactly one entry, its descriptor, with a URL to send it to',
    needs,
    async run(stage) {
      const { exchange, files } = await importInfo(stage, await createImport(stage));
      const [file] = files;
      expectThat(exchange, {
        'there is one entry, an OVF': typesOf(files) === 'OVF',
        'its file_url is absolute': URL.canParse(file?.url ?? ''),
        'upload_method is PUT, or absent': [undefined, 'PUT'].some(
          (each) => each === field(file?.fields, 'upload_method'),
        ),
        'optional_upload is false': field(file?.fields, 'optional_upload') === false,
        'unknown size and digest are 0 and "" (14.8)':
          field(file?.fields, 'size') === 0 && field(file?.fields, 'sha256') === '',
        'bytes_transferred is 0': field(file?.fields, 'bytes_transferred') === 0,
      });
    },
  },
  ...[
    { option: 'NONE', types: 'DISK,OVF' },
    { option: 'MANIFEST', types: 'DISK,MANIFEST,OVF' },
    { option: 'MANIFEST_CERTIFICATE', types: 'CERT,DISK,MANIFEST,OVF' },
  ].map(
    ({ option, types }): ContractCase => ({
      id: `files.push.${option.toLowerCase()}`,
      section: '11.2',
      title: `a push with the option ${option} lists ${types} when parameters are chosen; manifest and certificate are optional, the rest is not`,
      needs,
      async run(stage) {
        const id = await selecting(stage, stage.newPackage(), { push_source_ovf_option: option });
        const { exchange, files } = await importInfo(stage, id);
        const isRight = ({ type, fields }: FileEntry): boolean =>
          field(fields, 'optional_upload') === ['MANIFEST', 'CERT'].includes(type);
        expectThat(exchange, {
          [`the entries are ${types}`]: typesOf(files) === types,
          'optional_upload is true of manifest and certificate only': files.every(isRight),
        });
      },
    }),
  ),
  {
    id: 'files.push.bundles',
    section: '11.2',
    title: 'in IMPORT_MSG_BUNDLES_TRANSFER the bundles have joined the descriptor',
    needs,
    async run(stage) {
      const sample = stage.newPackage(['de', 'fr']);
      const id = await createImport(stage);
      await uploadDescriptor(stage, id, sample.descriptor.bytes);
      const { exchange, files } = await reachImport(stage, id, 'IMPORT_MSG_BUNDLES_TRANSFER');
      const names = files.map(({ name }) => name);
      expectThat(exchange, {
        'the entries are two bundles and the descriptor': typesOf(files) === 'MSG_BUNDLE,MSG_BUNDLE,OVF',
        'they have their names of the descriptor': sample.bundles.every(({ name }) => names.includes(name)),
      });
    },
  },
  {
    id: 'files.names',
    section: '11.1',
    title: 'entries have the names of the References section, each once',
    needs,
    async run(stage) {
      const sample = stage.newPackage();
      const { exchange, files } = await importInfo(stage, await selecting(stage, sample));
      const names = files.map(({ name }) => name);
      expectThat(exchange, {
        'the disk has its name': names.includes(sample.disk.name),
        'no name is there twice': new Set(names).size === names.length,
      });
    },
  },
  {
    id: 'files.frozen',
    section: '11.1',
    title: 'the list is fixed from IMPORT_FILE_TRANSFER on; only its counters move',
    needs,
    async run(stage) {
      const sample = stage.newPackage();
      const id = await transferring(stage, sample);
      const before = (await importInfo(stage, id)).files.map(({ name }) => name).join();
      await upload(stage, id, sample.disk);
      const { exchange, files } = await reachImport(stage, id, 'IMPORT_COMPLETED');
      expectThat(exchange, { 'the names are the same': files.map(({ name }) => name).join() === before });
    },
  },
  {
    id: 'files.mode',
    section: '12.1',
    title: 'file_transfer_mode is there from IMPORT_FILE_TRANSFER on, and not before',
    needs,
    async run(stage) {
      const sample = stage.newPackage();
      const id = await selecting(stage, sample);
      const before = await importInfo(stage, id);
      const isAbsent = field(before.value, 'file_transfer_mode') === undefined;
      expectThat(before.exchange, { 'it is absent in IMPORT_SELECTING_OVF_PARAMS': isAbsent });
      valueless(await instantiate(stage, id, parametersOf(stage, sample.name)));
      const { exchange, value } = await reachImport(stage, id, 'IMPORT_FILE_TRANSFER');
      const mode = String(field(value, 'file_transfer_mode'));
      expectThat(exchange, { 'it is one of two modes': /^(SERVER|EXTERNAL)_TRANSFER_MODE$/.test(mode) });
    },
  },
];

const archiveCases: readonly ContractCase[] = [
  {
    id: 'files.ova',
    section: '11.3',
    title: 'an OVA is sent to descriptor.ova, message-bundle.ova and disk-content.ova, one in each state',
    needs,
    run: (stage) => sendArchive(stage),
  },
  {
    id: 'files.ova.size',
    section: '11.3',
    title: 'the counts of an OVA entry are those of the members taken, not of the archive',
    needs,
    async run(stage) {
      const sample = stage.newPackage();
      const bytes = sampleOva(sample);
      const { exchange, files } = await selectingArchive(stage, bytes);
      const { fields } = entryOf(files, 'descriptor.ova');
      const taken = Number(field(fields, 'bytes_transferred'));
      expectThat(exchange, {
        'bytes were taken': taken > 0 && taken === field(fields, 'size'),
        'they are less than the archive': taken < bytes.length,
      });
    },
  },
];

async function sendArchive(stage: Stage): Promise<void> {
  const bytes = sampleOva(stage.newPackage(['de']));
  const id = await createImport(stage, importSpec({ push_source_content_type: 'OVA_SOURCE' }));
  const expectNames = (exchange: Exchange, files: readonly FileEntry[], name: string): void =>
    expectThat(exchange, {
      [`there is an entry ${name}, an OVA with a URL`]: files.some(
        (file) => file.name === name && file.type === 'OVA' && file.url !== '',
      ),
    });
  const first = await importInfo(stage, id);
  expectNames(first.exchange, first.files, 'descriptor.ova');
  await upload(stage, id, { name: 'descriptor.ova', bytes });
  const second = await reachImport(stage, id, 'IMPORT_MSG_BUNDLES_TRANSFER');
  expectNames(second.exchange, second.files, 'message-bundle.ova');
  await upload(stage, id, { name: 'message-bundle.ova', bytes });
  const third = await reachImport(stage, id, 'IMPORT_SELECTING_OVF_PARAMS');
  expectNames(third.exchange, third.files, 'disk-content.ova');
}

const uploadCases: readonly ContractCase[] = [
  {
    id: 'upload.complete',
    section: '11.5',
    title: 'a file that was sent whole has its size, its count and its digest in the list',
    needs,
    async run(stage) {
      const sample = stage.newPackage();
      const id = await selecting(stage, sample);
      await upload(stage, id, sample.disk);
      const { exchange, files } = await importInfo(stage, id);
      const { fields } = entryOf(files, sample.disk.name);
      const { bytes } = sample.disk;
      expectThat(exchange, {
        'size is its length': field(fields, 'size') === bytes.length,
        'bytes_transferred is its length': field(fields, 'bytes_transferred') === bytes.length,
        'sha256 is its digest, or not known': ['', createHash('sha256').update(bytes).digest('hex')].some(
          (each) => each === field(fields, 'sha256'),
        ),
      });
    },
  },
  {
    id: 'upload.early',
    section: '10.2',
    title: 'a file may be sent as soon as it is in the list, before instantiate',
    needs,
    async run(stage) {
      const sample = stage.newPackage();
      const id = await selecting(stage, sample);
      await upload(stage, id, sample.disk);
      const { exchange, state } = await importInfo(stage, id);
      expectThat(exchange, { 'the state is the same': state === 'IMPORT_SELECTING_OVF_PARAMS' });
    },
  },
  {
    id: 'upload.second-writer',
    section: '14',
    title: 'a second writer to a file that is being sent gets 409 or 400 (14.25)',
    needs,
    async run(stage) {
      const sample = stage.newPackage();
      const id = await selecting(stage, sample);
      const { answer, release } = await holdUpload(stage, id, sample.disk);
      try {
        const { files } = await importInfo(stage, id);
        const { url } = entryOf(files, sample.disk.name);
        const second = await uploadTo(stage, url, sample.disk.bytes);
        expectThat(second, { 'the status is 409 or 400': [400, 409].includes(second.status) });
      } finally {
        release();
        await answer;
      }
    },
  },
  {
    id: 'upload.forged-url',
    section: '11.5',
    title: 'the URL of one file takes no other file of the session',
    needs,
    async run(stage) {
      const sample = stage.newPackage();
      const id = await selecting(stage, sample);
      const { files } = await importInfo(stage, id);
      const { url } = entryOf(files, sample.disk.name);
      const sent = await uploadTo(stage, url.replace(sample.disk.name, 'other.vmdk'), new Uint8Array(1));
      expectThat(sent, { 'the status is 4xx': sent.status >= 400 && sent.status < 500 });
    },
  },
];

/** Sections 11 and 12.1: the files array, and sending files. */
export const fileCases: readonly ContractCase[] = [...listCases, ...archiveCases, ...uploadCases];
