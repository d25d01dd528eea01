import { configDefaults, defineConfig } from 'vitest/config';
import { programOnPath, simulatorVariable } from './packages/vsphere/test/support/installed.ts';
import { reportersTo } from './scripts/test-reporters.ts';
import base from './vitest.config.ts';

const other = programOnPath('vcsim');

const simulators = [
  { name: 'vcsim', env: {} },
  ...(other === undefined ? [] : [{ name: other, env: { [simulatorVariable]: other } }]),
];

/**
 * Tests against a vCenter and an ESXi host that are not ours: govmomi's simulator, which the set-up builds, and once more one that is on
 * the PATH, which may be newer.
 */
export default defineConfig({
  ...base,
  test: {
    ...base.test,
    include: ['{packages,apps}/*/test/**/*.vcsim.test.ts'],
    exclude: configDefaults.exclude,
    globalSetup: './test/require-vcsim.ts',
    reporters: reportersTo('.reports/vcsim.json'),
    projects: simulators.map(({ name, env }) => ({ extends: true, test: { name, env } })),
  },
});
