import { type ContractOutcome, contractSections } from '@ovfkit/conformance';
import { oneLine } from './format.ts';
import type { Style } from './style.ts';
import { table } from './table.ts';

type Failed = Extract<ContractOutcome, { readonly status: 'failed' }>;

const columns = [
  { title: 'Section' },
  { title: 'About' },
  { title: 'Kept', align: 'right' },
  { title: 'Broken', align: 'right' },
  { title: 'Not offered', align: 'right' },
] as const;

const reasons = {
  sessions: 'the session services',
  sessionsInApi: 'session services in /api, an extension',
  api: 'the /api dialect',
  pull: 'pulls from this machine',
  library: 'a content library',
  reader: '--reader',
  expiry: '--session-timeout',
} as const;

/** A table of the sections, what is broken with request, expectation and answer, and what was not tried. */
export function conformancePage(
  outcomes: readonly ContractOutcome[],
  { style, width }: { readonly style: Style; readonly width: number | undefined },
): readonly string[] {
  const sections = [...new Set(outcomes.map(({ section }) => section))];
  const rows = sections.map((section) => {
    const own = outcomes.filter((each) => each.section === section);
    const counts = (['passed', 'failed', 'notOffered'] as const).map((status) => {
      const found = own.filter((each) => each.status === status).length;
      return found === 0 ? '' : String(found);
    });
    return [section, contractSections.get(section) ?? '', ...counts];
  });
  return [
    ...table(columns, { rows, style, width }),
    ...failures(outcomes, style),
    ...notOffered(outcomes),
    totals(outcomes),
  ];
}

function failures(outcomes: readonly ContractOutcome[], style: Style): readonly string[] {
  const failed = outcomes.filter((each): each is Failed => each.status === 'failed');
  return failed.flatMap(({ id, section, title, request, expected, got }) => [
    '',
    `${style('red', 'broken')} ${style('bold', id)} ${style('dim', section)}  ${oneLine(title)}`,
    ...(request === '' ? [] : [`  request   ${oneLine(request)}`]),
    `  expected  ${oneLine(expected)}`,
    `  got       ${oneLine(got)}`,
  ]);
}

function notOffered(outcomes: readonly ContractOutcome[]): readonly string[] {
  const missing = outcomes.flatMap((each) => (each.status === 'notOffered' ? each.missing : []));
  const lines = [...new Set(missing)].map(
    (need) => `not offered: ${reasons[need]} (${missing.filter((each) => each === need).length})`,
  );
  return lines.length === 0 ? [] : ['', ...lines];
}

function totals(outcomes: readonly ContractOutcome[]): string {
  const of = (status: ContractOutcome['status']): number => outcomes.filter((each) => each.status === status).length;
  return `${of('passed')} kept, ${of('failed')} broken, ${of('notOffered')} not offered`;
}
