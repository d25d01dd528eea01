/** One rule of ours, a file that breaks it and a file that does not. */
export interface Planted {
  readonly tool: 'biome' | 'oxlint';
  /** As the linter prints it, without the group. */
  readonly rule: string;
  /** What makes this case different from another of the same rule. */
  readonly what: string;
  /** Where the bad file lies: rules depend on it. A folder, or a whole path when the file's name matters. */
  readonly in: string;
  readonly bad: string;
  /** Where the good file lies, when the same text is good elsewhere. */
  readonly goodIn?: string;
  readonly good: string;
}

const restrictedImports = [
  { name: 'xstate', export: 'setup', home: 'packages/domain/src', elsewhere: 'packages/engine/src' },
  { name: 'xstate/graph', export: 'getShortestPaths', home: 'packages/domain/src', elsewhere: 'packages/transfer/src' },
  {
    name: 'saxes',
    export: 'SaxesParser',
    home: 'packages/package-format/src/xml.ts',
    elsewhere: 'packages/package-format/src',
  },
  { name: 'undici', export: 'request', home: 'packages/rest/src', elsewhere: 'packages/transfer/src' },
  { name: 'fastify', export: 'fastify', home: 'packages/server/src', elsewhere: 'apps/service/src' },
  { name: 'node:sqlite', export: 'DatabaseSync', home: 'packages/store-local/src', elsewhere: 'packages/engine/src' },
  { name: 'commander', export: 'Command', home: 'apps/cli/src', elsewhere: 'apps/service/src' },
  { name: '@commander-js/extra-typings', export: 'Command', home: 'apps/cli/src', elsewhere: 'apps/service/src' },
];

const pureGlobals = [
  { name: 'process', use: 'process.platform' },
  { name: 'Buffer', use: "Buffer.from('a')" },
  { name: 'fetch', use: 'fetch' },
  { name: 'setTimeout', use: 'setTimeout' },
  { name: 'setInterval', use: 'setInterval' },
  { name: 'setImmediate', use: 'setImmediate' },
];

const imports = restrictedImports.map((restricted): Planted => {
  const text = `import { ${restricted.export} } from '${restricted.name}';\n\nexport const used = ${restricted.export};\n`;
  return {
    tool: 'biome',
    rule: 'noRestrictedImports',
    what: `${restricted.name} away from ${restricted.home}`,
    in: restricted.elsewhere,
    bad: text,
    goodIn: restricted.home,
    good: text,
  };
});

const globals = ['packages/domain/src', 'packages/package-format/src'].flatMap((folder) =>
  pureGlobals.map(
    ({ name, use }): Planted => ({
      tool: 'biome',
      rule: 'noRestrictedGlobals',
      what: `${name} in ${folder}`,
      in: folder,
      bad: `export const used = ${use};\n`,
      goodIn: folder === 'packages/domain/src' ? 'packages/engine/src' : 'packages/package-format/src/node',
      good: `export const used = ${use};\n`,
    }),
  ),
);

const lines = (count: number) => Array.from({ length: count }, (_, i) => `  call(${i});\n`).join('');
const call = 'const call = (value: number) => value;\n\n';

/** Biome rules that hold in every source file. */
const everywhere: readonly Planted[] = [
  { rule: 'noExplicitAny', bad: 'export const a: any = 1;\n', good: 'export const a: unknown = 1;\n' },
  {
    rule: 'noNonNullAssertion',
    bad: 'export const a = (b: string | null) => b!.length;\n',
    good: 'export const a = (b: string | null) => b?.length;\n',
  },
  { rule: 'noEnum', bad: 'export enum A {\n  b = 1,\n}\n', good: "export const A = ['b'] as const;\n" },
  { rule: 'noDefaultExport', bad: 'export default 1;\n', good: 'export const one = 1;\n' },
  {
    rule: 'noParameterAssign',
    bad: 'export function a(b: number): number {\n  b = 2;\n  return b;\n}\n',
    good: 'export function a(b: number): number {\n  const c = b;\n  return c;\n}\n',
  },
  {
    rule: 'noParameterProperties',
    bad: 'export class AError extends Error {\n  constructor(readonly code: string) {\n    super();\n  }\n}\n',
    good: 'export class AError extends Error {\n  readonly code: string;\n  constructor(code: string) {\n    super();\n    this.code = code;\n  }\n}\n',
  },
  {
    rule: 'useThrowOnlyError',
    bad: "export function a(): never {\n  throw 'text';\n}\n",
    good: "export function a(): never {\n  throw new Error('text');\n}\n",
  },
  {
    rule: 'noBitwiseOperators',
    bad: 'export const a = (b: number) => b >> 3;\n',
    good: 'export const a = (b: number) => b / 8;\n',
  },
  { rule: 'noReExportAll', bad: "export * from './beside.ts';\n", good: "export { beside } from './beside.ts';\n" },
  {
    rule: 'useImportExtensions',
    bad: "export { beside } from './beside';\n",
    good: "export { beside } from './beside.ts';\n",
  },
  {
    rule: 'useImportType',
    bad: "import { Beside } from './beside.ts';\n\nexport const a: Beside = 1;\n",
    good: "import type { Beside } from './beside.ts';\n\nexport const a: Beside = 1;\n",
  },
  {
    rule: 'useNodejsImportProtocol',
    bad: "import { join } from 'path';\n\nexport const a = join;\n",
    good: "import { join } from 'node:path';\n\nexport const a = join;\n",
  },
  {
    rule: 'noUnusedImports',
    bad: "import { beside } from './beside.ts';\n\nexport const a = 1;\n",
    good: 'export const a = 1;\n',
  },
  { rule: 'noUnusedVariables', bad: 'const a = 1;\nexport const b = 2;\n', good: 'export const b = 2;\n' },
  {
    rule: 'useMaxParams',
    bad: 'export const a = (b: number, c: number, d: number, e: number) => b + c + d + e;\n',
    good: 'export const a = (b: number, c: number, d: number) => b + c + d;\n',
  },
  {
    rule: 'noExcessiveLinesPerFunction',
    bad: `${call}export function long(): void {\n${lines(41)}}\n`,
    good: `${call}export function long(): void {\n${lines(36)}}\n`,
  },
  {
    rule: 'noExcessiveLinesPerFile',
    bad: Array.from({ length: 301 }, (_, i) => `export const a${i} = ${i};\n`).join(''),
    good: Array.from({ length: 300 }, (_, i) => `export const a${i} = ${i};\n`).join(''),
  },
  {
    rule: 'noImportCycles',
    bad: "import { beside } from './cycle.ts';\n\nexport const round = () => beside;\n",
    good: "import { beside } from './beside.ts';\n\nexport const round = () => beside;\n",
  },
  { rule: 'noConsole', bad: "console.log('a');\n", good: "export const a = 'a';\n" },
  { rule: 'noProcessEnv', bad: "export const a = process.env['A'];\n", good: 'export const a = process.platform;\n' },
  {
    rule: 'noUndeclaredDependencies',
    bad: "import { z } from 'zod';\n\nexport const a = z;\n",
    good: "import { request } from 'undici';\n\nexport const a = request;\n",
  },
].map((planted) => ({ tool: 'biome', what: 'in a source file', in: 'packages/rest/src', ...planted }));

/** Exceptions that must stay exceptions, and rules that hold in some folders. */
const somewhere: readonly Planted[] = [
  {
    tool: 'biome',
    rule: 'noRestrictedGlobals',
    what: 'Date in the domain',
    in: 'packages/domain/src',
    bad: 'export const a = Date.now;\n',
    goodIn: 'packages/engine/src',
    good: 'export const a = Date.now;\n',
  },
  {
    tool: 'biome',
    rule: 'noBitwiseOperators',
    what: 'anywhere but in vmdk-header.ts',
    in: 'packages/package-format/src',
    bad: 'export const a = (b: number) => b & 1;\n',
    goodIn: 'packages/package-format/src/vmdk-header.ts',
    good: 'export const a = (b: number) => b & 1;\n',
  },
  {
    tool: 'biome',
    rule: 'noUndeclaredDependencies',
    what: 'a development dependency in a published source file',
    in: 'packages/rest/src',
    bad: "import { planted } from 'planted-for-tests';\n\nexport const a = planted;\n",
    goodIn: 'packages/rest/test',
    good: "import { planted } from 'planted-for-tests';\n\nexport const a = planted;\n",
  },
  {
    tool: 'biome',
    rule: 'noDefaultExport',
    what: 'anywhere but in a config file',
    in: 'packages/rest/src',
    bad: 'export default {};\n',
    goodIn: 'apps/cli/planted.config.ts',
    good: 'export default {};\n',
  },
  {
    tool: 'biome',
    rule: 'useFilenamingConvention',
    what: 'a file that is not in kebab-case',
    in: 'packages/rest/src/camelCase.ts',
    bad: 'export const a = 1;\n',
    good: 'export const a = 1;\n',
  },
  {
    tool: 'biome',
    rule: 'noFocusedTests',
    what: 'a test that hides the others',
    in: 'packages/rest/test',
    bad: "import { test } from 'planted-for-tests';\n\ntest.only('a', () => {});\n",
    good: "import { test } from 'planted-for-tests';\n\ntest('a', () => {});\n",
  },
  {
    tool: 'biome',
    rule: 'noSkippedTests',
    what: 'a test that vanishes',
    in: 'packages/rest/test',
    bad: "import { test } from 'planted-for-tests';\n\ntest.skip('a', () => {});\n",
    good: "import { test } from 'planted-for-tests';\n\ntest('a', () => {});\n",
  },
  {
    tool: 'biome',
    rule: 'format',
    what: 'unformatted text',
    in: 'packages/rest/src',
    bad: 'export const a = "b"\n',
    good: "export const a = 'b';\n",
  },
];

const work = 'const work = async (): Promise<void> => {};\n\n';
const colours = "type Colour = 'red' | 'green';\n\n";

/** What needs types, or what Biome has no rule for. */
const typed: readonly Planted[] = [
  {
    rule: 'no-floating-promises',
    bad: `${work}export function a(): void {\n  work();\n}\n`,
    good: `${work}export async function a(): Promise<void> {\n  await work();\n}\n`,
  },
  {
    rule: 'no-misused-promises',
    bad: `${work}export const a = () => (work() ? 1 : 2);\n`,
    good: `${work}export const a = async () => ((await work()) === undefined ? 1 : 2);\n`,
  },
  {
    rule: 'await-thenable',
    bad: 'export const a = async (b: number) => await b;\n',
    good: 'export const a = async (b: Promise<number>) => (await b) + 1;\n',
  },
  {
    rule: 'return-await',
    bad: `${work}export async function a(): Promise<void> {\n  try {\n    return work();\n  } catch {\n    return;\n  }\n}\n`,
    good: `${work}export async function a(): Promise<void> {\n  try {\n    return await work();\n  } catch {\n    return;\n  }\n}\n`,
  },
  {
    rule: 'switch-exhaustiveness-check',
    bad: `${colours}export function a(b: Colour): number {\n  switch (b) {\n    case 'red':\n      return 1;\n  }\n  return 2;\n}\n`,
    good: `${colours}export function a(b: Colour): number {\n  switch (b) {\n    case 'red':\n      return 1;\n    case 'green':\n      return 2;\n  }\n}\n`,
  },
].map((planted) => ({ tool: 'oxlint', what: 'in a source file', in: 'packages/engine/src', ...planted }));

const processExit: Planted = {
  tool: 'oxlint',
  rule: 'no-process-exit',
  what: 'anywhere but in an app',
  in: 'packages/engine/src',
  bad: 'declare const process: { exit(code: number): never };\n\nexport const a = () => process.exit(1);\n',
  goodIn: 'apps/cli/src',
  good: 'declare const process: { exit(code: number): never };\n\nexport const a = () => process.exit(1);\n',
};

export const plantedViolations: readonly Planted[] = [
  ...everywhere,
  ...somewhere,
  ...imports,
  ...globals,
  ...typed,
  processExit,
];
