import { ParseIssueCategory } from '@ovfkit/domain';
import type { ContractCase } from './contract-case.ts';
import { isMessage } from './error-cases.ts';
import { expectThat, resultOf } from './exchange.ts';
import { field, listOf } from './json.ts';
import {
  createImport,
  importInfo,
  params,
  reachImport,
  selecting,
  tryInstantiate,
  uploadDescriptor,
} from './sessions.ts';

const section = '7.11';
const needs = ['sessions'] as const;

const isIssue = (issue: unknown): boolean =>
  ParseIssueCategory.safeParse(field(issue, 'category')).success &&
  typeof field(issue, 'file') === 'string' &&
  Number.isInteger(field(issue, 'line_number')) &&
  Number.isInteger(field(issue, 'column_number')) &&
  isMessage(field(issue, 'message'));

/** Whether a value has what its category requires. */
function isOvfMessage(value: unknown): boolean {
  const category = field(value, 'category');
  if (category === 'VALIDATION')
    return Array.isArray(field(value, 'issues')) && listOf(field(value, 'issues')).every(isIssue);
  if (category === 'INPUT')
    return (
      ['name', 'value'].every((name) => typeof field(value, name) === 'string') && isMessage(field(value, 'message'))
    );
  if (category !== 'SERVER') return false;
  const messages = field(field(value, 'error'), 'messages');
  return Array.isArray(messages) && listOf(messages).every(isMessage);
}

const lineOf = (text: string, part: string): number => text.slice(0, text.indexOf(part)).split('\n').length;

/** Section 7.11: messages of sessions. */
export const messageCases: readonly ContractCase[] = [
  {
    id: 'messages.validation',
    section,
    title:
      'a descriptor with a fault gives VALIDATION errors, whose issues tell category, file, line, column and message',
    needs,
    async run(stage) {
      const text = new TextDecoder()
        .decode(stage.newPackage().descriptor.bytes)
        .replace('ovf:fileRef="file1"', 'ovf:fileRef="none"');
      const id = await createImport(stage);
      await uploadDescriptor(stage, id, new TextEncoder().encode(text));
      const { exchange, value } = await reachImport(stage, id, 'IMPORT_ERROR');
      const errors = listOf(field(value, 'errors'));
      const issues = errors.flatMap((each) => listOf(field(each, 'issues')));
      const lines = issues.map((each) => Number(field(each, 'line_number')));
      const line = lineOf(text, 'ovf:fileRef="none"');
      expectThat(exchange, {
        'there is an error of category VALIDATION': errors.some((each) => field(each, 'category') === 'VALIDATION'),
        'each error has what its category requires': errors.every(isOvfMessage),
        'an issue is near the fault': lines.some((each) => Math.abs(each - line) <= 1),
      });
    },
  },
  {
    id: 'messages.input',
    section,
    title: 'errors of try_instantiate have what their category requires',
    needs,
    async run(stage) {
      const wrong = params('deployment_option_params', 'DeploymentOptionParams', { selected_key: 'gigantic' });
      const asked = await tryInstantiate(stage, await selecting(stage, stage.newPackage()), [wrong]);
      const errors = listOf(field(resultOf(asked), 'errors'));
      expectThat(asked, { 'there are some, all complete': errors.length > 0 && errors.every(isOvfMessage) });
    },
  },
  {
    id: 'messages.information',
    section,
    title: 'a non-required section nobody knows is told in information, or among the warnings, as messages',
    needs,
    async run(stage) {
      const foreign = '<x:Foreign xmlns:x="urn:x" ovf:required="false"><Info>Foreign</Info></x:Foreign>';
      const text = new TextDecoder().decode(stage.newPackage().descriptor.bytes);
      const id = await createImport(stage);
      const changed = text.replace('<VirtualSystem ', `${foreign}<VirtualSystem `);
      await uploadDescriptor(stage, id, new TextEncoder().encode(changed));
      await reachImport(stage, id, 'IMPORT_SELECTING_OVF_PARAMS');
      const { exchange, value } = await importInfo(stage, id);
      const information = listOf(field(value, 'information'));
      const warnings = listOf(field(value, 'warnings'));
      const isInfo = (each: unknown): boolean =>
        Array.isArray(field(each, 'messages')) && listOf(field(each, 'messages')).every(isMessage);
      expectThat(exchange, {
        'something is told': information.length + warnings.length > 0,
        'information is lists of messages': information.every(isInfo),
        'warnings have what their category requires': warnings.every(isOvfMessage),
      });
    },
  },
];
