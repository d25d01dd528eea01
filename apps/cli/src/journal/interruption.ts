import { constants } from 'node:os';
import { errorKinds, SessionError } from '@ovfkit/domain';
import { PackageError } from '@ovfkit/package-format';
import { CanceledError, CliError } from '../errors.ts';

/** What happens to an import or an export that is interrupted. */
export type OnInterrupt = 'abort' | 'keep';

/** A closed terminal is no decision; Ctrl-C and being asked to end are. */
const defaultFor = ({ signalNumber }: CanceledError): OnInterrupt =>
  signalNumber === constants.signals.SIGHUP ? 'keep' : 'abort';

const isEnded = ({ data }: SessionError): boolean => typeof data === 'object' && data !== null && 'state' in data;

/** How a job was begun. */
interface Begun {
  readonly onInterrupt: OnInterrupt | undefined;
  /** Whether its package comes by standard input. */
  readonly isPiped?: boolean;
  readonly hasSession?: boolean;
}

/**
 * Whether a job can go on after this failure, so that its session is worth keeping: it was interrupted and is to stay, the target could
 * not be reached, or has no more room for the rest, or the pipe broke; or the server that has the package could not, or gave it no more, and something
 * came already. What was refused would be refused again.
 */
export function isResumable(failure: unknown, { onInterrupt, isPiped = false, hasSession = false }: Begun): boolean {
  if (failure instanceof CliError) return hasSession && failure.isPassing;
  if (failure instanceof CanceledError) return (onInterrupt ?? defaultFor(failure)) === 'keep';
  if (failure instanceof PackageError) return isPiped && failure.code === 'TRUNCATED';
  if (!(failure instanceof SessionError) || isEnded(failure)) return false;
  return errorKinds[failure.kind].retryable || (hasSession && failure.kind === 'UNABLE_TO_ALLOCATE_RESOURCE');
}
