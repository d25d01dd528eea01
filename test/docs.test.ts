import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { describe, expect, test } from 'vitest';
import { errorKinds } from '../packages/domain/src/index.ts';
import { packageErrorCodes } from '../packages/package-format/src/index.ts';
import { linesOf, machines, withDiagrams } from '../scripts/session-diagrams.ts';
import { root } from '../scripts/workspace.ts';
import { anchorsOf, linksOf, namedFiles, rowsOf } from './markdown.ts';

const skipped = new Set(['node_modules', 'dist', 'fixtures', '.git', '.toolchain', '.turbo', '.reports']);

async function markdownBelow(folder: string): Promise<string[]> {
  const found: string[] = [];
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (skipped.has(entry.name)) continue;
    if (entry.isDirectory()) found.push(...(await markdownBelow(path)));
    else if (entry.name.endsWith('.md')) found.push(path);
  }
  return found;
}

const read = (path: string) => readFile(join(root, path), 'utf8');
const documents = (await markdownBelow(root)).map((path) => relative(root, path));

describe('links', () => {
  test.each(documents)('of %s lead to files and headings that exist', async (path) => {
    const broken: string[] = [];
    for (const link of linksOf(await read(path))) {
      const [target = '', anchor] = link.split('#');
      const file = target === '' ? path : join(dirname(path), decodeURIComponent(target));
      if (!existsSync(join(root, file))) broken.push(link);
      else if (anchor !== undefined && file.endsWith('.md') && !anchorsOf(await read(file)).has(anchor))
        broken.push(link);
    }
    expect(broken).toEqual([]);
  });

  test('are found in text, not in code, and those of the web are left out', () => {
    const text = 'a [b](c.md#d) `[x](y)` [w](https://example.com) ![p](p.png)\n```\n[n](o)\n```\n[r]: s.md\n';
    expect(linksOf(text)).toEqual(['c.md#d', 'p.png', 's.md']);
    expect([...anchorsOf('# One two\n## `x` & Y!\n## One two\n')]).toEqual(['one-two', 'x--y', 'one-two-1']);
  });
});

describe('docs/sessions.md', () => {
  test('has the diagrams and the tables of the machines as they are', async () => {
    const document = await read('docs/sessions.md');
    expect(withDiagrams(document), 'run pnpm docs:diagrams').toBe(document);
  });

  test('would be stale with another diagram', async () => {
    const document = await read('docs/sessions.md');
    const stale = document.replace(
      'IMPORT_INSTANTIATING --> IMPORT_COMPLETED',
      'IMPORT_INSTANTIATING --> IMPORT_ERROR',
    );
    expect(stale).not.toBe(document);
    expect(withDiagrams(stale)).toBe(document);
    expect(() => withDiagrams('')).toThrow();
  });

  test('says of every event who sends it, and of every effect what is done', async () => {
    const document = await read('docs/sessions.md');
    const written = (heading: string) => rowsOf(document, heading).map(([first = '']) => first.replaceAll('`', ''));
    const events = Object.values(machines).flatMap((machine) => linesOf(machine).map(({ event }) => event));
    const effects = Object.values(machines).flatMap((machine) => linesOf(machine).flatMap((line) => line.effects));
    expect(new Set(written('Event'))).toEqual(new Set(events));
    expect(new Set(written('Effect'))).toEqual(new Set([...effects, 'pullDescriptor', 'prepareFiles']));
  });
});

describe('docs/errors.md', () => {
  test('has every kind of SessionError with its status and whether to repeat, and no other', async () => {
    const written = rowsOf(await read('docs/errors.md'), 'Kind').map(([kind, status, again]) => [kind, status, again]);
    const known = Object.entries(errorKinds).map(([kind, { status, retryable }]) => [
      `\`${kind}\``,
      String(status),
      retryable ? 'yes' : '',
    ]);
    expect(written).toEqual(known);
  });

  test('has every code of PackageError, and no other', async () => {
    const written = rowsOf(await read('docs/errors.md'), 'Code').map(([code]) => code);
    expect(written).toEqual(packageErrorCodes.map((code) => `\`${code}\``));
  });

  test('says when each happens and what to do', async () => {
    const document = await read('docs/errors.md');
    for (const row of [...rowsOf(document, 'Kind'), ...rowsOf(document, 'Code')])
      for (const cell of row.slice(-2)) expect(cell, row[0]).not.toBe('');
  });
});

describe('docs/architecture.md', () => {
  test('names only files and folders that exist', async () => {
    const names = namedFiles(await read('docs/architecture.md'));
    expect(names.length).toBeGreaterThan(20);
    expect(names.filter((name) => !existsSync(join(root, name)))).toEqual([]);
  });
});

describe('docs/security.md', () => {
  test('names for every promise the tests that hold it', async () => {
    const promises = rowsOf(await read('docs/security.md'), 'Promise');
    expect(promises.length).toBeGreaterThan(20);
    for (const [promise = '', tested = ''] of promises) {
      const links = linksOf(tested);
      expect(links.length, promise).toBeGreaterThan(0);
      for (const link of links) expect(link, promise).toMatch(/\.test\.ts$/);
    }
  });
});

describe('docs/adr', () => {
  test('holds decisions numbered without a gap, each with context, decision and consequences', async () => {
    const names = (await readdir(join(root, 'docs/adr'))).sort();
    expect(names.map((name) => name.slice(0, 4))).toEqual(names.map((_, at) => String(at + 1).padStart(4, '0')));
    for (const name of names) {
      const headings = (await read(`docs/adr/${name}`)).split('\n').filter((line) => line.startsWith('#'));
      expect(headings[0], name).toMatch(new RegExp(`^# ${Number(name.slice(0, 4))}\\. \\S`));
      expect(headings.slice(1), name).toEqual(['## Context', '## Decision', '## Consequences']);
    }
  });
});
