import type { ContractCase } from './contract-case.ts';
import { expectError, expectThat, resultOf } from './exchange.ts';
import { field, listOf, objectsIn, textOf } from './json.ts';
import {
  askForImport,
  classes,
  createImport,
  failed,
  importInfo,
  importSpec,
  params,
  reachImport,
  selecting,
  tryInstantiate,
} from './sessions.ts';

const section = '1.2';
const needs = ['sessions'] as const;

/** Objects whose `@class` is not their first key. */
const outOfOrder = (json: unknown): readonly object[] =>
  objectsIn(json).filter((each) => Object.hasOwn(each, '@class') && Object.keys(each)[0] !== '@class');

const withoutClass = ({ '@class': _, ...rest }: Readonly<Record<string, unknown>>) => rest;

const choice = params('deployment_option_params', 'DeploymentOptionParams', { selected_key: 'large' });

const selectedIn = (value: unknown): string =>
  textOf(
    listOf(field(value, 'parameters'))
      .filter((each) => field(each, 'type') === 'DeploymentOptionParams')
      .map((each) => field(each, 'selected_key'))[0],
  );

const readCases: readonly ContractCase[] = [
  {
    id: 'class.spec.last',
    section,
    title: '@class of a create_spec is read wherever it stands',
    needs,
    async run(stage) {
      const spec = { ...withoutClass(importSpec()), '@class': classes.importSpec };
      await importInfo(stage, await createImport(stage, spec));
    },
  },
  {
    id: 'class.spec.absent',
    section,
    title: 'a create_spec needs no @class',
    needs,
    async run(stage) {
      await importInfo(stage, await createImport(stage, withoutClass(importSpec())));
    },
  },
  {
    id: 'class.spec.wrong',
    section,
    title: 'the @class of another structure on a create_spec is an invalid argument',
    needs,
    async run(stage) {
      const spec = importSpec({ '@class': classes.exportSpec });
      expectError(await askForImport(stage, { create_spec: spec }), 'INVALID_ARGUMENT');
    },
  },
  ...[
    { id: 'first', title: 'first', parameter: choice },
    { id: 'last', title: 'last', parameter: { ...withoutClass(choice), '@class': choice['@class'] } },
    { id: 'type', title: 'absent, when type names the structure', parameter: withoutClass(choice) },
    { id: 'alone', title: 'there, and type absent', parameter: { '@class': choice['@class'], selected_key: 'large' } },
  ].map(
    ({ id, title, parameter }): ContractCase => ({
      id: `class.parameter.${id}`,
      section,
      title: `a parameter structure is understood with its @class ${title}`,
      needs,
      async run(stage) {
        const session = await selecting(stage, stage.newPackage());
        const asked = await tryInstantiate(stage, session, [parameter]);
        expectThat(asked, { 'the option chosen is large': selectedIn(resultOf(asked)) === 'large' });
      },
    }),
  ),
];

const writeCases: readonly ContractCase[] = [
  {
    id: 'class.result.first',
    section,
    title: '@class is the first key of every parameter structure in a result, and names it',
    needs,
    async run(stage) {
      const asked = await tryInstantiate(stage, await selecting(stage, stage.newPackage()), []);
      const parameters = listOf(field(resultOf(asked), 'parameters'));
      const named = parameters.map((each) => [textOf(field(each, '@class')), textOf(field(each, 'type'))] as const);
      const tail = (type: string): string => type.replaceAll(/(?<=[a-z])[A-Z]/g, '_$&').toLowerCase();
      expectThat(asked, {
        'there are parameters': parameters.length > 0,
        'each has its @class': named.every(([name, type]) => name.toLowerCase() === classes.params(tail(type))),
        '@class is always the first key': outOfOrder(asked.json).length === 0,
      });
    },
  },
  {
    id: 'class.error.first',
    section,
    title: 'a standard error among the errors of a session has its @class, as the first key',
    needs: ['sessions', 'pull'],
    async run(stage) {
      const folder = stage.newName();
      const spec = importSpec({ source_type: 'PULL_SOURCE', pull_source: `${stage.host?.url}/${folder}/none.ovf` });
      const made = await askForImport(stage, { create_spec: spec });
      if (made.status !== 200) return expectError(made, 'RESOURCE_INACCESSIBLE'); // told at once instead
      const { exchange, value } = await reachImport(stage, textOf(resultOf(made)), 'IMPORT_ERROR');
      const errors = listOf(field(value, 'errors')).map((each) => field(each, 'error'));
      expectThat(exchange, {
        'there is an error with a standard error': errors.some((each) => each !== undefined),
        'each names its class': errors.every(
          (each) => each === undefined || textOf(field(each, '@class')).startsWith('com.vmware.vapi.std.errors.'),
        ),
        '@class is always the first key': outOfOrder(value).length === 0,
      });
    },
  },
  {
    id: 'class.info.none',
    section,
    title: 'the Info of a session is no dynamic structure and has no @class',
    needs,
    async run(stage) {
      const { exchange, value } = await importInfo(stage, await failed(stage));
      expectThat(exchange, { 'it has no @class': field(value, '@class') === undefined });
    },
  },
];

/** Section 1.2: the discriminator. */
export const classCases: readonly ContractCase[] = [...readCases, ...writeCases];
