import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Ended, jsonLines, runOvfkit } from '../src/ovfkit.ts';
import { makeAppliance, type SampleAppliance } from '../src/sample-appliance.ts';

const mib = 1024 ** 2;
let folder = '';
let appliance: SampleAppliance;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ovfkit-offline-'));
  appliance = await makeAppliance({ folder: join(folder, 'sample'), name: 'sample', capacities: [3 * mib, mib] });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const ovfkit = (
  args: readonly string[],
  options: Omit<Parameters<typeof runOvfkit>[1], 'config'> = {},
): Promise<Ended> => runOvfkit(args, { config: join(folder, 'config'), ...options });
const path = (name: string): string => join(folder, name);
const succeeded = expect.objectContaining({ exitCode: 0 });

/** Packs the sample under a name of its own. */
async function packed(name: string, ...options: readonly string[]): Promise<string> {
  expect(await ovfkit(['pack', appliance.folder, '-o', path(name), ...options])).toEqual(succeeded);
  return path(name);
}

/** The same file with one bit of a byte turned. */
async function flipped(source: string, { name, at }: { name: string; at: number }): Promise<string> {
  const bytes = await readFile(source);
  bytes.writeUInt8(255 - bytes.readUInt8(at), at);
  await writeFile(path(name), bytes);
  return path(name);
}

describe('pack and unpack', () => {
  test('a folder that was packed and unpacked is the same folder', async () => {
    const archive = await packed('round.ova');
    expect(await ovfkit(['unpack', archive, '-o', path('round')])).toEqual(succeeded);
    for (const name of await readdir(appliance.folder))
      expect(await readFile(join(path('round'), name)), name).toEqual(await readFile(join(appliance.folder, name)));
    expect((await readdir(path('round'))).toSorted()).toEqual((await readdir(appliance.folder)).toSorted());
  });

  test('the last JSON line tells what was made', async () => {
    const { stdout } = await ovfkit(['pack', appliance.folder, '-o', path('json.ova'), '--sha', '512', '--json']);
    expect(jsonLines(stdout).at(-1)).toMatchObject({
      type: 'result',
      status: 'succeeded',
      command: 'pack',
      algorithm: 'SHA512',
      output: path('json.ova'),
    });
  });

  test('what is there is not replaced, and the message names the flag', async () => {
    const archive = await packed('there.ova');
    const again = await ovfkit(['pack', appliance.folder, '-o', archive]);
    expect(again).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('--overwrite') });
    expect(await ovfkit(['pack', appliance.folder, '-o', archive, '--overwrite'])).toEqual(succeeded);
  });

  test('Ctrl-C leaves nothing behind', async () => {
    const controller = new AbortController();
    const ended = await ovfkit(['pack', appliance.folder, '-o', path('half/x.ova'), '--json', '--compress'], {
      onLine: () => controller.abort(),
      signal: controller.signal,
    });
    expect(ended.exitCode).toBe(130);
    expect(await readdir(folder)).not.toContain('half');
  });
});

describe('verify', () => {
  test('a package that is sound ends with 0 and tells each digest', async () => {
    const ended = await ovfkit(['verify', await packed('sound.ova'), '--json']);
    expect(ended.exitCode).toBe(0);
    const report = JSON.parse(ended.stdout);
    expect(report).toMatchObject({ v: 1, verdict: 'ok', exitCode: 0, hasManifest: true, problems: [] });
    expect(report.disks).toEqual([
      expect.objectContaining({ kind: 'streamOptimized', capacity: 3 * mib }),
      expect.objectContaining({ kind: 'streamOptimized', capacity: mib }),
    ]);
  });

  test('one changed byte of a disk ends with 4 and names the file and both digests', async () => {
    const archive = await packed('whole.ova');
    const damaged = await flipped(archive, { name: 'damaged.ova', at: (await readFile(archive)).length - mib });
    const ended = await ovfkit(['verify', damaged]);
    expect(ended.exitCode).toBe(4);
    expect(ended.stdout).toMatch(
      /error DIGEST_MISMATCH\n {2}sample-disk\d\.vmdk .*SHA256 [0-9a-f]{64}, .* [0-9a-f]{64}\n {2}next: /,
    );
  });

  test('a package without one of its files ends with 3', async () => {
    expect(await ovfkit(['unpack', await packed('partly.ova'), '-o', path('partly')])).toEqual(succeeded);
    await rm(join(path('partly'), basename(appliance.disks[1] ?? '')));
    const ended = await ovfkit(['verify', path('partly')]);
    expect(ended).toMatchObject({ exitCode: 3, stdout: expect.stringContaining('sample-disk2.vmdk') });
  });

  test('a disk that was damaged before its manifest was made is found with --deep', async () => {
    expect(await ovfkit(['unpack', await packed('early.ova'), '-o', path('early')])).toEqual(succeeded);
    await rm(join(path('early'), 'sample.mf'));
    const disk = join('early', basename(appliance.disks[0] ?? ''));
    // in the data of the first grain, behind its marker
    await flipped(path(disk), { name: disk, at: 65_536 + 60 });
    expect(await ovfkit(['pack', path('early'), '-o', path('late.ova')])).toEqual(succeeded);
    expect(await ovfkit(['verify', path('late.ova')])).toEqual(succeeded);
    const ended = await ovfkit(['verify', path('late.ova'), '--deep']);
    expect(ended).toMatchObject({ exitCode: 3, stdout: expect.stringContaining('DISK_DAMAGED') });
  });

  test('a package that is not signed fails where a signature is required', async () => {
    const ended = await ovfkit(['verify', appliance.folder, '--require-signature']);
    expect(ended).toMatchObject({ exitCode: 4, stdout: expect.stringContaining('not signed') });
  });
});

describe('spec', () => {
  test('has the networks, properties and options of the package', async () => {
    const govc = JSON.parse((await ovfkit(['spec', appliance.folder])).stdout);
    expect(govc).toMatchObject({
      Deployment: 'small',
      NetworkMapping: [
        { Name: 'Frontend', Network: '' },
        { Name: 'Backend', Network: '' },
      ],
    });
    const own = JSON.parse(
      (await ovfkit(['spec', appliance.folder, '--format', 'ovfkit', '--locale', 'en-US'])).stdout,
    );
    expect(own).toMatchObject({ version: 1, eulas: 1, deploymentOption: 'small' });
    expect(own.properties[0]).toMatchObject({ key: 'app.hostname', label: 'Host name of the appliance' });
  });
});

describe('a URL', () => {
  test.each(['ranges', 'whole'] as const)(
    'of a server that gives files by %s is inspected and verified',
    async (mode) => {
      const bytes = await readFile(await packed(`url-${mode}.ova`));
      const server = createServer((request, response) => {
        const [, start, end] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? [];
        if (mode === 'whole' || start === undefined) return response.end(bytes);
        const part = bytes.subarray(Number(start), Number(end) + 1);
        const range = `bytes ${start}-${Number(start) + part.length - 1}/${bytes.length}`;
        return response.writeHead(206, { 'content-range': range, 'content-length': part.length }).end(part);
      }).listen(0, '127.0.0.1');
      await once(server, 'listening');
      const address = server.address();
      const url = `http://me:secret@127.0.0.1:${typeof address === 'object' ? address?.port : 0}/sample.ova?signature=secret`;
      try {
        const inspected = await ovfkit(['inspect', url, '--json']);
        expect(JSON.parse(inspected.stdout)).toMatchObject({ systems: [{ id: 'sample' }], package: { missing: [] } });
        const verified = await ovfkit(['verify', url]);
        expect(verified).toEqual(succeeded);
        expect(JSON.stringify([inspected, verified])).not.toContain('secret');
        if (mode === 'ranges') expect(await ovfkit(['unpack', url, '-o', path('from-url')])).toEqual(succeeded);
      } finally {
        server.close();
        server.closeAllConnections();
      }
    },
  );

  test('where nobody listens ends with 6', async () => {
    expect(await ovfkit(['inspect', 'http://127.0.0.1:1/x.ova'])).toMatchObject({ exitCode: 6 });
  });
});

describe('repair', () => {
  test('lists what it would do, does it, and has nothing left to do', async () => {
    const bare = path('bare');
    expect(await ovfkit(['unpack', await packed('bare.ova'), '-o', bare])).toEqual(succeeded);
    await rm(join(bare, 'sample.mf'));
    const dry = await ovfkit(['repair', bare, '--dry-run']);
    expect(dry).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('MANIFEST_MADE') });
    expect(await readdir(bare)).not.toContain('sample.mf');
    expect(await ovfkit(['repair', bare, '-o', path('mended.ova'), '--for', 'vsphere-6.5'])).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining('hardware version vmx-13, not vmx-19'),
    });
    expect(await ovfkit(['verify', path('mended.ova')])).toEqual(succeeded);
    const again = await ovfkit(['repair', path('mended.ova'), '--dry-run', '--json']);
    expect(jsonLines(again.stdout).at(-1)).toMatchObject({ status: 'succeeded', changes: [] });
  });

  test('needs to be told where to, or that it is only asked', async () => {
    expect(await ovfkit(['repair', appliance.folder])).toMatchObject({ exitCode: 2 });
  });
});

describe('convert', () => {
  test('a disk goes to raw, to qcow2 and back with the same bytes', async () => {
    const [disk = ''] = appliance.disks;
    expect(await ovfkit(['convert', disk, path('a.raw')])).toEqual(succeeded);
    expect(await ovfkit(['convert', path('a.raw'), path('b.qcow2')])).toEqual(succeeded);
    expect(await ovfkit(['convert', path('b.qcow2'), path('c.vmdk'), '--level', '1'])).toEqual(succeeded);
    expect(await ovfkit(['convert', path('c.vmdk'), path('d.raw')])).toEqual(succeeded);
    expect((await readFile(path('d.raw'))).equals(await readFile(path('a.raw')))).toBe(true);
    expect((await readFile(path('a.raw'))).length).toBe(3 * mib);
  });

  test('does not replace a disk, and asks what a strange name is to become', async () => {
    await writeFile(path('there.raw'), 'precious');
    const [disk = ''] = appliance.disks;
    expect(await ovfkit(['convert', disk, path('there.raw')])).toMatchObject({ exitCode: 2 });
    expect(await readFile(path('there.raw'), 'utf8')).toBe('precious');
    expect(await ovfkit(['convert', disk, path('x.bin')])).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('--to'),
    });
  });
});

describe('inspect', () => {
  test('shows the hardware of each deployment option', async () => {
    const { stdout } = await ovfkit([appliance.folder]);
    expect(stdout).toMatch(/^ {2}large +4 +4 GiB +2 +4 MiB +2 /m);
  });

  test('reads a package from standard input', async () => {
    const { stdout } = await ovfkit(['inspect', '-', '--json'], {
      input: await readFile(appliance.descriptor, 'utf8'),
    });
    expect(JSON.parse(stdout)).toMatchObject({ systems: [{ id: 'sample' }], package: { missing: [] } });
  });
});
