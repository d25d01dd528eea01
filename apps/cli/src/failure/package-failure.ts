import { type ExitClass, exitCodes } from '../errors.ts';
import type { Failure, ForeignError } from './failure.ts';
import { nextSteps } from './next-steps.ts';
import { systemHintOf } from './system-hints.ts';

/** Most codes are about a package that is no good; these are not. */
const classes: Readonly<Record<string, ExitClass>> = {
  CANNOT_READ: 'usage',
  CANNOT_WRITE: 'usage',
  DIGEST_MISMATCH: 'verificationFailed',
  EDIT_REFUSED: 'usage',
  FILE_EXISTS: 'usage',
  OPTION_UNKNOWN: 'usage',
  RANGE_INVALID: 'unexpected',
};

/** A PackageError as the user sees it: with file, line and column, and what to do. */
export function packageFailure(error: ForeignError): Failure {
  const code = String(error.code);
  const place = [error.file, error.line, error.column].filter((part) => part !== undefined).join(':');
  return {
    exitCode: exitCodes[classes[code] ?? 'packageInvalid'],
    code,
    message: place === '' || error.message.includes(place) ? error.message : `${place}: ${error.message}`,
    details: [],
    hint: systemHintOf(error) ?? nextSteps[code],
  };
}
