import { oneLine } from './format.ts';
import { plainStyle, type Style } from './style.ts';
import { padEnd, widthOf, wrap } from './text-width.ts';

export interface Column {
  readonly title: string;
  readonly align?: 'left' | 'right';
}

interface Layout {
  readonly style?: Style | undefined;
  /** Columns of the terminal there are to fill; any number when absent. */
  readonly width?: number | undefined;
}

const gap = 2;
const narrowest = 4;

/** A printable line; the spaces it begins with are kept, for they show what belongs to what. */
const cellOf = (text: string): string => `${/^ */.exec(text)?.[0] ?? ''}${oneLine(text)}`;

/** The widths that fit into `width`: the widest column of text gives way, down to a limit. */
function fitted(columns: readonly Column[], { natural, width }: { natural: readonly number[]; width: number }) {
  const widths = natural.map((each) => Math.min(each, width));
  for (;;) {
    const total = widths.reduce((sum, each) => sum + each, gap * (widths.length - 1));
    const flexible = widths.map((each, index) => (columns[index]?.align === 'right' ? 0 : each));
    const widest = Math.max(...flexible);
    if (total <= width || widest <= narrowest) return widths;
    widths[flexible.indexOf(widest)] = widest - 1;
  }
}

/** One row: as many lines as its longest cell needs. */
function rowLines(cells: readonly string[], { columns, widths }: { columns: readonly Column[]; widths: number[] }) {
  const parts = cells.map((cell, index) => wrap(cell, widths[index] ?? 0));
  const height = Math.max(...parts.map(({ length }) => length));
  return Array.from({ length: height }, (_, line) =>
    columns
      .map(({ align }, index) => {
        const text = parts[index]?.[line] ?? '';
        const width = widths[index] ?? 0;
        return align === 'right' ? ' '.repeat(Math.max(width - widthOf(text), 0)) + text : padEnd(text, width);
      })
      .join(' '.repeat(gap))
      .trimEnd(),
  );
}

/**
 * Lines of a table: titles, then rows; columns as wide as their widest cell, two spaces between. What is too wide for the
 * terminal goes on in the next line of its cell; a column with nothing in it is left out.
 */
export function table(
  all: readonly Column[],
  {
    rows,
    style = plainStyle,
    width = Number.POSITIVE_INFINITY,
  }: Layout & { readonly rows: readonly (readonly string[])[] },
): readonly string[] {
  const isUsed = all.map((_, index) => rows.length === 0 || rows.some((row) => (row[index] ?? '') !== ''));
  const columns = all.filter((_, index) => isUsed[index]);
  const cells = rows.map((row) => row.filter((_, index) => isUsed[index]).map(cellOf));
  const natural = columns.map(({ title }, index) =>
    Math.max(widthOf(title), ...cells.map((row) => widthOf(row[index] ?? ''))),
  );
  const widths = fitted(columns, { natural, width });
  const titles = columns.map(({ title }) => title);
  return [
    ...rowLines(titles, { columns, widths }).map((line) => style('dim', line)),
    ...cells.flatMap((row) => rowLines(row, { columns, widths })),
  ];
}

/** Lines of `Title   value`, the values under each other; pairs without a value are left out. */
export function facts(
  pairs: readonly (readonly [string, string | undefined])[],
  { style = plainStyle, width = Number.POSITIVE_INFINITY }: Layout = {},
): readonly string[] {
  const present = pairs.flatMap(([title, value]) => (value === undefined || value === '' ? [] : [{ title, value }]));
  const titleWidth = Math.max(0, ...present.map(({ title }) => widthOf(title)));
  return present.flatMap(({ title, value }) =>
    wrap(oneLine(value), Math.max(width - titleWidth - gap, narrowest)).map(
      (line, index) => `${style('dim', (index === 0 ? title : '').padEnd(titleWidth + gap))}${line}`,
    ),
  );
}
