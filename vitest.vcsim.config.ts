import { configDefaults, defineConfig } from 'vitest/config';
import { reportersTo } from './scripts/test-reporters.ts';
import base from './vitest.config.ts';

/** Tests against a vCenter and an ESXi host that are not ours: govmomi's simulator, which the set-up builds. */
export default defineConfig({
  ...base,
  test: {
    ...base.test,
    include: ['{packages,apps}/*/test/**/*.vcsim.test.ts'],
    exclude: configDefaults.exclude,
    globalSetup: './test/require-vcsim.ts',
    reporters: reportersTo('.reports/vcsim.json'),
  },
});
