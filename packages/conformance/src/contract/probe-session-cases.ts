import { randomUUID } from 'node:crypto';
import type { ContractCase } from './contract-case.ts';
import { expectError, expectNothing, expectThat, resultOf } from './exchange.ts';
import { field, listOf } from './json.ts';
import {
  askForProbe,
  createProbe,
  element,
  idOf,
  importSpec,
  infoOf,
  params,
  reach,
  services,
  unknownId,
  uploadTo,
} from './sessions.ts';
import type { Stage } from './stage.ts';

const section = '4';
const needs = ['sessions'] as const;

const send = async (stage: Stage, id: string, bytes: Uint8Array): Promise<void> => {
  const { files } = await infoOf(stage, element(services.probe, id));
  await uploadTo(stage, files[0]?.url ?? '', bytes);
};

/** A probe session that waits for parameters. */
async function selecting(stage: Stage): Promise<string> {
  const id = await createProbe(stage);
  await send(stage, id, stage.newPackage().descriptor.bytes);
  await reach(stage, element(services.probe, id), 'PROBE_IMPORT_SELECTING_OVF_PARAMS');
  return id;
}

const ask = (stage: Stage, id: string, parameters: readonly unknown[]) =>
  stage.post(element(services.probe, id, 'try-instantiate'), { instantiation_parameters: parameters });

const wayCases: readonly ContractCase[] = [
  {
    id: 'probe.create',
    section,
    title: 'a new probe session is in PROBE_IMPORT_OVF_TRANSFER, without progress, transfer mode and result',
    needs,
    async run(stage) {
      const { exchange, value, state, files } = await infoOf(stage, element(services.probe, await createProbe(stage)));
      const none = ['progress', 'file_transfer_mode', 'vm_id', 'vapp_id'].every(
        (name) => field(value, name) === undefined,
      );
      const lists = ['files', 'errors', 'warnings', 'information'].map((name) => field(value, name));
      expectThat(exchange, {
        'the state is PROBE_IMPORT_OVF_TRANSFER': state === 'PROBE_IMPORT_OVF_TRANSFER',
        'files, errors, warnings and information are lists': lists.every(Array.isArray),
        'the one file is the descriptor': files.length === 1 && files[0]?.type === 'OVF',
        'there are no fields of an import': none,
      });
    },
  },
  {
    id: 'probe.way',
    section: '10.4',
    title: 'its descriptor leads to PROBE_IMPORT_SELECTING_OVF_PARAMS',
    needs,
    async run(stage) {
      await selecting(stage);
    },
  },
  {
    id: 'probe.bundles',
    section: '10.4',
    title: 'a descriptor that names message bundles leads to PROBE_IMPORT_MSG_BUNDLES_TRANSFER',
    needs,
    async run(stage) {
      const id = await createProbe(stage);
      await send(stage, id, stage.newPackage(['de']).descriptor.bytes);
      await reach(stage, element(services.probe, id), 'PROBE_IMPORT_MSG_BUNDLES_TRANSFER');
      expectError(await ask(stage, id, []), 'NOT_ALLOWED_IN_CURRENT_STATE');
    },
  },
  {
    id: 'probe.error',
    section: '10.4',
    title: 'a descriptor that cannot be parsed ends in PROBE_IMPORT_ERROR with a reason, where nothing can be asked',
    needs,
    async run(stage) {
      const id = await createProbe(stage);
      await send(stage, id, new TextEncoder().encode('<Envelope xmlns="urn:other"/>'));
      const { exchange, value } = await reach(stage, element(services.probe, id), 'PROBE_IMPORT_ERROR');
      expectThat(exchange, { 'errors is not empty': listOf(field(value, 'errors')).length > 0 });
      expectError(await ask(stage, id, []), 'NOT_ALLOWED_IN_CURRENT_STATE');
    },
  },
  {
    id: 'probe.pull',
    section: '10.4',
    title: 'a probe of a pull fetches its descriptor by itself',
    needs: ['sessions', 'pull'],
    async run(stage) {
      const sample = stage.newPackage();
      stage.host?.put(sample.name, [sample.descriptor]);
      const url = `${stage.host?.url}/${sample.name}/${sample.descriptor.name}`;
      const id = await createProbe(stage, importSpec({ source_type: 'PULL_SOURCE', pull_source: url }));
      await reach(stage, element(services.probe, id), 'PROBE_IMPORT_SELECTING_OVF_PARAMS');
    },
  },
];

const callCases: readonly ContractCase[] = [
  {
    id: 'probe.try',
    section,
    title: 'try_instantiate of a probe tells what does not depend on a target, and leaves out what does',
    needs,
    async run(stage) {
      const asked = await ask(stage, await selecting(stage), []);
      const types = listOf(field(resultOf(asked), 'parameters')).map((each) => field(each, 'type'));
      expectThat(asked, {
        'licences and options are there': types.includes('EulaParams') && types.includes('DeploymentOptionParams'),
        'networks and datastores are not':
          !types.includes('NetworkMappingParams') && !types.includes('DatastoreMappingParams'),
      });
    },
  },
  {
    id: 'probe.try.values',
    section,
    title: 'try_instantiate of a probe checks values as that of an import does',
    needs,
    async run(stage) {
      const wrong = params('deployment_option_params', 'DeploymentOptionParams', { selected_key: 'gigantic' });
      const asked = await ask(stage, await selecting(stage), [wrong]);
      const categories = listOf(field(resultOf(asked), 'errors')).map((each) => field(each, 'category'));
      expectThat(asked, { 'there is an error of category INPUT': categories.includes('INPUT') });
    },
  },
  {
    id: 'probe.try.early',
    section,
    title: 'try_instantiate before the descriptor is there is not allowed',
    needs,
    async run(stage) {
      expectError(await ask(stage, await createProbe(stage), []), 'NOT_ALLOWED_IN_CURRENT_STATE');
    },
  },
  {
    id: 'probe.try.unknown',
    section,
    title: 'try_instantiate of an unknown probe session is not found',
    needs,
    async run(stage) {
      expectError(await ask(stage, unknownId, []), 'NOT_FOUND');
    },
  },
  {
    id: 'probe.get.unknown',
    section,
    title: 'get of an unknown probe session is not found',
    needs,
    async run(stage) {
      expectError(await stage.get(element(services.probe, unknownId)), 'NOT_FOUND');
    },
  },
  {
    id: 'probe.delete',
    section,
    title: 'delete of a probe session answers 200 without a body, also the second time and for an unknown one',
    needs,
    async run(stage) {
      const path = element(services.probe, await createProbe(stage));
      expectNothing(await stage.remove(path));
      expectError(await stage.get(path), 'NOT_FOUND');
      expectNothing(await stage.remove(path));
      expectNothing(await stage.remove(element(services.probe, unknownId)));
    },
  },
  {
    id: 'probe.create.token',
    section: '12.3',
    title: 'two creates of a probe with one client_token give one session; a token that is no UUID is invalid',
    needs,
    async run(stage) {
      const body = { client_token: randomUUID(), create_spec: importSpec() };
      const first = idOf(await askForProbe(stage, body));
      const again = await askForProbe(stage, body);
      expectThat(again, { 'it is the same session': idOf(again) === first });
      expectError(await askForProbe(stage, { ...body, client_token: 'once' }), 'INVALID_ARGUMENT');
    },
  },
  {
    id: 'probe.create.invalid',
    section,
    title: 'a create_spec that breaks a union rule is an invalid argument of a probe, too',
    needs,
    async run(stage) {
      const spec = importSpec({ source_type: 'PULL_SOURCE' });
      expectError(await askForProbe(stage, { create_spec: spec }), 'INVALID_ARGUMENT');
    },
  },
  {
    id: 'probe.not-an-import',
    section,
    title: 'a probe session is none of the imports: get of it as an import is not found',
    needs,
    async run(stage) {
      expectError(await stage.get(element(services.import, await createProbe(stage))), 'NOT_FOUND');
    },
  },
];

/** Sections 4 and 10.4: probe sessions. */
export const probeSessionCases: readonly ContractCase[] = [...wayCases, ...callCases];
