import type { ContractCase } from './contract-case.ts';
import { type Exchange, expectError, expectThat, resultOf } from './exchange.ts';
import { field, listOf, textOf } from './json.ts';
import {
  askForExport,
  askForImport,
  classes,
  createImport,
  element,
  idOf,
  importSpec,
  instantiate,
  parametersOf,
  reach,
  reachImport,
  services,
  unknownId,
  valueless,
} from './sessions.ts';
import { machinesOf, type Stage } from './stage.ts';

const needs = ['sessions', 'library'] as const;
const items = `${services.ovf}/library-item`;
const local = '/rest/com/vmware/content/local-library';

/** A library of the case's own; it is deleted with its items. */
export async function newLibrary(stage: Stage): Promise<string> {
  const storage = [{ type: 'DATASTORE', datastore_id: stage.place.datastore }];
  const create_spec = { name: stage.newName(), type: 'LOCAL', storage_backings: storage };
  const id = idOf(await stage.post(local, { create_spec }));
  stage.later(() => stage.remove(`${local}/id:${id}`));
  return id;
}

/** An item made of the run's machine. */
async function newItem(stage: Stage): Promise<string> {
  const made = resultOf(await createItem(stage, { library_id: await newLibrary(stage) }));
  return textOf(field(made, 'ovf_library_item_id'));
}

const createItem = async (stage: Stage, target: unknown, id?: string): Promise<Exchange> => {
  const source = { type: 'VirtualMachine', id: id ?? (await stage.machine()) };
  return stage.post(items, { source, target, create_spec: { name: stage.newName() } });
};

/** Deploys an item under a name; what it makes is deleted. */
const deploy = (stage: Stage, item: string, fields: Readonly<Record<string, unknown>> = {}): Promise<Exchange> => {
  const { resourcePool, folder, network, datastore } = stage.place;
  const deployment_spec = {
    name: stage.newPackage().name,
    accept_all_EULA: true,
    network_mappings: [{ key: 'VM Network', value: network }],
    default_datastore_id: datastore,
  };
  const target = { resource_pool_id: resourcePool, folder_id: folder };
  return stage.post(element(items, item, 'deploy'), { target, deployment_spec, ...fields });
};

const filter = (stage: Stage, item: string, pool = stage.place.resourcePool): Promise<Exchange> =>
  stage.post(element(items, item, 'filter'), { target: { resource_pool_id: pool } });

const itemCases: readonly ContractCase[] = [
  {
    id: 'library-item.create',
    section: '6.4',
    title: 'create makes an item of a machine, and tells its id',
    needs,
    async run(stage) {
      const asked = await createItem(stage, { library_id: await newLibrary(stage) });
      const value = resultOf(asked);
      expectThat(asked, {
        'succeeded is true': field(value, 'succeeded') === true,
        'ovf_library_item_id is there': textOf(field(value, 'ovf_library_item_id')) !== '',
      });
    },
  },
  {
    id: 'library-item.create.source.unknown',
    section: '6.4',
    title: 'create of an unknown machine is not found',
    needs,
    async run(stage) {
      expectError(await createItem(stage, { library_id: await newLibrary(stage) }, 'vm-of-nobody'), 'NOT_FOUND');
    },
  },
  {
    id: 'library-item.create.library.unknown',
    section: '6.4',
    title: 'create in an unknown library is not found',
    needs,
    async run(stage) {
      expectError(await createItem(stage, { library_id: unknownId }), 'NOT_FOUND');
    },
  },
  {
    id: 'library-item.create.no-target',
    section: '6.4',
    title: 'create with neither a library nor an item is an invalid argument',
    needs,
    async run(stage) {
      expectError(await createItem(stage, {}), 'INVALID_ARGUMENT');
    },
  },
  {
    id: 'library-item.filter',
    section: '6.4',
    title: 'filter tells what an item asks for: its name, licences as EULAs, networks',
    needs,
    async run(stage) {
      const asked = await filter(stage, await newItem(stage));
      const value = resultOf(asked);
      expectThat(asked, {
        'EULAs is a list': Array.isArray(field(value, 'EULAs')),
        'the network is told': listOf(field(value, 'networks')).includes('VM Network'),
      });
    },
  },
  {
    id: 'library-item.filter.unknown',
    section: '6.4',
    title: 'filter of an unknown item, or for an unknown resource pool, is not found',
    needs,
    async run(stage) {
      expectError(await filter(stage, unknownId), 'NOT_FOUND');
      expectError(await filter(stage, await newItem(stage), 'resgroup-of-nobody'), 'NOT_FOUND');
    },
  },
  {
    id: 'library-item.deploy',
    section: '6.4',
    title: 'deploy makes a machine and tells it as resource_id; maps come as lists',
    needs,
    async run(stage) {
      const asked = await deploy(stage, await newItem(stage));
      const value = resultOf(asked);
      const resource = field(value, 'resource_id');
      expectThat(asked, {
        'succeeded is true': field(value, 'succeeded') === true,
        'resource_id is a VirtualMachine': field(resource, 'type') === 'VirtualMachine',
      });
      resultOf(await stage.get(`/rest/vcenter/vm/${textOf(field(resource, 'id'))}`));
    },
  },
  {
    id: 'library-item.deploy.api',
    section: '6.4',
    title: 'deploy and filter of /api take maps as objects, and answer without a wrapper, with eulas in small letters',
    needs: [...needs, 'api'],
    async run(stage) {
      const { resourcePool, network, datastore } = stage.place;
      const path = `/api/vcenter/ovf/library-item/${await newItem(stage)}`;
      const target = { resource_pool_id: resourcePool };
      const deployment_spec = {
        name: stage.newPackage().name,
        accept_all_eula: true,
        network_mappings: { 'VM Network': network },
        default_datastore_id: datastore,
      };
      const done = await stage.post(`${path}?action=deploy`, { target, deployment_spec });
      expectThat(done, { 'succeeded is true': done.status === 200 && field(done.json, 'succeeded') === true });
      const asked = await stage.post(`${path}?action=filter`, { target });
      expectThat(asked, { 'eulas is a list': asked.status === 200 && Array.isArray(field(asked.json, 'eulas')) });
    },
  },
  {
    id: 'library-item.deploy.unknown',
    section: '6.4',
    title: 'deploy of an unknown item, or to an unknown resource pool, is not found',
    needs,
    async run(stage) {
      expectError(await deploy(stage, unknownId), 'NOT_FOUND');
      const target = { resource_pool_id: 'resgroup-of-nobody' };
      expectError(await deploy(stage, await newItem(stage), { target }), 'NOT_FOUND');
    },
  },
  {
    id: 'library-item.deploy.no-target',
    section: '6.4',
    title: 'deploy without a target is an invalid argument',
    needs,
    async run(stage) {
      expectError(await deploy(stage, await newItem(stage), { target: undefined }), 'INVALID_ARGUMENT');
    },
  },
];

const sessionCases: readonly ContractCase[] = [
  {
    id: 'library.import',
    section: '10.1',
    title:
      'an import of a library item comes to its parameters and to its end by itself, and passes no IMPORT_MSG_BUNDLES_TRANSFER',
    needs,
    async run(stage) {
      const { name } = stage.newPackage();
      const spec = importSpec({ source_type: 'CONTENT_LIBRARY_SOURCE', content_library_item: await newItem(stage) });
      const id = await createImport(stage, spec);
      const { seen, exchange } = await reachImport(stage, id, 'IMPORT_SELECTING_OVF_PARAMS');
      expectThat(exchange, { 'the state was not passed': !seen.includes('IMPORT_MSG_BUNDLES_TRANSFER') });
      valueless(await instantiate(stage, id, parametersOf(stage, name)));
      const done = await reachImport(stage, id, 'IMPORT_COMPLETED');
      expectThat(done.exchange, { 'there is one machine': (await machinesOf(stage, name)).length === 1 });
    },
  },
  {
    id: 'library.import.unknown',
    section: '3.1',
    title: 'an import of an unknown library item is not found',
    needs,
    async run(stage) {
      const spec = importSpec({ source_type: 'CONTENT_LIBRARY_SOURCE', content_library_item: unknownId });
      expectError(await askForImport(stage, { create_spec: spec }), 'NOT_FOUND');
    },
  },
  {
    id: 'library.export',
    section: '10.3',
    title: 'an export to a library comes to EXPORT_COMPLETED with the item, and tells its progress',
    needs,
    async run(stage) {
      const id = idOf(await exportTo(stage, await newLibrary(stage)));
      const { exchange, value, seen } = await reach(stage, element(services.export, id), 'EXPORT_COMPLETED');
      expectThat(exchange, {
        'library_item_id is set': textOf(field(value, 'library_item_id')) !== '',
        'progress is a number': Number.isInteger(field(value, 'progress')),
        'it is never EXPORT_READY': !seen.includes('EXPORT_READY'),
      });
    },
  },
  {
    id: 'library.export.unknown',
    section: '5.1',
    title: 'an export to an unknown library is not found',
    needs,
    async run(stage) {
      expectError(await exportTo(stage, unknownId), 'NOT_FOUND');
    },
  },
];

const exportTo = async (stage: Stage, library: string): Promise<Exchange> => {
  const spec = { '@class': classes.exportSpec, target_type: 'CONTENT_LIBRARY_TARGET', content_library: library };
  const source = { vm_id: await stage.machine() };
  return askForExport(stage, { source, create_spec: { ...spec, name: stage.newName() } });
};

/** Section 6.4, and what 3.1, 5.1 and 10 say of the content library. */
export const contractLibraryCases: readonly ContractCase[] = [...itemCases, ...sessionCases];
