import type { Reporter, TestUserConfig } from 'vitest/node';

/** Names each test that only passed when it was run again: on a machine that does everything at once some waits are too short, but nobody should overlook it. */
const secondTries: Reporter = {
  onTestRunEnd(modules) {
    for (const module of modules)
      for (const test of module.children.allTests())
        if (test.diagnostic()?.flaky)
          console.log(`passed only when run again: ${module.relativeModuleId} > ${test.fullName}`);
  },
};

/** Reporters of a run, with its counts as JSON in `file` for who adds them up. */
export const reportersTo = (file: string): NonNullable<TestUserConfig['reporters']> => [
  'default',
  ['json', { outputFile: file }],
  secondTries,
];

/** How often a test that failed is run again. */
export const retry = process.env['CI'] === undefined ? 0 : 1;
