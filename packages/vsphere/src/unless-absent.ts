import { SessionError } from '@ovfkit/domain';

/** For `catch`: that something is not there is no error. @throws the error, when it says anything else */
export function unlessAbsent(error: unknown): undefined {
  if (!(error instanceof SessionError) || error.kind !== 'NOT_FOUND') throw error;
}
