/** The number of single-character edits between two texts. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (const [i, char] of [...a].entries()) {
    const next = [i + 1];
    for (const [j, other] of [...b].entries()) {
      const change = (row[j] ?? 0) + (char === other ? 0 : 1);
      next.push(Math.min(change, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}

/** The known names that look like `wanted`, closest first, at most three. */
export function suggestionsFor(wanted: string, known: readonly string[]): readonly string[] {
  const text = wanted.toLowerCase();
  return known
    .map((name) => ({ name, edits: distance(text, name.toLowerCase()), has: name.toLowerCase().includes(text) }))
    .filter(({ name, edits, has }) => has || edits <= Math.max(2, Math.floor(name.length / 4)))
    .toSorted((a, b) => a.edits - b.edits)
    .slice(0, 3)
    .map(({ name }) => name);
}

/** `Did you mean a or b?`, or nothing. */
export function didYouMean(wanted: string, known: readonly string[]): string | undefined {
  const found = suggestionsFor(wanted, known);
  return found.length === 0 ? undefined : `Did you mean ${found.join(' or ')}?`;
}
