import { collect } from '@ovfkit/conformance';
import { expect, test } from 'vitest';
import { openLocalStore } from '../src/index.ts';
import { restOf, startChild } from './support/child.ts';
import { repeated } from './support/repeated.ts';
import { openStore, tempFolder } from './support/temp-folder.ts';

test('every byte that an append acknowledged is there after kill -9 at any moment, and the append goes on', async () => {
  const folder = await tempFolder();
  let before = 0;
  for (const linesBefore of [1, 4, 2, 9]) {
    const child = startChild('append', folder);
    const lines: string[] = [];
    for (let line = 0; line < linesBefore; line += 1) lines.push((await child.lines.next()).value ?? '');
    await child.kill();
    const acknowledged = Number([...lines, ...(await restOf(child.lines))].at(-1));
    const store = await openLocalStore(folder);
    const kept = await collect(store.blobs.read('k'));
    await store.close();
    expect(acknowledged).toBeGreaterThan(before);
    before = acknowledged;
    expect(kept.length).toBeGreaterThanOrEqual(acknowledged);
    expect(Buffer.from(kept).equals(repeated({ start: 0, end: kept.length }))).toBe(true);
  }
});

test('every session that an insert acknowledged is there after kill -9', async () => {
  const folder = await tempFolder();
  const child = startChild('insert', folder);
  const lines: string[] = [];
  for (let line = 0; line < 25; line += 1) lines.push((await child.lines.next()).value ?? '');
  await child.kill();
  lines.push(...(await restOf(child.lines)));
  const { sessions } = await openStore(folder);
  const ids = (await sessions.imports.list({})).map(({ id }) => id);
  expect(ids).toEqual(expect.arrayContaining(lines));
});

test('an item has all files of a change or none after kill -9, and never less than was acknowledged', async () => {
  const folder = await tempFolder();
  const child = startChild('update', folder);
  const lines: string[] = [];
  for (let line = 0; line < 25; line += 1) lines.push((await child.lines.next()).value ?? '');
  await child.kill();
  lines.push(...(await restOf(child.lines)));
  const { library } = await openStore(folder);
  const { contentVersion, files } = await library.item('1');
  expect(contentVersion).toBeGreaterThanOrEqual(Number(lines.at(-1)));
  expect(files.map(({ blob }) => blob)).toEqual(
    Array.from({ length: 1 + (contentVersion % 50) }, (_, index) => `update/${contentVersion}/${index}`),
  );
  const old = `update/${contentVersion - 1}/0`;
  expect([...(await library.held([old, ...files.map(({ blob }) => blob)]))]).toHaveLength(files.length);
});

test('a folder that another process has is refused, and free again once that process was killed', async () => {
  const folder = await tempFolder();
  const child = startChild('hold', folder);
  await child.lines.next();
  await expect(openLocalStore(folder)).rejects.toMatchObject({
    kind: 'RESOURCE_IN_USE',
    message: expect.stringMatching(/process \d+/),
  });
  await child.kill();
  await expect(openStore(folder)).resolves.toBeDefined();
});
