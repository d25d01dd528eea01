import { sampleFacts } from '../sample-package.ts';
import type { ContractCase } from './contract-case.ts';
import { type Exchange, expectThat, resultOf } from './exchange.ts';
import { field, listOf, textOf } from './json.ts';
import {
  instantiate,
  parametersOf,
  params,
  reachImport,
  selecting,
  transferring,
  tryInstantiate,
  upload,
  valueless,
} from './sessions.ts';
import { machinesOf, type Stage } from './stage.ts';

const needs = ['sessions'] as const;

interface Query {
  readonly asked: Exchange;
  /** The structure of a type; nothing when the answer has none. */
  of(type: string): unknown;
}

async function query(stage: Stage, parameters: readonly unknown[] = []): Promise<Query> {
  const asked = await tryInstantiate(stage, await selecting(stage, stage.newPackage()), parameters);
  const all = listOf(field(resultOf(asked), 'parameters'));
  return { asked, of: (type) => all.find((each) => field(each, 'type') === type) };
}

/** What try_instantiate tells of the sample, a structure each: facts of its descriptor. */
const toldFacts: readonly (readonly [
  string,
  string,
  (structure: unknown, stage: Stage) => Readonly<Record<string, boolean>>,
])[] = [
  [
    'DeploymentOptionParams',
    '9.1',
    (structure) => {
      const options = listOf(field(structure, 'deployment_options'));
      return {
        'selected_key is the default option': field(structure, 'selected_key') === 'small',
        'deployment_options has both with label and description':
          options.map((each) => field(each, 'key')).join() === 'small,large' &&
          options.every((each) => textOf(field(each, 'label')) !== '' && textOf(field(each, 'description')) !== ''),
        'default_choice is true of one': options.map((each) => field(each, 'default_choice')).join() === 'true,false',
      };
    },
  ],
  [
    'PropertyParams',
    '9.1',
    (structure) => {
      const [hostname, port] = listOf(field(structure, 'properties'));
      return {
        'a property has class_id, id, label, type and value of the descriptor':
          ['net', 'hostname', 'Host name', 'string', 'sample'].join() ===
          ['class_id', 'id', 'label', 'type', 'value'].map((name) => field(hostname, name)).join(),
        'the next one too': field(port, 'id') === 'port' && field(port, 'value') === '8080',
      };
    },
  ],
  [
    'SizeParams',
    '9.1',
    (structure) => ({
      'approximate_flat_deployment_size is the capacity of the disk':
        Number(field(structure, 'approximate_flat_deployment_size')) === Number(sampleFacts.diskCapacity),
      'variable_disk_size is told': typeof field(structure, 'variable_disk_size') === 'boolean',
    }),
  ],
  [
    'NameAndProductParams',
    '9.2',
    (structure) => ({
      'name is that of the system': textOf(field(structure, 'name')).startsWith('conformance-'),
      'virtual_app is false': field(structure, 'virtual_app') === false,
      'product, vendor and version are told':
        ['Sample appliance', 'ovfkit', '1.0'].join() ===
        ['product_name', 'vendor', 'version'].map((name) => field(structure, name)).join(),
    }),
  ],
  [
    'EulaParams',
    '9.2',
    (structure) => ({
      'eulas has the text': listOf(field(structure, 'eulas')).join() === sampleFacts.eula,
      'all_EULA_accepted is false': field(structure, 'all_EULA_accepted') === false,
    }),
  ],
  [
    'NetworkMappingParams',
    '9.2',
    (structure, { place }) => {
      const [source] = listOf(field(structure, 'source_networks'));
      const targets = listOf(field(structure, 'target_networks'));
      const target = targets.find((each) => field(each, 'id') === place.network);
      return {
        'source_networks has name and description':
          field(source, 'name') === sampleFacts.network && field(source, 'description') === 'Management',
        'target_networks has the network of the target, accessible without reasons':
          field(target, 'accessible') === true && listOf(field(target, 'inaccessible_reasons')).length === 0,
      };
    },
  ],
  [
    'DatastoreMappingParams',
    '9.2',
    (structure, { place }) => {
      const stores = listOf(field(structure, 'available_datastores'));
      const store = stores.find((each) => field(each, 'id') === place.datastore);
      const kinds = listOf(field(structure, 'available_disk_provisioning_types'));
      return {
        'available_datastores has the datastore of the target, accessible': field(store, 'accessible') === true,
        'provisioning types are of thin, thick and eagerZeroedThick':
          kinds.length > 0 && kinds.every((each) => ['thin', 'thick', 'eagerZeroedThick'].includes(textOf(each))),
      };
    },
  ],
];

const toldCases: readonly ContractCase[] = toldFacts.map(
  ([type, section, facts]): ContractCase => ({
    id: `parameters.${type
      .replace('Params', '')
      .replaceAll(/(?<=[a-z])[A-Z]/g, '-$&')
      .toLowerCase()}`,
    section,
    title: `try_instantiate tells ${type} as the descriptor and the target have it`,
    needs,
    async run(stage) {
      const { asked, of } = await query(stage);
      const structure = of(type);
      expectThat(asked, { [`there is one ${type}`]: structure !== undefined, ...facts(structure, stage) });
    },
  }),
);

const inputCases: readonly ContractCase[] = [
  {
    id: 'parameters.echo',
    section: '9',
    title: 'what try_instantiate told may be sent back with changes of the client: fields of the server are ignored',
    needs,
    async run(stage) {
      const { of, asked: first } = await query(stage);
      const told = listOf(field(resultOf(first), 'parameters')).filter((each) => each !== of('EulaParams'));
      const accepted = params('eula_params', 'EulaParams', { all_EULA_accepted: true });
      const { asked } = await query(stage, [...told, accepted]);
      const categories = listOf(field(resultOf(asked), 'errors')).map((each) => field(each, 'category'));
      expectThat(asked, { 'there is no error of category INPUT': !categories.includes('INPUT') });
    },
  },
  {
    id: 'parameters.order',
    section: '9',
    title: 'the order of the parameters has no meaning',
    needs,
    async run(stage) {
      const sample = stage.newPackage();
      const id = await selecting(stage, sample);
      const given = parametersOf(stage, sample.name);
      const forth = resultOf(await tryInstantiate(stage, id, given));
      const back = await tryInstantiate(stage, id, given.toReversed());
      expectThat(back, { 'both answers are the same': JSON.stringify(resultOf(back)) === JSON.stringify(forth) });
    },
  },
  {
    id: 'parameters.unknown',
    section: '9',
    title: 'a structure the target does not know is no fault of the call',
    needs,
    async run(stage) {
      const unknown = params('params_of_tomorrow', 'ParamsOfTomorrow', { a: 1 });
      const { asked } = await query(stage, [unknown]);
      expectThat(asked, { 'it answers': asked.status === 200 });
    },
  },
  {
    id: 'parameters.option.values',
    section: '9.1',
    title: 'the answer follows the option chosen: selected_key is the one that was sent',
    needs,
    async run(stage) {
      const chosen = params('deployment_option_params', 'DeploymentOptionParams', { selected_key: 'large' });
      const { asked, of } = await query(stage, [chosen]);
      expectThat(asked, { 'it is large': field(of('DeploymentOptionParams'), 'selected_key') === 'large' });
    },
  },
];

/** Makes a machine with the sample's parameters and `more`; gives what the inventory says of it. */
async function made(stage: Stage, more: readonly Readonly<Record<string, unknown>>[]) {
  const sample = stage.newPackage();
  const id = await selecting(stage, sample);
  const others = parametersOf(stage, sample.name).filter(({ type }) => more.every((each) => each['type'] !== type));
  valueless(await instantiate(stage, id, [...others, ...more]));
  await upload(stage, id, sample.disk);
  const { value } = await reachImport(stage, id, 'IMPORT_COMPLETED');
  const asked = await stage.get(`/rest/vcenter/vm/${textOf(field(value, 'vm_id'))}`);
  return { asked, machine: resultOf(asked) };
}

const effectCases: readonly ContractCase[] = [
  ...[
    { key: 'small', facts: sampleFacts.options.small },
    { key: 'large', facts: sampleFacts.options.large },
  ].map(
    ({ key, facts }): ContractCase => ({
      id: `parameters.option.${key}`,
      section: '9.1',
      title: `the option ${key} gives the machine its processors and memory`,
      needs,
      async run(stage) {
        const option = params('deployment_option_params', 'DeploymentOptionParams', { selected_key: key });
        const { asked, machine } = await made(stage, [option]);
        expectThat(asked, {
          [`it has ${facts.cpuCount} processors`]: field(field(machine, 'cpu'), 'count') === facts.cpuCount,
          [`it has ${facts.memorySizeMib} MiB`]: field(field(machine, 'memory'), 'size_MiB') === facts.memorySizeMib,
        });
      },
    }),
  ),
  {
    id: 'parameters.name.effect',
    section: '9.2',
    title: 'the name given is that of the machine',
    needs,
    async run(stage) {
      const { name } = stage.newPackage();
      const { asked, machine } = await made(stage, [
        params('name_and_product_params', 'NameAndProductParams', { name }),
      ]);
      expectThat(asked, { 'it has the name': field(machine, 'name') === name });
    },
  },
  {
    id: 'parameters.nothing-before',
    section: '3.4',
    title: 'no machine is there before the last file',
    needs,
    async run(stage) {
      const sample = stage.newPackage();
      const id = await transferring(stage, sample);
      const { exchange } = await reachImport(stage, id, 'IMPORT_FILE_TRANSFER');
      expectThat(exchange, { 'there is none': (await machinesOf(stage, sample.name)).length === 0 });
    },
  },
];

/** Section 9: parameter structures, told and given. */
export const parameterCases: readonly ContractCase[] = [...toldCases, ...inputCases, ...effectCases];
