import { constants } from 'node:os';
import { errorKinds, SessionError } from '@ovfkit/domain';
import { CanceledError } from '../errors.ts';

/** What happens to an import or an export that is interrupted. */
export type OnInterrupt = 'abort' | 'keep';

/** A closed terminal is no decision; Ctrl-C and being asked to end are. */
const defaultFor = ({ signalNumber }: CanceledError): OnInterrupt =>
  signalNumber === constants.signals.SIGHUP ? 'keep' : 'abort';

const isEnded = ({ data }: SessionError): boolean => typeof data === 'object' && data !== null && 'state' in data;

/**
 * Whether a job can go on after this failure, so that its session is worth keeping: it was interrupted and is to stay, or
 * the target could not be reached. What was refused would be refused again.
 */
export function isResumable(failure: unknown, onInterrupt: OnInterrupt | undefined): boolean {
  if (failure instanceof CanceledError) return (onInterrupt ?? defaultFor(failure)) === 'keep';
  return failure instanceof SessionError && errorKinds[failure.kind].retryable && !isEnded(failure);
}
