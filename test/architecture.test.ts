import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join, matchesGlob, relative, sep } from 'node:path';
import { describe, expect, test } from 'vitest';
import { root, workspaceFolders } from '../scripts/workspace.ts';
import config from '../vitest.config.ts';
import corpusConfig from '../vitest.corpus.config.ts';
import vcsimConfig from '../vitest.vcsim.config.ts';
import {
  allowedEdges,
  castProblems,
  dependencyProblems,
  exportsProblems,
  importProblems,
  styleProblems,
  undocumentedExports,
} from './architecture.ts';

const skipped = new Set(['node_modules', 'dist', '.git', '.toolchain', '.turbo']);

/** Every file below `folder` that git would take, relative to the repository, with slashes. */
async function filesBelow(folder: string): Promise<string[]> {
  const found: string[] = [];
  for (const entry of await readdir(join(root, folder), { withFileTypes: true })) {
    if (skipped.has(entry.name)) continue;
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
    found.push(...(entry.isDirectory() ? await filesBelow(path) : [path]));
  }
  return found;
}

const read = (path: string) => readFile(join(root, path), 'utf8');
const folders = (await workspaceFolders()).map((folder) => relative(root, folder).split(sep).join('/'));
const packages = folders.filter((folder) => folder.startsWith('packages/'));
const files = await filesBelow('');
const sources = await Promise.all(
  files
    .filter((path) => /^(packages|apps)\/[^/]+\/src\/.*\.ts$/.test(path))
    .map(async (path) => ({ path, text: await read(path) })),
);

describe.each(folders)('%s', (folder) => {
  test('declares no package it may not depend on', async () => {
    expect(dependencyProblems(folder, JSON.parse(await read(`${folder}/package.json`)))).toEqual([]);
  });

  test('imports nothing it may not', () => {
    const own = sources.filter(({ path }) => path.startsWith(`${folder}/`));
    expect(own.flatMap(({ path, text }) => importProblems(path, text))).toEqual([]);
  });

  test('has a README', () => {
    expect(existsSync(join(root, folder, 'README.md'))).toBe(true);
  });
});

describe.each(packages)('%s', (folder) => {
  test('lists what it exports, entry by entry and name by name', async () => {
    expect(exportsProblems(folder, JSON.parse(await read(`${folder}/package.json`)))).toEqual([]);
    expect(await read(`${folder}/src/index.ts`)).not.toMatch(/^export \*/m);
  });

  test('says what everything one can call promises', () => {
    const own = sources.filter(({ path }) => path.startsWith(`${folder}/`));
    expect(own.flatMap(({ path, text }) => undocumentedExports(text).map((name) => `${path}: ${name}`))).toEqual([]);
  });
});

test('classes are errors and no parameter is a boolean', () => {
  expect(sources.flatMap(({ path, text }) => styleProblems(path, text))).toEqual([]);
});

test('every cast has a reason beside it', () => {
  expect(sources.flatMap(({ path, text }) => castProblems(path, text))).toEqual([]);
});

test('no source file, test or bench is longer than 300 lines', async () => {
  const written = files.filter((path) =>
    /^((packages|apps)\/[^/]+\/(src|test|bench)|scripts|test)\/.*\.ts$/.test(path),
  );
  const long = await Promise.all(
    written.map(async (path) => ({ path, lines: (await read(path)).trimEnd().split('\n').length })),
  );
  expect(written).toContain('test/architecture.test.ts');
  expect(long.filter(({ lines }) => lines > 300)).toEqual([]);
});

test('every test file is run by exactly one of the test configurations', () => {
  const runs = (path: string) =>
    [config, corpusConfig, vcsimConfig].filter(
      ({ test: { include = [], exclude = [] } = {} }) =>
        include.some((glob) => matchesGlob(path, glob)) && !exclude.some((glob) => matchesGlob(path, glob)),
    ).length;
  const tests = files.filter((path) => path.endsWith('.test.ts'));
  expect(tests).toContain('test/architecture.test.ts');
  expect(tests.filter((path) => runs(path) !== 1)).toEqual([]);
});

describe('the rules themselves', () => {
  test('a dependency that is not in the table is found', () => {
    expect(
      dependencyProblems('packages/domain', { dependencies: { '@ovfkit/rest': 'workspace:^', zod: '1' } }),
    ).toEqual(['packages/domain may not depend on @ovfkit/rest']);
    expect(dependencyProblems('packages/new', {})).toHaveLength(1);
  });

  test.each([
    ["import { a } from '@ovfkit/engine';", 'packages/server/src/a.ts'],
    ["export type { A } from '@ovfkit/store-local';", 'packages/engine/src/a.ts'],
    ["const a = await import('@ovfkit/transfer');", 'packages/rest/src/a.ts'],
    ["import '@ovfkit/rest';", 'packages/package-format/src/a.ts'],
    ["import {\n  a,\n} from '@ovfkit/domain/wire';", 'packages/package-format/src/node/a.ts'],
    ["import { a } from '../../domain/src/a.ts';", 'packages/rest/src/a.ts'],
    ["import { a } from '../test/a.ts';", 'packages/rest/src/a.ts'],
  ])('%s in %s is found', (text, path) => {
    expect(importProblems(path, text)).toHaveLength(1);
  });

  test.each([
    ["import { a } from '@ovfkit/domain/wire';", 'packages/rest/src/a.ts'],
    ["import { a } from '@ovfkit/package-format/node';", 'apps/cli/src/a.ts'],
    ["import { a } from '../a.ts';", 'packages/rest/src/b/a.ts'],
    ["import { a } from 'node:path';", 'packages/engine/src/a.ts'],
  ])('%s in %s is allowed', (text, path) => {
    expect(importProblems(path, text)).toEqual([]);
  });

  test('the table has no cycle', () => {
    const reach = (name: string, seen: readonly string[]): void => {
      expect(seen).not.toContain(name);
      for (const next of allowedEdges.get(`packages/${name}`) ?? []) reach(next, [...seen, name]);
    };
    for (const name of packages) reach(name.replace('packages/', ''), []);
  });

  test('a wildcard in an export map is found', () => {
    expect(exportsProblems('packages/a', { exports: { './*': './dist/*.js' } })).toHaveLength(1);
    expect(exportsProblems('packages/a', { exports: { '.': { default: './dist/index.js' } } })).toEqual([]);
  });

  test('a function or machine without a comment is found, a schema named by the contract is not', () => {
    expect(undocumentedExports('export const a = 1;\n')).toEqual(['a']);
    expect(undocumentedExports('/** One. */\n\nexport function a(): void {}\n')).toEqual(['a']);
    expect(undocumentedExports('export const A = z.enum([]);\nexport type A = z.infer<typeof A>;\n')).toEqual([]);
  });

  test('a class that is no error and a boolean parameter are found', () => {
    expect(styleProblems('a.ts', 'export class Store {}\nclass SomeError extends Error {}\n')).toHaveLength(1);
    expect(styleProblems('a.ts', 'const a = (b: string, c: boolean) => b;\n')).toHaveLength(1);
    expect(
      styleProblems('a.ts', 'interface A {\n  readonly b: boolean;\n}\nconst c = (d: { e: boolean }) => d;\n'),
    ).toEqual([]);
  });

  test('a cast without a comment is found', () => {
    expect(castProblems('a.ts', 'const a = b as string;\n')).toHaveLength(1);
    expect(castProblems('a.ts', 'export const a = b as string;\n')).toHaveLength(1);
    expect(castProblems('a.ts', "/** It's `a` */\n\nconst a = b as string[];\n// It's\n")).toHaveLength(1);
    expect(castProblems('a.ts', 'const a = b as string; // zod loses it\n')).toEqual([]);
    expect(castProblems('a.ts', "const a = ['as b'] as const;\nimport { a as b } from 'c';\n")).toEqual([]);
  });
});
