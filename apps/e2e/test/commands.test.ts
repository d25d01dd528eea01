import { execFile } from 'node:child_process';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runOvfkit } from '../src/ovfkit.ts';
import { ovfkitPath } from '../src/programs.ts';
import { openScene, type Scene } from './support/scene.ts';

let scene: Scene;
beforeAll(async () => {
  scene = await openScene();
});
afterAll(() => scene.close());

describe('the program', () => {
  test('runs where there is nothing else', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'ovfkit-alone-'));
    try {
      const path = join(folder, 'ovfkit.mjs');
      await cp(ovfkitPath, path);
      await cp(join(dirname(ovfkitPath), 'ovfkit'), join(folder, 'ovfkit'), { recursive: true });
      const run = promisify(execFile);
      expect((await run(process.execPath, [path, '--version'])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
      expect((await run(path, ['--help'], { env: { PATH: join(process.execPath, '..') } })).stdout).toContain(
        'Examples:',
      );
      expect((await run(process.execPath, [path, scene.appliance.folder])).stdout).toContain('ovfkit sample appliance');
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});

describe('inspect', () => {
  test('gives one JSON object, with the figures of the option that is asked for', async () => {
    const plain = JSON.parse((await scene.ovfkit(['inspect', scene.appliance.folder, '--json'])).stdout);
    const large = JSON.parse((await scene.ovfkit([scene.appliance.descriptor, '--json', '--option', 'large'])).stdout);
    expect(plain).toMatchObject({
      systems: [{ id: 'sample', cpus: 1, memoryMiB: 512 }],
      networks: ['Frontend', 'Backend'],
      eulas: 1,
      package: { hasManifest: true, missing: [] },
    });
    expect(large).toMatchObject({ systems: [{ cpus: 4, memoryMiB: 4096 }], option: 'large' });
  });

  test('shows texts of the message bundle, and no value of a password', async () => {
    const { stdout } = await scene.ovfkit([scene.appliance.folder], { env: { LANG: 'en_US.UTF-8' } });
    expect(stdout).toContain('Host name of the appliance');
    expect(stdout).toContain('admin_password');
  });

  test('refuses an option the package does not have', async () => {
    const ended = await scene.ovfkit([scene.appliance.folder, '--option', 'huge']);
    expect(ended).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('small, large') });
  });
});

describe('target', () => {
  test('test tries each hop and finds all of them', async () => {
    const { exitCode, stdout } = await scene.ovfkit(['target', 'test', 'lab']);
    expect(exitCode).toBe(0);
    for (const hop of ['name', 'connection', 'TLS', 'trust', 'login', 'session API', 'inventory'])
      expect(stdout).toMatch(new RegExp(`^${hop}\\s+ok\\s`, 'm'));
  });

  test('test of an untrusted certificate prints both thumbprints and a command that pins it', async () => {
    const config = join(scene.folder, 'other-config');
    const url = scene.service.url;
    const env = { OVFKIT_PASSWORD: scene.service.password };
    const seen = await runOvfkit(['target', 'test', url, '--user', 'admin'], { config, env });
    expect(seen.exitCode).toBe(6);
    expect(seen.stdout).toMatch(/^trust\s+failed/m);
    expect(seen.stdout).toMatch(/SHA-1 {4}([0-9A-F]{2}:){19}/);
    const [, command = ''] = /^ {2}ovfkit (target add .*)$/m.exec(seen.stdout) ?? [];
    const args = command.replace('NAME', 'pinned').split(' ');
    expect((await runOvfkit(args, { config })).exitCode).toBe(0);
    expect((await runOvfkit(['target', 'test', 'pinned'], { config, env })).exitCode).toBe(0);
  });

  test('list shows where there is a password, never the password', async () => {
    const { stdout } = await scene.ovfkit(['target', 'list']);
    expect(stdout).toMatch(/^lab\s+https:\/\/127\.0\.0\.1:\d+\s+admin\s+pinned\s+yes$/m);
    expect(stdout).not.toContain(scene.service.password);
  });

  test('remove forgets it', async () => {
    const config = join(scene.folder, 'third-config');
    await runOvfkit(['target', 'add', 'x', 'https://x.example'], { config });
    expect((await runOvfkit(['target', 'remove', 'x'], { config })).exitCode).toBe(0);
    expect((await runOvfkit(['target', 'remove', 'x'], { config })).exitCode).toBe(2);
  });
});

describe('sessions', () => {
  test('a session is listed, shown without its addresses, and ended', async () => {
    const id = await (await scene.rest()).createPushSession();
    expect((await scene.ovfkit(['sessions', 'list', '--on', 'lab'])).stdout).toContain(id);
    const shown = await scene.ovfkit(['sessions', 'show', id, '--on', 'lab', '--json']);
    expect(JSON.parse(shown.stdout)).toMatchObject({ id, kind: 'import', state: 'IMPORT_OVF_TRANSFER' });
    expect(shown.stdout).not.toContain('http');
    expect((await scene.ovfkit(['sessions', 'abort', id, '--on', 'lab'])).exitCode).toBe(0);
    expect((await scene.ovfkit(['sessions', 'abort', id, '--on', 'lab'])).exitCode).toBe(5);
    expect((await scene.ovfkit(['sessions', 'list', '--on', 'lab'])).stdout).toContain('No sessions');
  });
});

describe('serve', () => {
  test('runs the service of the same installation and ends with it', async () => {
    const controller = new AbortController();
    const ended = await scene.ovfkit(['serve', '--data', join(scene.folder, 'served'), '--listen', '127.0.0.1:0'], {
      onLine: (line) => {
        if (line.includes('listens on')) controller.abort();
      },
      signal: controller.signal,
    });
    expect(ended).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('listens on https://') });
  });

  test('passes on what the service says about its options', async () => {
    const ended = await scene.ovfkit(['serve', '--data', join(scene.folder, 'served'), '--nonsense']);
    expect(ended).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('nonsense') });
  });
});

describe('usage', () => {
  test.each([
    [['import']],
    [['import', 'x.ova', '--to', 'lab', '--bogus']],
    [['export', 'vm', '--from', 'lab']],
    [['imprt']],
  ])('%j ends with 2 and says what is wrong', async (args) => {
    const ended = await scene.ovfkit(args);
    expect(ended).toMatchObject({ exitCode: 2, stdout: '', stderr: expect.stringContaining('error: ') });
  });

  test('a reader that goes away is no error', async () => {
    const { stdout } = await promisify(execFile)('sh', [
      '-c',
      `"$0" "$1" inspect "$2" --json | head -1; echo "\${PIPESTATUS:-ok}"`,
      process.execPath,
      ovfkitPath,
      scene.appliance.folder,
    ]);
    expect(stdout).toContain('{');
  });
});
