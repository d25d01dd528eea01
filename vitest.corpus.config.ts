import { fileURLToPath } from 'node:url';
import { configDefaults, defineConfig } from 'vitest/config';
import { reportersTo } from './scripts/test-reporters.ts';
import base from './vitest.config.ts';

/** Tests over real packages, which are not part of the repository. They read the folder's path from OVFKIT_CORPUS. */
export default defineConfig({
  ...base,
  test: {
    ...base.test,
    include: ['{packages,apps}/*/test/**/*.corpus.test.ts'],
    exclude: configDefaults.exclude,
    globalSetup: './test/require-corpus.ts',
    env: { OVFKIT_CORPUS: process.env['OVFKIT_CORPUS'] ?? fileURLToPath(new URL('../shared/corpus', import.meta.url)) },
    testTimeout: 300_000,
    reporters: reportersTo('.reports/corpus.json'),
  },
});
