import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type SessionBackend, SessionError } from '@ovfkit/domain';
import { readManifest } from '@ovfkit/package-format';
import { openPackage } from '@ovfkit/package-format/node';
import { describe, expect, test } from 'vitest';
import { createFileSink, exportPackage, importPackage, type ProgressEvent } from '../src/index.ts';
import { asFolder, bytesOf, defaults, disksOf, makeSample, pool, type Sample, sha256 } from './support/sample.ts';
import { connect, layWire, startService, tempFolder } from './support/service.ts';

const poll = { firstMs: 20, maxMs: 200 };

/** A service that has the sample's machine. */
async function startWith(sample: Sample) {
  const service = await startService(await tempFolder());
  const backend = await connect(service.port);
  const { vmId = '' } = await importPackage({
    backend,
    package: await asFolder(sample),
    target: pool,
    parameters: defaults,
    poll,
  });
  return { service, backend, vmId };
}

/** The disks of a package and whether its manifest is right, by a reader that knows nothing of the export. */
async function inspect(path: string) {
  const reader = await openPackage(path);
  try {
    const digests = new Map<string, string>();
    for (const { name } of reader.members) digests.set(name, sha256(await bytesOf(reader.read(name))));
    const manifest = reader.members.find(({ name }) => name.endsWith('.mf'))?.name ?? '';
    const { entries } = readManifest(await bytesOf(reader.read(manifest)));
    return {
      disks: [...digests].filter(([name]) => name.endsWith('.vmdk')).map(([, digest]) => digest),
      wrong: entries.filter(({ name, digest }) => digests.get(name) !== digest),
      listed: entries.length,
      members: reader.members.map(({ name }) => name),
    };
  } finally {
    await reader.close();
  }
}

describe('an export', () => {
  test('to a folder has the disks byte for byte and a right manifest, and its session is gone', async () => {
    const sample = makeSample();
    const { backend, vmId } = await startWith(sample);
    const path = join(await tempFolder(), 'out');
    const result = await exportPackage({ backend, source: { vmId }, target: await createFileSink(path), poll });
    const found = await inspect(path);
    expect(found).toMatchObject({ disks: disksOf(sample), wrong: [], listed: 3 });
    expect(result.files.map(({ name }) => name).toSorted()).toEqual(found.members.toSorted());
    expect(await backend.exportSession.list({})).toEqual([]);
  });

  test('to an archive has the disks byte for byte and a right manifest', async () => {
    const sample = makeSample();
    const { backend, vmId } = await startWith(sample);
    const folder = await tempFolder();
    const path = join(folder, 'out.ova');
    await exportPackage({ backend, source: { vmId }, target: await createFileSink(path), name: 'other', poll });
    expect(await inspect(path)).toMatchObject({
      disks: disksOf(sample),
      wrong: [],
      members: expect.arrayContaining(['other.ovf']),
    });
    expect(await readdir(folder)).toEqual(['out.ova']);
  });

  test('to an archive begins with the descriptor and the manifest', async () => {
    const sample = makeSample();
    const { backend, vmId } = await startWith(sample);
    const path = join(await tempFolder(), 'out.ova');
    await exportPackage({ backend, source: { vmId }, target: await createFileSink(path), poll });
    const { members } = await inspect(path);
    expect(members.slice(0, 2)).toEqual([expect.stringMatching(/\.ovf$/), expect.stringMatching(/\.mf$/)]);
  });

  test('goes on where it broke', async () => {
    const size = 8 * 1024 * 1024;
    const sample = makeSample({ disks: 1, diskSize: size });
    const { service, vmId } = await startWith(sample);
    const wire = await layWire(service.port);
    const backend = await connect(wire.port);
    wire.cutAfter('down', 3 * 1024 * 1024, 2 * 1024 * 1024);
    const ranges: unknown[] = [];
    const download: SessionBackend['files']['download'] = (input, options) => {
      if (input.range) ranges.push(input.range.start);
      return backend.files.download(input, options);
    };
    const path = join(await tempFolder(), 'out');
    const watched = { ...backend, files: { ...backend.files, download } };
    await exportPackage({ backend: watched, source: { vmId }, target: await createFileSink(path), poll });
    expect(wire.cuts()).toBe(2);
    expect(ranges).toHaveLength(2);
    expect(await inspect(path)).toMatchObject({ disks: disksOf(sample), wrong: [] });
  });

  test.each(['out', 'out.ova'])(
    'to %s whose bytes arrive damaged is refused, and nothing of it stays',
    async (name) => {
      const { backend, vmId } = await startWith(makeSample());
      const download: SessionBackend['files']['download'] = async (input, options) => {
        const got = await backend.files.download(input, options);
        return input.file.fileType === 'DISK' ? { ...got, bytes: flipped(got.bytes) } : got;
      };
      const folder = await tempFolder();
      const path = join(folder, name);
      const liar = { ...backend, files: { ...backend.files, download } };
      await expect(
        exportPackage({ backend: liar, source: { vmId }, target: await createFileSink(path), poll }),
      ).rejects.toMatchObject({
        kind: 'INVALID_ARGUMENT',
        message: expect.stringMatching(/\.vmdk does not match its digest: expected SHA256/),
      });
      expect(await readdir(folder)).toEqual([]);
      expect(await backend.exportSession.list({})).toEqual([]);
    },
  );

  test.each(['out', 'out.ova'])('to %s receives a file anew that changed on the server meanwhile', async (name) => {
    const sample = makeSample({ disks: 2 });
    const { backend, vmId } = await startWith(sample);
    let tries = 0;
    let chosen: string | undefined;
    const download: SessionBackend['files']['download'] = async ({ etag, ...input }, options) => {
      const got = await backend.files.download(input, options);
      if (input.file.fileType !== 'DISK') return got;
      chosen ??= input.file.name;
      if (input.file.name !== chosen) return got;
      tries += 1;
      return { ...got, etag: `"${tries}"`, bytes: tries === 1 ? broken(got.bytes) : got.bytes };
    };
    const restless = { ...backend, files: { ...backend.files, download } };
    const path = join(await tempFolder(), name);
    await exportPackage({ backend: restless, source: { vmId }, target: await createFileSink(path), poll });
    expect(tries).toBe(3);
    expect(await inspect(path)).toMatchObject({ disks: disksOf(sample), wrong: [] });
  });

  test('of a file that changes all the time ends', async () => {
    const { backend, vmId } = await startWith(makeSample({ disks: 1 }));
    let tries = 0;
    const download: SessionBackend['files']['download'] = async ({ etag, ...input }, options) => {
      const got = await backend.files.download(input, options);
      if (input.file.fileType !== 'DISK') return got;
      tries += 1;
      return { ...got, etag: `"${tries}"`, bytes: broken(got.bytes) };
    };
    const restless = { ...backend, files: { ...backend.files, download } };
    const folder = await tempFolder();
    const target = await createFileSink(join(folder, 'out'));
    await expect(exportPackage({ backend: restless, source: { vmId }, target, poll })).rejects.toMatchObject({
      message: expect.stringContaining('changed on the server'),
    });
    expect(await readdir(folder)).toEqual([]);
  }, 30_000);

  test('that is canceled leaves neither session nor files', async () => {
    const { backend, vmId } = await startWith(makeSample({ diskSize: 8 * 1024 * 1024 }));
    const controller = new AbortController();
    const reason = new Error('Ctrl-C');
    const onProgress = (event: ProgressEvent): void => {
      if (event.type === 'file' && event.name.endsWith('.vmdk')) controller.abort(reason);
    };
    const folder = await tempFolder();
    const target = await createFileSink(join(folder, 'out'));
    const run = exportPackage({ backend, source: { vmId }, target, onProgress, signal: controller.signal, poll });
    await expect(run).rejects.toBe(reason);
    expect(await readdir(folder)).toEqual([]);
    expect(await backend.exportSession.list({})).toEqual([]);
  });

  test('of a machine that is not there is told by the server', async () => {
    const { backend } = await startWith(makeSample());
    const target = await createFileSink(join(await tempFolder(), 'out'));
    await expect(exportPackage({ backend, source: { vmId: 'vm-none' }, target, poll })).rejects.toMatchObject({
      kind: 'NOT_FOUND',
    });
  });
});

describe('a sink on disk', () => {
  test('refuses a folder in the place of an archive, and a file in that of a folder, whatever it may replace', async () => {
    const folder = await tempFolder();
    await mkdir(join(folder, 'a.ova'));
    await writeFile(join(folder, 'out'), 'old');
    for (const name of ['a.ova', 'out'])
      await expect(createFileSink(join(folder, name), { overwrite: 'replace' })).rejects.toMatchObject({
        kind: 'ALREADY_EXISTS',
        message: expect.stringContaining(join(folder, name)),
      });
    expect((await readdir(folder)).toSorted()).toEqual(['a.ova', 'out']);
  });

  test('names the place that cannot be written, and why', async () => {
    const folder = await tempFolder();
    await writeFile(join(folder, 'file'), '');
    await expect(createFileSink(join(folder, 'file/below/a.ova'))).rejects.toMatchObject({
      message: expect.stringMatching(/file\/below cannot be written: E(?:NOTDIR|EXIST)/),
      data: { path: join(folder, 'file/below') },
    });
  });

  test('refuses what is there unless told to replace it', async () => {
    const folder = await tempFolder();
    await writeFile(join(folder, 'a.ova'), 'old');
    await expect(createFileSink(join(folder, 'a.ova'))).rejects.toMatchObject({ kind: 'ALREADY_EXISTS' });
    await expect(createFileSink(folder)).rejects.toMatchObject({ kind: 'ALREADY_EXISTS' });
    const sink = await createFileSink(join(folder, 'a.ova'), { overwrite: 'replace' });
    const file = await sink.open('any', 0);
    await file.write(Buffer.from('new'));
    expect(await readFile(join(folder, 'a.ova'), 'utf8')).toBe('old');
    await file.finish();
    await sink.commit();
    expect(await readFile(join(folder, 'a.ova'), 'utf8')).toBe('new');
    expect(await readdir(folder)).toEqual(['a.ova']);
  });

  test.each(['a/b/out', 'a/b/out.ova'])(
    'at %s that is discarded leaves no folder it made, with files or without',
    async (path) => {
      const folder = await tempFolder();
      await (await createFileSink(join(folder, path))).discard();
      expect(await readdir(folder)).toEqual([]);
      const sink = await createFileSink(join(folder, path));
      await (await sink.open('sub/disk.vmdk', 0)).write(Buffer.from('half'));
      await sink.discard();
      expect(await readdir(folder)).toEqual([]);
    },
  );

  test('that is discarded leaves what others have put beside it', async () => {
    const folder = await tempFolder();
    const sink = await createFileSink(join(folder, 'a/out'));
    await writeFile(join(folder, 'a/theirs'), '');
    await sink.discard();
    expect(await readdir(join(folder, 'a'))).toEqual(['theirs']);
  });

  test.each(['../evil.vmdk', '/etc/evil', 'a/../../evil'])('refuses the name %s', async (name) => {
    const sink = await createFileSink(join(await tempFolder(), 'out'));
    await expect(sink.open(name, 0)).rejects.toMatchObject({ code: 'NAME_REFUSED' });
    await sink.discard();
  });
});

async function* flipped(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const chunk of bytes) yield chunk.map((byte, at) => (at === 7 ? 255 - byte : byte));
}

async function* broken(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const chunk of bytes) {
    yield chunk.subarray(0, 100);
    throw new SessionError('RESOURCE_INACCESSIBLE', 'cut');
  }
}
