import { glob, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from '../scripts/workspace.ts';
import { rowsOf } from './markdown.ts';

const document = await readFile(join(root, 'docs/messages.md'), 'utf8');
const unquoted = (cell = ''): string => cell.replaceAll('`', '');

/** The sources of all packages, one after the other. */
async function sources(): Promise<string> {
  const texts: string[] = [];
  for await (const path of glob('packages/*/src/**/*.ts', { cwd: root }))
    texts.push(await readFile(join(root, path), 'utf8'));
  return texts.join('\n');
}

test('docs/messages.md has every id of a message that the sources have, and no other', async () => {
  const ids = [...(await sources()).matchAll(/'(com\.ovfkit\.[\w.]+)'/g)].map(([, id = '']) => id);
  expect(ids.length).toBeGreaterThan(30);
  expect(rowsOf(document, 'Id').map(([id]) => unquoted(id))).toEqual([...new Set(ids)].toSorted());
});

test('docs/messages.md has the prefix of every id that is made from a code, and no other', async () => {
  const prefixes = [...(await sources()).matchAll(/`(com\.ovfkit\.\w+\.)\$\{/g)].map(([, prefix = '']) => prefix);
  expect(
    rowsOf(document, 'Prefix')
      .map(([prefix]) => unquoted(prefix))
      .toSorted(),
  ).toEqual([...new Set(prefixes)].toSorted());
});

test('the texts in docs/messages.md are those of the sources', async () => {
  const text = await sources();
  const told = rowsOf(document, 'Id').filter(([id]) => unquoted(id) !== 'com.ovfkit.params.name');
  for (const [id, message] of told) expect(text, id).toContain(`'${message}'`);
});
