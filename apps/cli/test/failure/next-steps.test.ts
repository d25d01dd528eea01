import { packageErrorCodes } from '@ovfkit/package-format';
import { packageProblemCodes, signatureProblemCodes } from '@ovfkit/package-format/node';
import { expect, test } from 'vitest';
import { nextSteps } from '../../src/failure/next-steps.ts';

test('every error and every problem of a package has a next step, and nothing else has one', () => {
  const codes = new Set([...packageErrorCodes, ...packageProblemCodes, ...signatureProblemCodes]);
  expect(Object.keys(nextSteps).toSorted()).toEqual([...codes].toSorted());
});
