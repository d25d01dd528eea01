import { randomUUID } from 'node:crypto';
import type { ContractCase } from './contract-case.ts';
import { type Exchange, expectError, expectThat, kindOf } from './exchange.ts';
import { field, listOf } from './json.ts';
import {
  askForImport,
  createImport,
  element,
  idOf,
  importInfo,
  importSpec,
  pullSpec,
  reachImport,
  remembered,
  services,
  unknownId,
} from './sessions.ts';
import type { Stage } from './stage.ts';

const section = '3.1';
const needs = ['sessions'] as const;
const url = 'http://files.invalid/a.ovf';

const isNew = async (stage: Stage, made: Exchange): Promise<void> => {
  const { exchange, state } = await importInfo(stage, idOf(made));
  expectThat(exchange, { 'the state is IMPORT_OVF_TRANSFER': state === 'IMPORT_OVF_TRANSFER' });
};

const createdCases: readonly ContractCase[] = [
  {
    id: 'import.create',
    section,
    title: 'a new session is in IMPORT_OVF_TRANSFER',
    needs,
    async run(stage) {
      await isNew(stage, await askForImport(stage, { folder: stage.place.folder, create_spec: importSpec() }));
    },
  },
  {
    id: 'import.create.pool-in-body',
    section,
    title: 'the resource pool may be in the body, with or without one in the path (14.1)',
    needs,
    async run(stage) {
      const body = { resource_pool: stage.place.resourcePool, create_spec: importSpec() };
      await isNew(stage, await askForImport(stage, body));
      const path = `${services.import}?~action=create-for-resource-pool`;
      await isNew(stage, remembered(stage, services.import, await stage.post(path, body)));
    },
  },
  {
    id: 'import.create.target-deduced',
    section,
    title: 'folder and host may be left out, and may be given',
    needs,
    async run(stage) {
      await isNew(stage, await askForImport(stage, { create_spec: importSpec() }));
      const { folder, host } = stage.place;
      await isNew(stage, await askForImport(stage, { folder, host_system: host, create_spec: importSpec() }));
    },
  },
  {
    id: 'import.create.no-flags',
    section: '14',
    title: 'import_flags may be absent (14.5), and LAX is known',
    needs,
    async run(stage) {
      await isNew(stage, await askForImport(stage, { create_spec: { source_type: 'PUSH_SOURCE' } }));
      await isNew(stage, await askForImport(stage, { create_spec: importSpec({ import_flags: ['LAX'] }) }));
    },
  },
];

/** What the unions of section 7.1 and the rest of 3.1 forbid. */
const invalidSpecs: readonly (readonly [string, string, Readonly<Record<string, unknown>>])[] = [
  ['source-type.absent', 'a create_spec without source_type', importSpec({ source_type: undefined })],
  ['source-type.unknown', 'an unknown source_type', importSpec({ source_type: 'CARRIER_PIGEON' })],
  ['pull.no-url', 'PULL_SOURCE without pull_source (14.6)', importSpec({ source_type: 'PULL_SOURCE' })],
  [
    'pull.content-type',
    'PULL_SOURCE with push_source_content_type',
    pullSpec(url, { push_source_content_type: 'OVF_SOURCE' }),
  ],
  ['pull.ovf-option', 'PULL_SOURCE with push_source_ovf_option', pullSpec(url, { push_source_ovf_option: 'NONE' })],
  ['pull.library-item', 'PULL_SOURCE with content_library_item', pullSpec(url, { content_library_item: unknownId })],
  ['pull.scheme', 'a pull_source that is neither http nor https (14.19)', pullSpec('ftp://files.invalid/a.ovf')],
  ['pull.file', 'a pull_source that names a file of the server (14.19)', pullSpec('file:///etc/passwd')],
  ['pull.no-url-at-all', 'a pull_source that is no URL', pullSpec('not a url')],
  ['push.url', 'PUSH_SOURCE with pull_source', importSpec({ pull_source: url })],
  ['push.thumbprint', 'PUSH_SOURCE with a thumbprint', importSpec({ ssl_certificate_thumbprint: '00'.repeat(20) })],
  ['push.library-item', 'PUSH_SOURCE with content_library_item', importSpec({ content_library_item: unknownId })],
  [
    'push.content-type.unknown',
    'an unknown push_source_content_type',
    importSpec({ push_source_content_type: 'ZIP_SOURCE' }),
  ],
  ['push.ovf-option.unknown', 'an unknown push_source_ovf_option', importSpec({ push_source_ovf_option: 'SEAL' })],
  [
    'push.ova-option',
    'OVA_SOURCE with push_source_ovf_option',
    importSpec({ push_source_content_type: 'OVA_SOURCE', push_source_ovf_option: 'MANIFEST' }),
  ],
  ['library.no-item', 'CONTENT_LIBRARY_SOURCE without an item', importSpec({ source_type: 'CONTENT_LIBRARY_SOURCE' })],
  [
    'library.url',
    'CONTENT_LIBRARY_SOURCE with pull_source',
    importSpec({ source_type: 'CONTENT_LIBRARY_SOURCE', content_library_item: unknownId, pull_source: url }),
  ],
  ['flag.unknown', 'an unknown import flag (8.1)', importSpec({ import_flags: ['STRICTEST'] })],
];

const refusedCases: readonly ContractCase[] = [
  ...invalidSpecs.map(
    ([id, title, spec]): ContractCase => ({
      id: `import.create.${id}`,
      section,
      title: `${title} is an invalid argument`,
      needs,
      async run(stage) {
        expectError(await askForImport(stage, { create_spec: spec }), 'INVALID_ARGUMENT');
      },
    }),
  ),
  {
    id: 'import.create.no-spec',
    section,
    title: 'a create without create_spec is an invalid argument',
    needs,
    async run(stage) {
      expectError(await askForImport(stage, {}), 'INVALID_ARGUMENT');
    },
  },
  {
    id: 'import.create.pool.unknown',
    section,
    title: 'an unknown resource pool is not found',
    needs,
    async run(stage) {
      const path = element(services.import, 'resgroup-of-nobody', 'create-for-resource-pool');
      expectError(await stage.post(path, { create_spec: importSpec() }), 'NOT_FOUND');
    },
  },
  {
    id: 'import.create.folder.unknown',
    section,
    title: 'an unknown folder is not found',
    needs,
    async run(stage) {
      const body = { folder: 'group-of-nobody', create_spec: importSpec() };
      expectError(await askForImport(stage, body), 'NOT_FOUND');
    },
  },
  {
    id: 'import.create.host.unknown',
    section,
    title: 'an unknown host is not found',
    needs,
    async run(stage) {
      const body = { host_system: 'host-of-nobody', create_spec: importSpec() };
      expectError(await askForImport(stage, body), 'NOT_FOUND');
    },
  },
  {
    id: 'import.create.pull.inaccessible',
    section,
    title: 'a source that cannot be accessed is resource_inaccessible, at once or among the errors of the session',
    needs: ['sessions', 'pull'],
    async run(stage) {
      const made = await askForImport(stage, { create_spec: pullSpec(`${stage.host?.url}/${stage.newName()}/a.ovf`) });
      if (made.status !== 200) return expectError(made, 'RESOURCE_INACCESSIBLE');
      const { exchange, value } = await reachImport(stage, idOf(made), 'IMPORT_ERROR');
      expectThat(exchange, { 'errors says why': listOf(field(value, 'errors')).length > 0 });
    },
  },
];

const tokenCases: readonly ContractCase[] = [
  {
    id: 'import.create.token.same',
    section: '12.3',
    title: 'two creates with one client_token give one session, even when the second body differs',
    needs,
    async run(stage) {
      const body = { client_token: randomUUID(), create_spec: importSpec() };
      const first = idOf(await askForImport(stage, body));
      const again = await askForImport(stage, body);
      expectThat(again, { 'the same request gives the same session': idOf(again) === first });
      const other = await askForImport(stage, { ...body, create_spec: importSpec({ import_flags: ['LAX'] }) });
      expectThat(other, { 'another body gives the same session': idOf(other) === first });
    },
  },
  {
    id: 'import.create.token.other',
    section: '12.3',
    title: 'creates with other tokens, or none, give other sessions',
    needs,
    async run(stage) {
      const one = await createImport(stage);
      const made = await askForImport(stage, { client_token: randomUUID(), create_spec: importSpec() });
      const second = await askForImport(stage, { client_token: randomUUID(), create_spec: importSpec() });
      expectThat(second, { 'all three differ': new Set([one, idOf(made), idOf(second)]).size === 3 });
    },
  },
  {
    id: 'import.create.token.malformed',
    section: '12.3',
    title: 'a client_token that is no UUID is an invalid argument',
    needs,
    async run(stage) {
      expectError(await askForImport(stage, { client_token: 'once', create_spec: importSpec() }), 'INVALID_ARGUMENT');
    },
  },
  {
    id: 'import.create.refused-leaves-token',
    section: '12.3',
    title: 'a create that was refused does not use up its client_token',
    needs,
    async run(stage) {
      const body = { client_token: randomUUID(), create_spec: importSpec({ import_flags: ['STRICTEST'] }) };
      const refused = await askForImport(stage, body);
      expectThat(refused, { 'the first is refused': kindOf(refused) === 'INVALID_ARGUMENT' });
      await isNew(stage, await askForImport(stage, { ...body, create_spec: importSpec() }));
    },
  },
];

/** Section 3.1: create_for_resource_pool. */
export const importCreateCases: readonly ContractCase[] = [...createdCases, ...refusedCases, ...tokenCases];
