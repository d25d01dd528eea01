// What the repository's shape promises, as functions from text to problems: the test runs them over the real files and
// over planted ones.

const ports = ['domain'];
const libraries = [
  'domain',
  'package-format',
  'conformance',
  'rest',
  'transfer',
  'engine',
  'server',
  'vsphere',
  'store-local',
  'store-postgres',
  'store-s3',
];

/** Which packages of ours each one may depend on. Adapters never know each other; apps wire. */
export const allowedEdges: ReadonlyMap<string, readonly string[]> = new Map([
  ['packages/domain', []],
  ['packages/package-format', []],
  ['packages/conformance', ports],
  ['packages/rest', ports],
  ['packages/transfer', ['domain', 'package-format']],
  ['packages/engine', ['domain', 'package-format']],
  ['packages/server', ports],
  ['packages/vsphere', ['domain', 'package-format', 'rest']],
  ['packages/store-local', ports],
  ['packages/store-postgres', ports],
  ['packages/store-s3', ports],
  ['apps/cli', libraries],
  ['apps/service', libraries],
  ['apps/e2e', libraries],
]);

/** The parts of a package.json that the rules look at. */
export interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly exports?: Readonly<Record<string, unknown>>;
}

const scope = '@ovfkit/';
const specifierPattern = /(?:\bfrom|\bimport)\s*\(?\s*'([^']+)'/g;

// The module names a source text imports or exports from, dynamic imports included.
function specifiersOf(text: string): string[] {
  return [...text.matchAll(specifierPattern)].flatMap(([, specifier]) => specifier ?? []);
}

/** Our packages that `folder` declares as dependencies without being allowed to. */
export function dependencyProblems(folder: string, manifest: Manifest): string[] {
  const allowed = allowedEdges.get(folder);
  if (allowed === undefined) return [`${folder} is not in the table of allowed edges`];
  return Object.keys(manifest.dependencies ?? {})
    .filter((name) => name.startsWith(scope) && !allowed.includes(name.slice(scope.length)))
    .map((name) => `${folder} may not depend on ${name}`);
}

/** What one source file imports and may not. `path` is relative to the repository, with slashes. */
export function importProblems(path: string, text: string): string[] {
  const folder = path.split('/').slice(0, 2).join('/');
  const allowed = allowedEdges.get(folder) ?? [];
  return specifiersOf(text).flatMap((specifier) => {
    if (specifier.startsWith('.')) {
      const target = new URL(specifier, `file:///${path}`).pathname.slice(1);
      return target.startsWith(`${folder}/src/`) ? [] : [`${path} reaches out of its source folder: ${specifier}`];
    }
    const [, name] = /^@ovfkit\/([^/]+)/.exec(specifier) ?? [];
    return name === undefined || allowed.includes(name) ? [] : [`${path} may not import ${specifier}`];
  });
}

/** Export maps list every entry; a wildcard would make each file public. */
export function exportsProblems(folder: string, { exports: entries = {} }: Manifest): string[] {
  const wild = JSON.stringify(entries).includes('*');
  return wild ? [`${folder} exports a wildcard`] : [];
}

const called = /^export (?:async )?(?:const|function\*?) ([a-z]\w*)/;

/** What a source text exports to be called and leaves without a doc comment. Schemas and types are named by the contract. */
export function undocumentedExports(text: string): string[] {
  const lines = text.split('\n');
  const names = new Map<string, boolean>();
  for (const [index, line] of lines.entries()) {
    const [, name] = called.exec(line) ?? [];
    if (name === undefined) continue;
    const above = lines[index - 1]?.trimEnd() ?? '';
    names.set(name, names.get(name) === true || above.endsWith('*/') || isOverload(lines, index, name));
  }
  return [...names].filter(([, documented]) => !documented).map(([name]) => name);
}

const isOverload = (lines: readonly string[], index: number, name: string): boolean =>
  lines.slice(0, index).some((line) => line.startsWith(`export function ${name}(`));

/** Classes that are not errors, and parameters a reader cannot tell apart at the call. */
export function styleProblems(path: string, text: string): string[] {
  const code = text.replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '');
  const classes = [...code.matchAll(/^\s*(?:export )?(?:abstract )?class (\w+)(?: extends ([\w.]+))?/gm)]
    .filter(([, , parent]) => !/Error$/.test(parent ?? ''))
    .map(([, name]) => `${path}: class ${name} is not an error`);
  const booleans = [...code.matchAll(/[(,]\s*(\w+)\??: boolean\s*[,)]/g)].map(
    ([, name]) => `${path}: parameter ${name} is a boolean`,
  );
  return [...classes, ...booleans];
}

const strings = /'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|`(?:[^`\\\n]|\\.)*`/g;
const renames = /^\s*(?:(?:import|export)(?: type)? [{*].*|(?:type )?\w+ as \w+,?)$/;

/**
 * Casts without a comment on their own line or the one above. `as const` is none, nor is the `{} as` of a machine's
 * type declarations, which xstate asks for.
 */
export function castProblems(path: string, text: string): string[] {
  const lines = text.replace(strings, "''").split('\n');
  return lines.flatMap((line, index) => {
    const isComment = /^\s*(?:\/\/|\/?\*)/;
    if (isComment.test(line) || renames.test(line) || !/\bas (?!const\b)/.test(line.replaceAll('{} as ', '')))
      return [];
    const explained = line.includes('//') || isComment.test(lines[index - 1] ?? '');
    return explained ? [] : [`${path}: a cast without a reason: ${line.trim()}`];
  });
}
