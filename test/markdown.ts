// What the tests of the documents need to know of Markdown.

const withoutBlocks = (document: string): string => document.replaceAll(/^(```+)[\s\S]*?^\1/gm, '');

/** Relative links and images, and link definitions, outside of code. */
export function linksOf(document: string): readonly string[] {
  const text = withoutBlocks(document).replaceAll(/`[^`\n]*`/g, '');
  const inline = [...text.matchAll(/\]\(\s*<?([^)\s>]+)/g)].map((match) => match[1] ?? '');
  const defined = [...text.matchAll(/^\[[^\]]+\]:\s*(\S+)/gm)].map((match) => match[1] ?? '');
  return [...inline, ...defined].filter((link) => !/^[a-z][a-z+.-]*:/i.test(link));
}

/** The anchors that GitHub gives the headings of a document. */
export function anchorsOf(document: string): ReadonlySet<string> {
  const counts = new Map<string, number>();
  const anchors = [...withoutBlocks(document).matchAll(/^#+\s+(.*?)\s*$/gm)].map((match) => {
    const base = (match[1] ?? '')
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(/\s/g, '-');
    const count = counts.get(base) ?? 0;
    counts.set(base, count + 1);
    return count === 0 ? base : `${base}-${count}`;
  });
  return new Set(anchors);
}

/** The cells of every table whose first column is headed `heading`. */
export function rowsOf(document: string, heading: string): readonly (readonly string[])[] {
  const rows: string[][] = [];
  let isWanted = false;
  for (const line of document.split('\n')) {
    const cells = line.startsWith('|')
      ? line
          .split('|')
          .slice(1, -1)
          .map((cell) => cell.trim())
      : undefined;
    if (cells === undefined) isWanted = false;
    else if (cells[0] === heading) isWanted = true;
    else if (isWanted && !/^:?-+:?$/.test(cells[0] ?? '')) rows.push(cells);
  }
  return rows;
}

/** Paths of the repository that a document names: code that begins with one of its folders, in text and in diagrams. */
export function namedFiles(document: string): readonly string[] {
  const paths = document.matchAll(/(?<![\w/.-])(?:packages|apps|docs|scripts|test)\/[\w./-]*\w/g);
  return [...new Set([...paths].map(([path]) => path))];
}
