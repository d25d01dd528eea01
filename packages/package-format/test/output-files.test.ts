import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, writeFile as put, readdir, readFile, rm, stat, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createOutputFiles, withOutputFiles, writeFile } from '@ovfkit/package-format/node';
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

/** Some MiB in chunks of this size, all of them in the same memory. */
async function* inOneChunk(whole: Uint8Array, size: number): AsyncGenerator<Uint8Array, void, undefined> {
  const memory = new Uint8Array(size);
  for (let at = 0; at < whole.length; at += size) {
    const piece = whole.subarray(at, at + size);
    memory.set(piece);
    yield memory.subarray(0, piece.length);
    memory.fill(0);
  }
}

const someMebibytes = randomBytes(3 * 1024 * 1024 + 12_345);

test.each([1000, 16_384, 65_536, 300_000, 1024 * 1024, 2_000_000])(
  'chunks of %i bytes may be overwritten as soon as they are taken',
  async (size) => {
    await withOutputFiles({}, async (files) => {
      expect(await writeFile(files, { path: path('whole'), bytes: inOneChunk(someMebibytes, size) })).toBe(
        someMebibytes.length,
      );
    });
    expect(someMebibytes.equals(await readFile(path('whole')))).toBe(true);
  },
);

test('what was appended is there when bytes are put over it, and when the file is ended', async () => {
  await withOutputFiles({}, async (files) => {
    const file = await files.open(path('file'));
    await file.write(utf8('appended'));
    await file.writeAt(utf8('AP'), 0);
    await file.write(utf8(' more'));
    await file.resize(11);
    await file.finish();
  });
  expect(await readFile(path('file'), 'utf8')).toBe('APpended mo');
});

test('all that was taken is left for another set of files to go on with', async () => {
  const half = someMebibytes.length / 2;
  const first = createOutputFiles();
  const begun = await first.open(path('whole'));
  for await (const chunk of inOneChunk(someMebibytes.subarray(0, half), 10_000)) await begun.write(chunk);
  await first.leave();
  const { length: kept } = await readFile(first.partOf(path('whole')));
  expect(kept).toBe(Math.floor(half));
  await withOutputFiles({}, async (files) => {
    const file = await files.open(path('whole'), kept);
    for await (const chunk of inOneChunk(someMebibytes.subarray(kept), 10_000)) await file.write(chunk);
    await file.finish();
  });
  expect(someMebibytes.equals(await readFile(path('whole')))).toBe(true);
});

test('a file on the same volume becomes one of the set without a copy, with the rights of a new one', async () => {
  await put(path('elsewhere'), 'taken', { mode: 0o600 });
  await put(path('new'), '');
  await withOutputFiles({}, async (files) => {
    expect(await files.adopt(path('a/file'), path('elsewhere'))).toBe(true);
    await (await files.open(path('a/file'), 5)).finish();
  });
  const [own, other, fresh] = await Promise.all(['a/file', 'elsewhere', 'new'].map((name) => stat(path(name))));
  expect(await readFile(path('a/file'), 'utf8')).toBe('taken');
  expect([own?.ino, own?.mode]).toEqual([other?.ino, fresh?.mode]);
});

test('what cannot be taken without a copy is told, and leaves nothing', async () => {
  await withOutputFiles({}, async (files) => {
    expect(await files.adopt(path('a/file'), path('missing'))).toBe(false);
  });
  expect(await readdir(path('a'))).toEqual([]);
});

test('nothing of a file comes later when it is begun anew', async () => {
  await withOutputFiles({}, async (files) => {
    const first = await files.open(path('file'));
    for await (const chunk of inOneChunk(someMebibytes, 100_000)) await first.write(chunk);
    const second = await files.open(path('file'));
    await second.write(utf8('anew'));
    await second.finish();
  });
  expect(await readFile(path('file'), 'utf8')).toBe('anew');
});

test.each([
  ['a few bytes', 10, 1],
  ['chunks that are gathered', 60_000, 100],
  ['large chunks', 1_000_000, 1],
])('a full disk is told of %s, at the latest when the file is finished', async (_, size, count) => {
  await symlink('/dev/full', path('file.part'));
  const write = () =>
    withOutputFiles({}, async (files) => {
      const file = await files.open(path('file'));
      for (let each = 0; each < count; each += 1) await file.write(new Uint8Array(size));
      await file.finish();
    });
  await expect(write()).rejects.toMatchObject({ code: 'CANNOT_WRITE', cause: { code: 'ENOSPC' } });
  expect(await readdir(folder)).toEqual([]);
});
