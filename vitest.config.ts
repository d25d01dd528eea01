import { configDefaults, defineConfig } from 'vitest/config';
import { reportersTo, retry } from './scripts/test-reporters.ts';

const conditions = ['@ovfkit/source'];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    include: ['{packages,apps}/*/test/**/*.test.ts', 'test/**/*.test.ts'],
    exclude: [...configDefaults.exclude, '**/*.corpus.test.ts', '**/*.vcsim.test.ts'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    retry,
    reporters: reportersTo('.reports/tests.json'),
  },
});
