import { formatCount, oneLine } from './format.ts';
import type { Style } from './style.ts';
import { wrap } from './text-width.ts';

const severities = ['error', 'warning', 'info'] as const;
const colors = { error: 'red', warning: 'yellow', info: 'dim' } as const;

/** What is wrong in one place. `line` and `column` from 1, `offset` in bytes. */
export interface ListedProblem {
  readonly severity: (typeof severities)[number];
  readonly code: string;
  readonly message: string;
  readonly file: string;
  readonly line?: number | undefined;
  readonly column?: number | undefined;
  readonly offset?: number | undefined;
  readonly hint?: string | undefined;
}

interface ListOptions {
  readonly style: Style;
  readonly width?: number | undefined;
  /** How many of one kind are told; all of them when absent. */
  readonly most?: number | undefined;
}

/** `2 errors, 1 warning`; nothing is left out but what there is none of. */
export function countProblems(all: readonly Pick<ListedProblem, 'severity'>[]): string {
  return severities
    .map((severity) => ({ severity, count: all.filter((each) => each.severity === severity).length }))
    .filter(({ count }) => count > 0)
    .map(({ severity, count }) => (severity === 'info' ? formatCount(count, 'note') : formatCount(count, severity)))
    .join(', ');
}

/** `file:line:column message` or `file at byte n message`; a message that begins with its file says enough. */
function textOf({ file, line, column, offset, message }: ListedProblem): string {
  const place = [file, line, column].filter((part) => part !== undefined && part !== '').join(':');
  if (line === undefined && offset !== undefined) return oneLine(`${place} at byte ${offset} ${message}`);
  return oneLine(place === file && message.startsWith(file) ? message : `${place} ${message}`);
}

function groupLines(group: readonly ListedProblem[], { style, width, most = group.length }: ListOptions) {
  const { severity, code } = group[0] ?? { severity: 'info', code: '' };
  const shown = group.slice(0, most);
  const rest = group.length - shown.length;
  const hints = [...new Set(group.flatMap(({ hint }) => (hint === undefined ? [] : [hint])))];
  const indented = (text: string): readonly string[] => wrap(`  ${text}`, width ?? Number.POSITIVE_INFINITY);
  return [
    `${style(colors[severity], severity)} ${style('dim', group.length === 1 ? code : `${code}, ${group.length} times`)}`,
    ...shown.flatMap((problem) => indented(textOf(problem))),
    ...(rest === 0 ? [] : [`  ${style('dim', `… and ${rest} more: --json has all of them`)}`]),
    ...hints.flatMap((hint) => indented(`next: ${oneLine(hint)}`)).map((line) => style('cyan', line)),
  ];
}

/** Problems for a person: errors first, those of one kind together, what to do about them once. */
export function problemList(all: readonly ListedProblem[], options: ListOptions): readonly string[] {
  return severities.flatMap((severity) => {
    const ofSeverity = all.filter((each) => each.severity === severity);
    const codes = [...new Set(ofSeverity.map(({ code }) => code))];
    return codes.flatMap((code) =>
      groupLines(
        ofSeverity.filter((each) => each.code === code),
        options,
      ),
    );
  });
}
