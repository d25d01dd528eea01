import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDescriptorName, readDescriptor, readManifest, readTar } from '@ovfkit/package-format';
import { digest, openFile, readStreamOptimized, verifyPackage } from '@ovfkit/package-format/node';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Report, ReportEvent } from '../../src/output/report.ts';
import { type MakeOptions, makePackage } from '../../src/pack/make-package.ts';
import { packDescription, packDisk } from '../../src/pack/pack-description.ts';
import { descriptor } from '../source/sample.ts';

const signal = new AbortController().signal;
let folder = '';
let events: ReportEvent[] = [];
const report: Report = { event: (event) => void events.push(event), close: () => {} };
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ovfkit-pack-'));
  events = [];
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const path = (name: string): string => join(folder, name);
const make = (source: string, output: string, options: Partial<MakeOptions> = {}) =>
  makePackage(
    { signal },
    {
      options: { source: path(source), output: path(output), lax: true, ...options },
      report,
    },
  );

async function* chunks(bytes: Uint8Array, size = 1000): AsyncGenerator<Uint8Array, void, undefined> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function gather<Value>(values: AsyncIterable<Value>): Promise<Value[]> {
  const all: Value[] = [];
  for await (const value of values) all.push(value);
  return all;
}

/** Names of the members in order, and the digests that differ from the manifest. */
async function check(name: string): Promise<{ readonly names: readonly string[]; readonly wrong: readonly string[] }> {
  const names: string[] = [];
  const digests = new Map<string, string>();
  let manifest = '';
  for await (const { name: member, bytes } of readTar(chunks(await readFile(path(name)), 65_536))) {
    names.push(member);
    const parts = await gather(bytes);
    if (member.endsWith('.mf')) manifest = Buffer.concat(parts).toString();
    else
      for (const algorithm of ['SHA1', 'SHA256', 'SHA512'] as const)
        digests.set(`${algorithm} ${member}`, await digest(chunks(Buffer.concat(parts)), algorithm));
  }
  const { entries } = readManifest(manifest);
  expect(entries).toHaveLength(names.length - 1);
  const wrong = entries.filter((entry) => digests.get(`${entry.algorithm} ${entry.name}`) !== entry.digest);
  return { names, wrong: wrong.map((entry) => entry.name) };
}

async function makeFolder(size = 5000): Promise<void> {
  await writeFile(path('vm.ovf'), descriptor(size));
  await writeFile(
    path('disk.vmdk'),
    new Uint8Array(size).map((_, index) => index % 251),
  );
}

describe('a folder', () => {
  test('becomes an archive: descriptor, manifest, files, with right digests', async () => {
    await makeFolder();
    await make('vm.ovf', 'out.ova');
    expect(await check('out.ova')).toEqual({ names: ['vm.ovf', 'vm.mf', 'disk.vmdk'], wrong: [] });
  });

  test.each(['SHA1', 'SHA512'] as const)('can have a manifest of %s', async (algorithm) => {
    await makeFolder();
    expect(await make('vm.ovf', 'out.ova', { digest: algorithm })).toMatchObject({ algorithm });
    expect((await check('out.ova')).wrong).toEqual([]);
  });

  test('in pieces and compressed comes back byte by byte', async () => {
    await makeFolder(200_000);
    await make('vm.ovf', 'out.ova', { compression: 'gzip', chunkSize: 500 });
    const { names, wrong } = await check('out.ova');
    expect(wrong).toEqual([]);
    expect(names).toContain('disk.vmdk.gz.000000001');
    await make('out.ova', 'back', { compression: 'plain' });
    expect(await readFile(path('back/disk.vmdk'))).toEqual(await readFile(path('disk.vmdk')));
    const [file] = readDescriptor(await readFile(path('back/vm.ovf'))).files;
    expect(file).toMatchObject({ href: 'disk.vmdk', size: 200_000, compression: undefined, chunkSize: undefined });
    expect((await readdir(folder)).filter((name) => /part|spool/.test(name))).toEqual([]);
  });

  test('with a digest that differs is refused, and nothing is left', async () => {
    await makeFolder();
    await make('vm.ovf', 'first', {});
    await writeFile(path('first/disk.vmdk'), new Uint8Array(5000));
    await expect(make('first', 'out.ova')).rejects.toMatchObject({
      code: 'DIGEST_MISMATCH',
      file: 'disk.vmdk',
    });
    expect((await readdir(folder)).toSorted()).toEqual(['disk.vmdk', 'first', 'vm.ovf']);
  });

  test('keeps manifest and certificate as they are while nothing changes, and drops a certificate that would be false', async () => {
    await makeFolder();
    await make('vm.ovf', 'first');
    const manifest = (await readFile(path('first/vm.mf'), 'utf8')).replaceAll(')= ', ') = ');
    await writeFile(path('first/vm.mf'), manifest);
    await writeFile(path('first/vm.cert'), 'certificate');
    await make('first', 'same.ova');
    await make('same.ova', 'second');
    expect(await readFile(path('second/vm.mf'), 'utf8')).toBe(manifest);
    expect(await readFile(path('second/vm.cert'), 'utf8')).toBe('certificate');
    const other = await make('first', 'other.ova', { digest: 'SHA512' });
    expect(other.warnings).toEqual([expect.stringContaining('vm.cert is left out')]);
    expect((await check('other.ova')).names).toEqual(['vm.ovf', 'vm.mf', 'disk.vmdk']);
  });

  test('without one of its files is refused by the name of the file', async () => {
    await writeFile(path('vm.ovf'), descriptor(1));
    await expect(make('vm.ovf', 'out.ova')).rejects.toMatchObject({ code: 'FILE_MISSING', file: 'disk.vmdk' });
    expect(await readdir(folder)).toEqual(['vm.ovf']);
  });
});

describe('what is there', () => {
  test('is not replaced unless that is asked for', async () => {
    await makeFolder();
    await writeFile(path('out.ova'), 'precious');
    await expect(make('vm.ovf', 'out.ova')).rejects.toMatchObject({ code: 'FILE_EXISTS' });
    expect(await readFile(path('out.ova'), 'utf8')).toBe('precious');
    await make('vm.ovf', 'out.ova', { overwrite: true });
    expect((await check('out.ova')).wrong).toEqual([]);
  });
});

describe('a description', () => {
  const describeMachine = (text: string) => writeFile(path('web.yaml'), text);
  const packIt = (options: Partial<MakeOptions> = {}) =>
    packDescription({ signal }, { options: { source: path('web.yaml'), output: path('web'), ...options }, report });

  test('of a raw disk becomes a package whose disk has the same bytes', async () => {
    const raw = Buffer.alloc(3 * 1024 ** 2);
    raw.write('hello', 1_500_000);
    await writeFile(path('root.raw'), raw);
    await describeMachine(
      'name: web\ncpus: 2\nmemory: 4GiB\nnetworks: [Front]\ndisks: [root.raw, {size: 1GiB}]\nproperties: [{key: host}]\n',
    );
    await packIt();
    const read = readDescriptor(await readFile(path('web/web.ovf')));
    expect(read.findings.filter(({ severity }) => severity !== 'info')).toEqual([]);
    expect(read.disks.map(({ capacity }) => capacity)).toEqual([String(raw.length), String(1024 ** 3)]);
    const file = await openFile(path('web/web-disk1.vmdk'));
    const back = Buffer.concat(await gather(readStreamOptimized(file.read({ start: 0, end: file.size }))));
    await file.close();
    expect(back.equals(raw)).toBe(true);
    expect((await readdir(path('web'))).filter((name) => isDescriptorName(name))).toEqual(['web.ovf']);
  });

  test('can be compressed, cut and digested like any package', async () => {
    const raw = Buffer.alloc(1024 ** 2).map((_, at) => (at * at) % 251);
    await writeFile(path('root.raw'), raw);
    await describeMachine('name: web\ndisks: [root.raw]\n');
    await packIt({ output: path('web.ova'), compression: 'gzip', chunkSize: 2000, digest: 'SHA512' });
    const { names, wrong } = await check('web.ova');
    expect(wrong).toEqual([]);
    expect(names.slice(0, 4)).toEqual([
      'web.ovf',
      'web.mf',
      'web-disk1.vmdk.gz.000000000',
      'web-disk1.vmdk.gz.000000001',
    ]);
    const { problems } = await verifyPackage(path('web.ova'));
    expect(problems.filter(({ severity }) => severity !== 'info')).toEqual([]);
  });

  test('can be left out for one disk: a small machine is named after it', async () => {
    await writeFile(path('db.raw'), Buffer.alloc(1024 ** 2, 1));
    await packDisk({ signal }, { options: { source: path('db.raw'), output: path('db.ova') }, report });
    expect((await check('db.ova')).names).toEqual(['db.ovf', 'db.mf', 'db-disk1.vmdk']);
    expect(events).toContainEqual({ type: 'information', message: expect.stringContaining('1 CPU') });
  });

  test.each([
    ['name: web\ncpu: 2\n', 'cpu'],
    ['name: web\nmemory: much\n', 'memory'],
    ['cpus: 2\n', 'name'],
  ])('%j is refused by the key that is wrong', async (text, key) => {
    await describeMachine(text);
    await expect(packIt()).rejects.toMatchObject({
      exitClass: 'packageInvalid',
      details: [expect.stringContaining(key)],
    });
  });

  test('is taken by its letters: a version of 1.0 stays one', async () => {
    await describeMachine(
      'name: 007\ncpus: 2\nproduct: {name: Web, version: 1.0}\nproperties: [{key: a, value: 0x10}]\n',
    );
    await packIt();
    const { content } = readDescriptor(await readFile(path('web/007.ovf'), 'utf8'));
    expect(content).toMatchObject({ name: '007', products: [{ version: '1.0', properties: [{ value: '0x10' }] }] });
  });

  test('that is no YAML is refused with line and column', async () => {
    await describeMachine('name: [web\n');
    await expect(packIt()).rejects.toMatchObject({ message: expect.stringMatching(/web\.yaml:\d+:\d+ is not YAML/) });
  });
});
