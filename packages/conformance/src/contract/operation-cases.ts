import type { ContractCase, Need } from './contract-case.ts';
import { expectError, expectThat, kindOf } from './exchange.ts';
import { element, services, unknownId } from './sessions.ts';

interface Operation {
  readonly name: string;
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  readonly needs: readonly Need[];
  /** Changes something, so that who may only read may not call it. */
  readonly changes: 'yes' | 'no';
}

const needs = ['sessions'] as const;
const { import: imports, export: exports, probe: probes, ovf } = services;
const unknownPool = 'resgroup-of-nobody';
const api = '/api/vcenter/ovf';

/** The rows of section 2, each with an element that does not exist. */
const operations: readonly Operation[] = [
  {
    name: 'import_session.create_for_resource_pool',
    method: 'POST',
    path: element(imports, unknownPool, 'create-for-resource-pool'),
    needs,
    changes: 'yes',
  },
  { name: 'import_session.get', method: 'GET', path: element(imports, unknownId), needs, changes: 'no' },
  {
    name: 'import_session.try_instantiate',
    method: 'POST',
    path: element(imports, unknownId, 'try-instantiate'),
    needs,
    changes: 'no',
  },
  {
    name: 'import_session.instantiate',
    method: 'POST',
    path: element(imports, unknownId, 'instantiate'),
    needs,
    changes: 'yes',
  },
  {
    name: 'import_session.progress',
    method: 'POST',
    path: element(imports, unknownId, 'progress'),
    needs,
    changes: 'yes',
  },
  { name: 'import_session.delete', method: 'DELETE', path: element(imports, unknownId), needs, changes: 'yes' },
  { name: 'import_session.preview', method: 'POST', path: `${imports}?~action=preview`, needs, changes: 'no' },
  { name: 'import_session.probe', method: 'POST', path: `${imports}?~action=probe`, needs, changes: 'no' },
  { name: 'export_session.create', method: 'POST', path: exports, needs, changes: 'yes' },
  { name: 'export_session.get', method: 'GET', path: element(exports, unknownId), needs, changes: 'no' },
  {
    name: 'export_session.progress',
    method: 'POST',
    path: element(exports, unknownId, 'progress'),
    needs,
    changes: 'yes',
  },
  { name: 'export_session.delete', method: 'DELETE', path: element(exports, unknownId), needs, changes: 'yes' },
  { name: 'export_session.preview', method: 'POST', path: `${exports}?~action=preview`, needs, changes: 'no' },
  {
    name: 'probe_import_session.create_probe_import_session',
    method: 'POST',
    path: `${probes}?~action=create-probe-import-session`,
    needs,
    changes: 'yes',
  },
  { name: 'probe_import_session.get', method: 'GET', path: element(probes, unknownId), needs, changes: 'no' },
  {
    name: 'probe_import_session.try_instantiate',
    method: 'POST',
    path: element(probes, unknownId, 'try-instantiate'),
    needs,
    changes: 'no',
  },
  { name: 'probe_import_session.delete', method: 'DELETE', path: element(probes, unknownId), needs, changes: 'yes' },
  { name: 'export_flag.list', method: 'GET', path: `${ovf}/export-flag`, needs: [], changes: 'no' },
  { name: 'export_flag.list-api', method: 'GET', path: `${api}/export-flag`, needs: ['api'], changes: 'no' },
  { name: 'import_flag.list', method: 'GET', path: `${ovf}/import-flag?rp=${unknownPool}`, needs: [], changes: 'no' },
  {
    name: 'import_flag.list-api',
    method: 'GET',
    path: `${api}/import-flag?rp=${unknownPool}`,
    needs: ['api'],
    changes: 'no',
  },
  { name: 'capability.get', method: 'GET', path: element(`${ovf}/capability`, unknownId), needs, changes: 'no' },
  { name: 'library_item.create', method: 'POST', path: `${ovf}/library-item`, needs: ['library'], changes: 'yes' },
  {
    name: 'library_item.deploy',
    method: 'POST',
    path: element(`${ovf}/library-item`, unknownId, 'deploy'),
    needs: ['library'],
    changes: 'yes',
  },
  {
    name: 'library_item.deploy-api',
    method: 'POST',
    path: `${api}/library-item/${unknownId}?action=deploy`,
    needs: ['library', 'api'],
    changes: 'yes',
  },
  {
    name: 'library_item.filter',
    method: 'POST',
    path: element(`${ovf}/library-item`, unknownId, 'filter'),
    needs: ['library'],
    changes: 'no',
  },
];

/** Section 2: every operation is there, at its path; who may only read may call none that changes something. */
export const operationCases: readonly ContractCase[] = [
  ...operations.map(
    (operation): ContractCase => ({
      id: `operation.${operation.name}`,
      section: '2',
      title: `${operation.name} is served by ${operation.method} ${operation.path}`,
      needs: operation.needs,
      async run(stage) {
        const { method, path } = operation;
        const asked = await stage.call({ method, path, ...(method === 'POST' ? { json: {} } : {}) });
        expectThat(asked, {
          'it is an operation the target knows': kindOf(asked) !== 'OPERATION_NOT_FOUND' && asked.status !== 405,
          'an element that does not exist is no fault of the server': asked.status < 500,
        });
      },
    }),
  ),
  ...operations
    .filter(({ changes }) => changes === 'yes')
    .map(
      (operation): ContractCase => ({
        id: `privilege.${operation.name}`,
        section: '2',
        title: `${operation.name} without the privilege is refused with 403`,
        needs: [...operation.needs, 'reader'],
        async run(stage) {
          const { method, path } = operation;
          const headers = { 'vmware-api-session-id': stage.readerToken ?? '' };
          const asked = await stage.call({ method, path, headers, ...(method === 'POST' ? { json: {} } : {}) });
          expectError(asked, 'UNAUTHORIZED');
        },
      }),
    ),
];
