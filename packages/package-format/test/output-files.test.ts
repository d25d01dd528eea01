import { mkdir, mkdtemp, writeFile as put, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { withOutputFiles, writeFile } from '@ovfkit/package-format/node';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { refusalCode, sourceOf, utf8 } from './source.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ovfkit-output-'));
});
afterEach(() => rm(folder, { recursive: true }));

const path = (name: string): string => join(folder, name);

test('files appear together when all are written', async () => {
  await withOutputFiles({}, async (files) => {
    await writeFile(files, { path: path('a/b/one'), bytes: sourceOf(utf8('1')) });
    await writeFile(files, { path: path('a/two'), bytes: sourceOf(utf8('22')) });
    expect(await readdir(path('a'))).toEqual(['b', 'two.part']);
  });
  expect(await readFile(path('a/b/one'), 'utf8')).toBe('1');
  expect((await readdir(path('a'))).toSorted()).toEqual(['b', 'two']);
});

test('nothing is left of a write that is canceled half-way, but what others put there meanwhile', async () => {
  const controller = new AbortController();
  async function* endless(): AsyncGenerator<Uint8Array, void, undefined> {
    for (let count = 0; ; count += 1) {
      if (count === 3) controller.abort(new Error('stop'));
      if (count === 2) await put(path('a/theirs'), '');
      yield new Uint8Array(10);
    }
  }
  const writing = withOutputFiles({}, (files) =>
    writeFile(files, { path: path('a/b/c/mine'), bytes: endless(), signal: controller.signal }),
  );
  await expect(writing).rejects.toThrow('stop');
  expect(await readdir(folder, { recursive: true })).toEqual(['a', 'a/theirs']);
});

test('what is there is refused, or replaced when that is asked for', async () => {
  await put(path('old'), 'precious');
  const write = (ifExists: 'refuse' | 'replace') =>
    withOutputFiles({ ifExists }, (files) => writeFile(files, { path: path('old'), bytes: sourceOf(utf8('new')) }));
  expect(await refusalCode(() => write('refuse'))).toBe('FILE_EXISTS');
  expect(await readFile(path('old'), 'utf8')).toBe('precious');
  await write('replace');
  expect(await readFile(path('old'), 'utf8')).toBe('new');
});

test('a place that cannot be written is told with the cause of the system', async () => {
  await put(path('file'), '');
  const write = () =>
    withOutputFiles({}, (files) => writeFile(files, { path: path('file/below'), bytes: sourceOf(utf8('x')) }));
  await expect(write()).rejects.toMatchObject({
    code: 'CANNOT_WRITE',
    cause: { code: expect.stringMatching(/^E(?:NOTDIR|EXIST)$/) },
  });
  await mkdir(path('folder'));
  const over = () =>
    withOutputFiles({ ifExists: 'replace' }, (files) =>
      writeFile(files, { path: path('folder'), bytes: sourceOf(utf8('x')) }),
    );
  expect(await refusalCode(over)).toBe('CANNOT_WRITE');
  expect((await readdir(folder)).toSorted()).toEqual(['file', 'folder']);
});
