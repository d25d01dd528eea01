// Every rule that biome.json and .oxlintrc.json hold is broken on purpose here, once, in a copy of the repository's
// outline. A rule that does not find its violation is switched off, misspelled or overridden.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, extname, join, relative } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { root, workspaceFolders } from '../scripts/workspace.ts';
import { type Planted, plantedViolations } from './planted-violations.ts';

/** What the linters said, as `path rule`. */
const findings = { biome: new Set<string>(), oxlint: new Set<string>() };
let outline: string;

const pathOf = (folder: string, name: string) => (extname(folder) === '' ? `${folder}/${name}.ts` : folder);
const paths = (planted: Planted, number: number) => ({
  bad: pathOf(planted.in, `planted-bad-${number}`),
  good:
    planted.goodIn === undefined
      ? `${dirname(pathOf(planted.in, 'x'))}/planted-good-${number}.ts`
      : pathOf(planted.goodIn, `planted-good-${number}`),
});

function write(path: string, text: string): void {
  mkdirSync(dirname(join(outline, path)), { recursive: true });
  writeFileSync(join(outline, path), text);
}

async function copyOutline(): Promise<void> {
  for (const name of ['biome.json', '.oxlintrc.json', '.gitignore']) cpSync(join(root, name), join(outline, name));
  for (const folder of await workspaceFolders()) {
    const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    manifest.devDependencies = { ...manifest.devDependencies, 'planted-for-tests': '1.0.0' };
    write(`${relative(root, folder)}/package.json`, JSON.stringify(manifest));
  }
  const compilerOptions = {
    strict: true,
    target: 'es2023',
    module: 'nodenext',
    types: [],
    allowImportingTsExtensions: true,
    noEmit: true,
  };
  write('tsconfig.json', JSON.stringify({ compilerOptions, include: ['**/*.ts'] }));
}

function plant(): void {
  write('packages/rest/src/beside.ts', 'export const beside = 1;\nexport type Beside = number;\n');
  for (const [number, planted] of plantedViolations.entries()) {
    const { bad, good } = paths(planted, number);
    write(bad, planted.bad);
    write(good, planted.good);
    const back = `import { round } from './planted-bad-${number}.ts';\n\nexport const beside = round;\n`;
    if (planted.rule === 'noImportCycles') write('packages/rest/src/cycle.ts', back);
  }
}

/** Runs a linter over the whole outline; resolves to what it printed as JSON. */
function lint(command: string, args: readonly string[]): unknown {
  const { stdout, stderr, error } = spawnSync(command, args, {
    cwd: outline,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
    shell: process.platform === 'win32', // the tools are .cmd files there
    env: { ...process.env, PATH: [join(root, 'node_modules/.bin'), process.env['PATH']].join(delimiter) },
  });
  if (error) throw error;
  if (!stdout.trimStart().startsWith('{')) throw new Error(`${command} failed: ${stdout}${stderr}`);
  return JSON.parse(stdout);
}

interface BiomeReport {
  readonly diagnostics: readonly { readonly category: string; readonly location: { readonly path: string } }[];
}
interface OxlintReport {
  readonly diagnostics: readonly { readonly code: string; readonly filename: string }[];
}

beforeAll(async () => {
  outline = mkdtempSync(join(tmpdir(), 'ovfkit-lint-'));
  await copyOutline();
  plant();
  const biome = lint('biome', ['ci', '--reporter=json', '--max-diagnostics=none', '--colors=off']) as BiomeReport;
  for (const { category, location } of biome.diagnostics) {
    findings.biome.add(`${location.path} ${category.split('/').at(-1)}`);
  }
  const oxlint = lint('oxlint', ['--type-aware', '--format=json']) as OxlintReport;
  for (const { code, filename } of oxlint.diagnostics) {
    findings.oxlint.add(`${filename} ${/\(([^)]+)\)/.exec(code)?.[1]}`);
  }
});

afterAll(() => rmSync(outline, { recursive: true, force: true }));

describe.each(['biome', 'oxlint'] as const)('%s', (tool) => {
  for (const [number, planted] of plantedViolations.entries()) {
    if (planted.tool !== tool) continue;
    const { bad, good } = paths(planted, number);
    test(`${planted.rule} finds ${planted.what} (${number})`, () => {
      expect([...findings[tool]]).toContain(`${bad} ${planted.rule}`);
      expect([...findings[tool]].filter((finding) => finding.startsWith(`${good} `))).toEqual([]);
    });
  }
});

test('every rule that the configuration names is planted here', () => {
  const planted = new Set(plantedViolations.map(({ rule }) => rule));
  const named = [...namedRules('biome.json'), ...namedRules('.oxlintrc.json')];
  expect(named.filter((rule) => !planted.has(rule))).toEqual([]);
  expect(named.length).toBeGreaterThan(25);
});

/** The rules a configuration switches on, overrides included, without their groups. */
function namedRules(file: string): string[] {
  const text = readFileSync(join(root, file), 'utf8');
  const rules = new Set<string>();
  JSON.parse(text, (key, value) => {
    const level = Array.isArray(value) ? value[0] : (value?.level ?? value);
    if (level === 'error' && key !== 'level' && /[a-z]/.test(key)) rules.add(key.split('/').at(-1) ?? key);
    return value;
  });
  rules.delete('reportUnusedDisableDirectives');
  return [...rules];
}
