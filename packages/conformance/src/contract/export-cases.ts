import { randomUUID } from 'node:crypto';
import type { ContractCase } from './contract-case.ts';
import { expectError, expectThat } from './exchange.ts';
import {
  askForExport,
  classes,
  element,
  exportSpec,
  idOf,
  reach,
  readyExport,
  services,
  unknownId,
} from './sessions.ts';

const needs = ['sessions'] as const;

const createCases: readonly ContractCase[] = [
  {
    id: 'export.create',
    section: '5.1',
    title: 'an export begins in EXPORT_PREPARING and comes to EXPORT_READY',
    needs,
    async run(stage) {
      const source = { vm_id: await stage.machine() };
      const id = idOf(await askForExport(stage, { source, create_spec: exportSpec() }));
      const { exchange, seen } = await reach(stage, element(services.export, id), 'EXPORT_READY');
      const others = seen.filter((state) => state !== 'EXPORT_PREPARING' && state !== 'EXPORT_READY');
      expectThat(exchange, { 'it passes no other state': others.length === 0 });
    },
  },
  {
    id: 'export.create.no-content-type',
    section: '14',
    title: 'target_content_type may be absent, and then a set of files is made (14.7)',
    needs,
    async run(stage) {
      const { exchange, files } = await readyExport(stage, { target_content_type: undefined });
      expectThat(exchange, { 'there is a descriptor and no archive': files.some(({ type }) => type === 'OVF') });
    },
  },
  {
    id: 'export.create.token',
    section: '12.3',
    title: 'two creates of an export with one client_token give one session; a token that is no UUID is invalid',
    needs,
    async run(stage) {
      const source = { vm_id: await stage.machine() };
      const body = { client_token: randomUUID(), source, create_spec: exportSpec() };
      const first = idOf(await askForExport(stage, body));
      const again = await askForExport(stage, body);
      expectThat(again, { 'it is the same session': idOf(again) === first });
      expectError(await askForExport(stage, { ...body, client_token: 'once' }), 'INVALID_ARGUMENT');
    },
  },
  {
    id: 'export.create.vm.unknown',
    section: '5.1',
    title: 'export of an unknown virtual machine is not found',
    needs,
    async run(stage) {
      const body = { source: { vm_id: 'vm-of-nobody' }, create_spec: exportSpec() };
      expectError(await askForExport(stage, body), 'NOT_FOUND');
    },
  },
  {
    id: 'export.create.vapp.unknown',
    section: '5.1',
    title: 'export of an unknown vApp is not found',
    needs,
    async run(stage) {
      const body = { source: { vapp_id: 'resgroup-v0' }, create_spec: exportSpec() };
      expectError(await askForExport(stage, body), 'NOT_FOUND');
    },
  },
];

type Fields = Readonly<Record<string, unknown>>;

/** What section 5.1 and the unions of 7.7 forbid; `vm` is the run's machine. */
const invalids: readonly (readonly [string, string, (vm: string) => Fields])[] = [
  ['neither', 'neither vm_id nor vapp_id', () => ({ source: {}, create_spec: exportSpec() })],
  ['both', 'both vm_id and vapp_id', (vm) => ({ source: { vm_id: vm, vapp_id: vm }, create_spec: exportSpec() })],
  ['no-source', 'no source', () => ({ create_spec: exportSpec() })],
  ['no-spec', 'no create_spec', (vm) => ({ source: { vm_id: vm } })],
  [
    'no-target',
    'no target_type',
    (vm) => ({ source: { vm_id: vm }, create_spec: exportSpec({ target_type: undefined }) }),
  ],
  [
    'target.unknown',
    'an unknown target_type',
    (vm) => ({ source: { vm_id: vm }, create_spec: exportSpec({ target_type: 'FAX_TARGET' }) }),
  ],
  [
    'content.unknown',
    'an unknown target_content_type',
    (vm) => ({ source: { vm_id: vm }, create_spec: exportSpec({ target_content_type: 'ZIP_TARGET' }) }),
  ],
  [
    'flag.unknown',
    'an unknown export flag (8.1)',
    (vm) => ({ source: { vm_id: vm }, create_spec: exportSpec({ export_flags: ['EVERYTHING'] }) }),
  ],
  [
    'download.library',
    'DOWNLOAD_TARGET with content_library',
    (vm) => ({ source: { vm_id: vm }, create_spec: exportSpec({ content_library: unknownId }) }),
  ],
  [
    'library.none',
    'CONTENT_LIBRARY_TARGET without content_library',
    (vm) => ({
      source: { vm_id: vm },
      create_spec: { '@class': classes.exportSpec, target_type: 'CONTENT_LIBRARY_TARGET' },
    }),
  ],
  [
    'library.content',
    'CONTENT_LIBRARY_TARGET with target_content_type',
    (vm) => ({
      source: { vm_id: vm },
      create_spec: exportSpec({ target_type: 'CONTENT_LIBRARY_TARGET', content_library: unknownId }),
    }),
  ],
];

const refusedCases: readonly ContractCase[] = invalids.map(
  ([id, title, body]): ContractCase => ({
    id: `export.create.${id}`,
    section: '5.1',
    title: `${title} is an invalid argument`,
    needs,
    async run(stage) {
      expectError(await askForExport(stage, body(await stage.machine())), 'INVALID_ARGUMENT');
    },
  }),
);

/** Section 5.1: create of an export. */
export const exportCases: readonly ContractCase[] = [...createCases, ...refusedCases];
