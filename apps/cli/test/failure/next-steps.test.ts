import { packageErrorCodes } from '@ovfkit/package-format';
import { packageProblemCodes, type SignatureProblemCode } from '@ovfkit/package-format/node';
import { expect, test } from 'vitest';
import { nextSteps } from '../../src/failure/next-steps.ts';

// a type has no values to look at: the compiler compares this list with it
const signatureCodes: Readonly<Record<SignatureProblemCode, true>> = {
  SIGNATURE_WRONG: true,
  CHAIN_UNTRUSTED: true,
  CHAIN_INCOMPLETE: true,
  CERTIFICATE_EXPIRED: true,
  CERTIFICATE_NOT_YET_VALID: true,
  KEY_USAGE: true,
  MANIFEST_NAME: true,
  DIGEST_WEAK: true,
  KEY_WEAK: true,
};

test('every error and every problem of a package has a next step, and nothing else has one', () => {
  const codes = new Set([...packageErrorCodes, ...packageProblemCodes, ...Object.keys(signatureCodes)]);
  expect(Object.keys(nextSteps).toSorted()).toEqual([...codes].toSorted());
});
