import { oneLine } from './format.ts';
import { plainStyle, type Style } from './style.ts';

export interface Column {
  readonly title: string;
  readonly align?: 'left' | 'right';
}

const widthOf = (text: string): number => [...text].length;

/** Lines of a table: titles, then rows; columns as wide as their widest cell, two spaces between. */
export function table(
  columns: readonly Column[],
  { rows, style = plainStyle }: { readonly rows: readonly (readonly string[])[]; readonly style?: Style },
): readonly string[] {
  const cells = rows.map((row) => row.map(oneLine));
  const widths = columns.map(({ title }, index) =>
    Math.max(widthOf(title), ...cells.map((row) => widthOf(row[index] ?? ''))),
  );
  const line = (row: readonly string[]): string =>
    columns
      .map(({ align }, index) => {
        const text = row[index] ?? '';
        const padding = ' '.repeat((widths[index] ?? 0) - widthOf(text));
        return align === 'right' ? padding + text : text + padding;
      })
      .join('  ')
      .trimEnd();
  return [style('dim', line(columns.map(({ title }) => title))), ...cells.map(line)];
}

/** Lines of `Title   value`, the values under each other; pairs without a value are left out. */
export function facts(
  pairs: readonly (readonly [string, string | undefined])[],
  style: Style = plainStyle,
): readonly string[] {
  const present = pairs.flatMap(([title, value]) => (value === undefined || value === '' ? [] : [{ title, value }]));
  const width = Math.max(0, ...present.map(({ title }) => widthOf(title)));
  return present.map(({ title, value }) => `${style('dim', title.padEnd(width))}  ${oneLine(value)}`);
}
