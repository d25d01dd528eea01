import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { problemsOf } from '../scripts/packed-package.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ovfkit-packed-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const manifest = {
  name: 'planted',
  version: '1.0.0',
  type: 'module',
  license: 'Apache-2.0',
  files: ['dist'],
  exports: { '.': { types: './dist/index.d.ts', default: './dist/index.js' } },
};

const files = {
  'README.md': '# planted',
  LICENSE: 'none',
  'dist/index.js': 'export const one = 1;',
  'dist/index.d.ts': 'export declare const one: number;',
};

async function problems(name: string, own: Readonly<Record<string, string>>, fields: object = {}): Promise<string[]> {
  const contents = { ...own, 'package.json': JSON.stringify({ ...manifest, ...fields }) };
  for (const [path, text] of Object.entries(contents)) {
    mkdirSync(dirname(join(folder, name, path)), { recursive: true });
    writeFileSync(join(folder, name, path), text);
  }
  return problemsOf(join(folder, name), join(folder, name));
}

test('a package that is whole has no problems', async () => {
  expect(await problems('whole', files)).toEqual([]);
});

test('a missing README and a stray test are found', async () => {
  const { 'README.md': _, ...rest } = files;
  const found = await problems('files', { ...rest, 'dist/index.test.js': '' });
  expect(found).toEqual(['planted: lacks package/README.md', 'planted: should not hold package/dist/index.test.js']);
});

test('an entry that points nowhere is found by publint', async () => {
  const exports = { '.': { types: './dist/index.d.ts', default: './dist/missing.js' } };
  expect((await problems('nowhere', files, { exports })).join()).toContain(
    './dist/missing.js but the file does not exist',
  );
});

test('types that do not resolve for a user are found', async () => {
  const found = await problems('types', { ...files, 'dist/index.d.ts': "export { one } from './missing';" });
  expect(found.join()).toMatch(/internal resolution error/i);
});
