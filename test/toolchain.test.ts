import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join, relative } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { root, workspaceFolders } from '../scripts/workspace.ts';

const manifestOf = (folder: string) => JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
const numbers = (version: string) => version.split('.').map(Number);

describe('the pinned toolchain', () => {
  test('Node.js is pinned to a version that the engines field takes', () => {
    const pinned = readFileSync(join(root, '.node-version'), 'utf8').trim();
    const [major, minor] = numbers(pinned);
    const [least, leastMinor] = numbers(manifestOf(root).engines.node.replace('>=', ''));
    expect(pinned).toMatch(/^\d+\.\d+\.\d+$/);
    expect(major).toBe(least);
    expect(minor).toBeGreaterThanOrEqual(leastMinor ?? 0);
  });

  test('pnpm is pinned to one version', () => {
    expect(manifestOf(root).packageManager).toMatch(/^pnpm@\d+\.\d+\.\d+$/);
  });

  test('every dependency takes its version from the catalog or from the workspace', async () => {
    const loose = [root, ...(await workspaceFolders())].flatMap((folder) => {
      const { dependencies, devDependencies, peerDependencies, optionalDependencies } = manifestOf(folder);
      const all = { ...dependencies, ...devDependencies, ...peerDependencies, ...optionalDependencies };
      return Object.entries(all)
        .filter(([, version]) => version !== 'catalog:' && version !== 'workspace:^')
        .map(([name, version]) => `${relative(root, folder)}: ${name} ${version}`);
    });
    expect(loose).toEqual([]);
  });
});

// The pnpm found here writes down how it was called. This Node.js satisfies the engines field and the user agent says
// that pnpm is running us, so nothing is downloaded.
describe.runIf(process.platform !== 'win32')('scripts/dev.mjs', () => {
  let folder: string;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'ovfkit-dev-'));
    const calls = join(folder, 'calls');
    writeFileSync(
      join(folder, 'pnpm'),
      `#!/bin/sh\necho "$*" >> '${calls}'\nenv | grep -i '^npm_' >> '${calls}'\n[ "$1" = fail ] && exit 3\nexit 0\n`,
    );
    chmodSync(join(folder, 'pnpm'), 0o755);
  });

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  function dev(args: readonly string[], environment: Record<string, string>) {
    writeFileSync(join(folder, 'calls'), '');
    const { status } = spawnSync(process.execPath, [join(root, 'scripts/dev.mjs'), ...args], {
      env: {
        PATH: [folder, process.env['PATH']].join(delimiter),
        npm_config_user_agent: 'pnpm/12.0.0',
        npm_config_ignore_scripts: 'true',
        ...environment,
      },
    });
    return { status, calls: readFileSync(join(folder, 'calls'), 'utf8').trim().split('\n') };
  }

  test('installs from the frozen lockfile under CI, then runs what it was asked for', () => {
    const { status, calls } = dev(['run', 'check'], { CI: 'true' });
    expect(status).toBe(0);
    expect(calls).toEqual([expect.stringMatching(/^install .*--frozen-lockfile/), 'run check']);
  });

  test('may update the lockfile elsewhere', () => {
    expect(dev(['run', 'check'], {}).calls[0]).not.toContain('--frozen-lockfile');
  });

  test('ends with the status of what it ran', () => {
    expect(dev(['fail'], {}).status).toBe(3);
  });
});
