import type { ContractCase } from './contract-case.ts';
import { isMessage } from './error-cases.ts';
import { expectError, expectNothing, expectThat, resultOf } from './exchange.ts';
import { field, listOf } from './json.ts';
import {
  createImport,
  createProbe,
  element,
  importInfo,
  importSpec,
  instantiate,
  parametersOf,
  params,
  selecting,
  services,
  transferring,
  tryInstantiate,
  unknownId,
} from './sessions.ts';

const needs = ['sessions'] as const;

const port = (value: string) =>
  params('property_params', 'PropertyParams', { properties: [{ class_id: 'net', id: 'port', value }] });

const large = params('deployment_option_params', 'DeploymentOptionParams', { selected_key: 'large' });

const tryCases: readonly ContractCase[] = [
  {
    id: 'import.try',
    section: '3.3',
    title: 'try_instantiate answers parameters, errors, warnings and information',
    needs,
    async run(stage) {
      const asked = await tryInstantiate(stage, await selecting(stage, stage.newPackage()), []);
      const value = resultOf(asked);
      const lists = ['parameters', 'errors', 'warnings', 'information'].map((name) => field(value, name));
      expectThat(asked, { 'all four are lists': lists.every(Array.isArray) });
    },
  },
  {
    id: 'import.try.again',
    section: '3.3',
    title: 'try_instantiate is idempotent, and remembers nothing of the call before',
    needs,
    async run(stage) {
      const id = await selecting(stage, stage.newPackage());
      const first = await tryInstantiate(stage, id, []);
      resultOf(await tryInstantiate(stage, id, [large, port('1')]));
      const second = await tryInstantiate(stage, id, []);
      const isSame = JSON.stringify(resultOf(first)) === JSON.stringify(resultOf(second));
      expectThat(second, { 'the answer is that of the first call': isSame });
    },
  },
  {
    id: 'import.try.state',
    section: '3.3',
    title: 'try_instantiate changes no state',
    needs,
    async run(stage) {
      const sample = stage.newPackage();
      const id = await selecting(stage, sample);
      resultOf(await tryInstantiate(stage, id, parametersOf(stage, sample.name)));
      const { exchange, state } = await importInfo(stage, id);
      expectThat(exchange, { 'it is still IMPORT_SELECTING_OVF_PARAMS': state === 'IMPORT_SELECTING_OVF_PARAMS' });
    },
  },
  {
    id: 'import.try.input-errors',
    section: '3.3',
    title: 'a wrong value is told in errors with the category INPUT, not as an error of the call',
    needs,
    async run(stage) {
      const asked = await tryInstantiate(stage, await selecting(stage, stage.newPackage()), [port('70000')]);
      const errors = listOf(field(resultOf(asked), 'errors'));
      const told = errors.find((each) => field(each, 'category') === 'INPUT' && field(each, 'value') === '70000');
      expectThat(asked, {
        'an error of category INPUT has the value': told !== undefined,
        'it has a name and a message': typeof field(told, 'name') === 'string' && isMessage(field(told, 'message')),
      });
    },
  },
  {
    id: 'import.try.all-errors',
    section: '3.3',
    title: 'every wrong value is told at once',
    needs,
    async run(stage) {
      const wrong = [
        port('many'),
        params('deployment_option_params', 'DeploymentOptionParams', { selected_key: 'gigantic' }),
      ];
      const asked = await tryInstantiate(stage, await selecting(stage, stage.newPackage()), wrong);
      const values = listOf(field(resultOf(asked), 'errors')).map((each) => field(each, 'value'));
      expectThat(asked, { 'both are among the errors': values.includes('many') && values.includes('gigantic') });
    },
  },
  {
    id: 'import.try.unknown',
    section: '3.3',
    title: 'try_instantiate of an unknown session is not found',
    needs,
    async run(stage) {
      expectError(await tryInstantiate(stage, unknownId, []), 'NOT_FOUND');
    },
  },
  {
    id: 'import.try.no-parameters',
    section: '3.3',
    title: 'instantiation_parameters is required',
    needs,
    async run(stage) {
      const id = await selecting(stage, stage.newPackage());
      expectError(await stage.post(element(services.import, id, 'try-instantiate'), {}), 'INVALID_ARGUMENT');
    },
  },
];

const instantiateCases: readonly ContractCase[] = [
  {
    id: 'import.instantiate',
    section: '3.4',
    title: 'instantiate answers 200 without a body',
    needs,
    async run(stage) {
      const sample = stage.newPackage();
      const id = await selecting(stage, sample);
      expectNothing(await instantiate(stage, id, parametersOf(stage, sample.name)));
    },
  },
  {
    id: 'import.instantiate.twice',
    section: '3.4',
    title: 'a second instantiate is not allowed',
    needs,
    async run(stage) {
      const sample = stage.newPackage();
      const id = await transferring(stage, sample);
      const again = await instantiate(stage, id, parametersOf(stage, sample.name));
      expectError(again, 'NOT_ALLOWED_IN_CURRENT_STATE');
    },
  },
  {
    id: 'import.instantiate.unknown',
    section: '3.4',
    title: 'instantiate of an unknown session is not found',
    needs,
    async run(stage) {
      expectError(await instantiate(stage, unknownId, []), 'NOT_FOUND');
    },
  },
  {
    id: 'import.instantiate.invalid',
    section: '3.4',
    title: 'a wrong value is an invalid argument of instantiate, and the session can still be instantiated',
    needs,
    async run(stage) {
      const sample = stage.newPackage();
      const id = await selecting(stage, sample);
      const right = parametersOf(stage, sample.name);
      expectError(await instantiate(stage, id, [...right, port('70000')]), 'INVALID_ARGUMENT');
      expectNothing(await instantiate(stage, id, right));
    },
  },
  {
    id: 'import.instantiate.no-network',
    section: '9.2',
    title: 'a source network without a mapping makes the deployment fail',
    needs,
    async run(stage) {
      const sample = stage.newPackage();
      const id = await selecting(stage, sample);
      const some = parametersOf(stage, sample.name).filter(({ type }) => type !== 'NetworkMappingParams');
      const none = params('network_mapping_params', 'NetworkMappingParams', {
        source_networks: [{ name: 'VM Network', target: 'network-of-nobody' }],
      });
      expectError(await instantiate(stage, id, [...some, none]), 'INVALID_ARGUMENT');
    },
  },
  {
    id: 'import.instantiate.no-licence',
    section: '9.2',
    title: 'all_EULA_accepted must be true when there is a licence',
    needs,
    async run(stage) {
      const sample = stage.newPackage();
      const id = await selecting(stage, sample);
      const some = parametersOf(stage, sample.name).filter(({ type }) => type !== 'EulaParams');
      expectError(await instantiate(stage, id, some), 'INVALID_ARGUMENT');
      const denied = params('eula_params', 'EulaParams', { all_EULA_accepted: false });
      expectError(await instantiate(stage, id, [...some, denied]), 'INVALID_ARGUMENT');
    },
  },
  {
    id: 'import.instantiate.probe',
    section: '3.4',
    title: 'a probe session cannot be instantiated: unsupported',
    needs,
    async run(stage) {
      expectError(await instantiate(stage, await createProbe(stage), []), 'UNSUPPORTED');
    },
  },
  {
    id: 'import.instantiate.no-parameters',
    section: '3.4',
    title: 'instantiation_parameters is required',
    needs,
    async run(stage) {
      const id = await selecting(stage, stage.newPackage());
      expectError(await stage.post(element(services.import, id, 'instantiate'), {}), 'INVALID_ARGUMENT');
    },
  },
  {
    id: 'import.locale',
    section: '7.1',
    title: 'locale is taken, and the session goes its way',
    needs,
    async run(stage) {
      const { state, exchange } = await importInfo(stage, await createImport(stage, importSpec({ locale: 'de-DE' })));
      expectThat(exchange, { 'the state is IMPORT_OVF_TRANSFER': state === 'IMPORT_OVF_TRANSFER' });
    },
  },
];

/** Sections 3.3 and 3.4: try_instantiate and instantiate. */
export const importParameterCases: readonly ContractCase[] = [...tryCases, ...instantiateCases];
