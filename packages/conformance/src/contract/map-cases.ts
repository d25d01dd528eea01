import type { ContractCase } from './contract-case.ts';
import { expectThat, resultOf } from './exchange.ts';
import { field, listOf, textOf } from './json.ts';
import {
  element,
  importInfo,
  importSpec,
  instantiate,
  parametersOf,
  params,
  reachImport,
  selecting,
  services,
  tryInstantiate,
  upload,
  valueless,
} from './sessions.ts';
import type { Stage } from './stage.ts';

const section = '1.1';

const customization = { type: 'XML', xml: '<ConfigRoot/>' };

const customized = (customizations: unknown) =>
  params('vcenter_guest_customization_params', 'VcenterGuestCustomizationParams', { customizations });

/** The id of the system of a sample, as try_instantiate tells it. */
async function systemOf(stage: Stage, id: string): Promise<string> {
  const told = listOf(field(resultOf(await tryInstantiate(stage, id, [])), 'parameters'));
  const structure = told.find((each) => field(each, 'type') === 'VcenterGuestCustomizationParams');
  return textOf(listOf(field(structure, 'virtual_systems'))[0]);
}

/** Makes a machine with a guest customization, which the target reports in a map. */
async function importCustomized(stage: Stage): Promise<string> {
  const sample = stage.newPackage();
  const id = await selecting(stage, sample);
  const customizations = [{ key: await systemOf(stage, id), value: customization }];
  valueless(await instantiate(stage, id, [...parametersOf(stage, sample.name), customized(customizations)]));
  await upload(stage, id, sample.disk);
  await reachImport(stage, id, 'IMPORT_COMPLETED');
  return id;
}

/** Section 1.1: maps. */
export const mapCases: readonly ContractCase[] = [
  {
    id: 'dialect.map.rest.read',
    section,
    title:
      'a map that is sent to /rest is a list of key and value: an entry of an unknown system is told, one of a known is not',
    needs: ['sessions'],
    async run(stage) {
      const id = await selecting(stage, stage.newPackage());
      const inputs = async (key: string) => {
        const asked = await tryInstantiate(stage, id, [customized([{ key, value: customization }])]);
        const errors = listOf(field(resultOf(asked), 'errors'));
        return { asked, inputs: errors.filter((each) => field(each, 'category') === 'INPUT') };
      };
      const known = await inputs(await systemOf(stage, id));
      expectThat(known.asked, { 'the system of the package is known': known.inputs.length === 0 });
      const unknown = await inputs('system-of-nobody');
      expectThat(unknown.asked, { 'another system is not': unknown.inputs.length > 0 });
    },
  },
  {
    id: 'dialect.map.rest.write',
    section,
    title: 'a map in an answer of /rest is a list of key and value: customization_results',
    needs: ['sessions'],
    async run(stage) {
      const { exchange, value } = await importInfo(stage, await importCustomized(stage));
      const results = field(value, 'customization_results');
      const [entry] = listOf(results);
      expectThat(exchange, {
        'it is a list with an entry': listOf(results).length === 1,
        'its key is the machine': field(entry, 'key') === field(value, 'vm_id'),
        'its value is true or false': typeof field(entry, 'value') === 'boolean',
      });
    },
  },
  {
    id: 'dialect.map.api.write',
    section,
    title: 'a map in an answer of /api is an object',
    needs: ['sessionsInApi'],
    async run(stage) {
      const asked = await stage.get(`/api/vcenter/ovf/import-session/${await importCustomized(stage)}`);
      const results = field(asked.json, 'customization_results');
      expectThat(asked, {
        'its keys are the ids': typeof field(results, textOf(field(asked.json, 'vm_id'))) === 'boolean',
      });
    },
  },
  {
    id: 'dialect.body.unknown-in-list',
    section,
    title: 'unknown fields in structures of a list are ignored',
    needs: ['sessions'],
    async run(stage) {
      const sample = stage.newPackage();
      const id = await selecting(stage, sample, importSpec());
      const given = parametersOf(stage, sample.name).map((each) => ({ ...each, a_field_of_tomorrow: true }));
      valueless(await stage.post(element(services.import, id, 'instantiate'), { instantiation_parameters: given }));
    },
  },
];
