import type { Plan } from '../plan/plan.ts';
import { formatSize } from './format.ts';
import { countProblems } from './problem-list.ts';
import type { Style } from './style.ts';
import { facts, table } from './table.ts';
import { cut, wrap } from './text-width.ts';

interface Layout {
  readonly style: Style;
  readonly width: number | undefined;
}

const marks = { ok: 'ok', warning: 'look', failed: 'no', unknown: '?' } as const;

/** Networks of the target that are shown beside those of the package, and datastores beside the one chosen. */
const mostOffered = 20;

const checks = ({ checks: all }: Plan, layout: Layout): readonly string[] =>
  table([{ title: 'Check' }, { title: '' }, { title: 'Detail' }], {
    rows: all.map(({ check, status, detail }) => [check, marks[status], detail]),
    ...layout,
  });

/** Both sides beside each other: what the package has and where it goes, and what the target has. */
function networks({ networks: own, networksOffered }: Plan, layout: Layout): readonly string[] {
  if (own.length === 0) return [];
  const offered = networksOffered.slice(0, mostOffered);
  const rows = Array.from({ length: Math.max(own.length, offered.length) }, (_, index) => {
    const network = own[index];
    const goesTo =
      network === undefined ? '' : network.target === undefined ? '?' : `${network.target.name} (${network.target.id})`;
    const other = offered[index];
    return [network?.source ?? '', goesTo, other === undefined ? '' : `${other.name} (${other.id})`];
  });
  const more = networksOffered.length - offered.length;
  return [
    '',
    ...table([{ title: 'Network' }, { title: 'Goes to' }, { title: 'The target has' }], { rows, ...layout }),
    ...(more > 0 ? [layout.style('dim', `… and ${more} more`)] : []),
  ];
}

function properties({ properties: all }: Plan, layout: Layout): readonly string[] {
  if (all.length === 0) return [];
  const rows = all.map(({ key, type, value }) => [
    key,
    /password/i.test(type) ? '(secret)' : cut((value ?? '').replaceAll(/\s+/g, ' '), 60),
  ]);
  return ['', ...table([{ title: 'Property' }, { title: 'Value' }], { rows, ...layout })];
}

function storage({ storage: told, datastoresOffered }: Plan, layout: Layout): readonly string[] {
  if (told === undefined) return [];
  const others = datastoresOffered.filter(({ id }) => id !== told.datastore?.id);
  const { transferSize, flatSize, sparseSize, disks } = told;
  const size = (bytes: number | undefined): string | undefined => (bytes === undefined ? undefined : formatSize(bytes));
  const sizes = facts(
    [
      ['To transfer', size(transferSize)],
      ['Disks in full', size(flatSize)],
      ['What is in them', size(sparseSize)],
      ...disks.map(({ disk, datastore }) => [`Disk ${disk}`, datastore] as const),
      ['Other datastores', others.length === 0 ? undefined : datastoreNames(others)],
    ],
    layout,
  );
  return sizes.length === 0 ? [] : ['', ...sizes];
}

function datastoreNames(datastores: Plan['datastoresOffered']): string {
  const shown = datastores
    .slice(0, mostOffered)
    .map(({ name, freeSpace }) => (freeSpace === undefined ? name : `${name} (${formatSize(freeSpace)} free)`));
  const more = datastores.length - shown.length;
  return [...shown, ...(more > 0 ? [`… and ${more} more`] : [])].join(', ');
}

function problems({ problems: all }: Plan, { style, width }: Layout): readonly string[] {
  if (all.length === 0) return [];
  const colors = { error: 'red', warning: 'yellow' } as const;
  const indented = (text: string, by: number): readonly string[] =>
    wrap(`${' '.repeat(by)}${text}`, width ?? Number.POSITIVE_INFINITY);
  return [
    '',
    style('bold', countProblems(all)),
    ...all.flatMap(({ check, severity, message, details, hint }) => [
      `${style(colors[severity], severity)} ${style('dim', check)}`,
      ...indented(message, 2),
      ...details.flatMap((detail) => indented(detail, 4)),
      ...(hint === undefined ? [] : indented(`next: ${hint}`, 2).map((line) => style('cyan', line))),
    ]),
  ];
}

/** What an import would do and what stands in its way, for a person, line by line. */
export function planPage(plan: Plan, layout: Layout): readonly string[] {
  const { style } = layout;
  const verdict =
    plan.exitCode === 0 ? style('green', 'The import would succeed.') : style('red', 'The import would fail.');
  return [
    ...checks(plan, layout),
    ...networks(plan, layout),
    ...properties(plan, layout),
    ...storage(plan, layout),
    ...problems(plan, layout),
    '',
    `${verdict} Nothing was created.`,
  ];
}
