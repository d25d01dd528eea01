// MinLen(1), MaxLen(64)    ValueMap{"one", "two"}    Ip("VM Network")    MinValue(10) MaxValue(1000)

/** One qualifier of a property, its arguments without their quotes. */
export interface Qualifier {
  readonly name: string;
  readonly values: readonly string[];
}

const namePattern = /[\s,]*([A-Za-z][A-Za-z0-9]*)\s*/y;
const doubleQuoted = /\s*"((?:[^"\\]|\\.)*)"\s*/y;
const singleQuoted = /\s*'((?:[^'\\]|\\.)*)'\s*(?=[,)}])/y;
const bare = /\s*([^,)}]*)/y;

/** Reads at one place of a text, and moves on when it finds what it looks for. */
function createScanner(text: string) {
  let at = 0;
  const take = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    const found = pattern.exec(text);
    if (found === null) return undefined;
    at = pattern.lastIndex;
    return found[1] ?? found[0];
  };
  return { take, isAtEnd: () => text.slice(at).trim() === '' };
}

function readValues(take: (pattern: RegExp) => string | undefined, close: RegExp): readonly string[] | undefined {
  const values: string[] = [];
  for (;;) {
    const quoted = take(doubleQuoted) ?? take(singleQuoted);
    values.push(quoted === undefined ? (take(bare) ?? '').trim() : quoted.replaceAll(/\\(.)/g, '$1'));
    if (take(close) !== undefined) return values;
    if (take(/,/y) === undefined) return undefined;
  }
}

/** The qualifiers in a text (DSP0004's, with VMware's spellings); undefined when it cannot be read as such. */
export function readQualifiers(text: string): readonly Qualifier[] | undefined {
  const { take, isAtEnd } = createScanner(text);
  const qualifiers: Qualifier[] = [];
  while (!isAtEnd()) {
    const name = take(namePattern);
    if (name === undefined) return undefined;
    const open = take(/[({]/y);
    const values = open === undefined ? [] : readValues(take, open === '(' ? /\)/y : /\}/y);
    if (values === undefined) return undefined;
    qualifiers.push({ name, values });
  }
  return qualifiers;
}
