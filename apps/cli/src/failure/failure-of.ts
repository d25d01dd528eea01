import { CanceledError, CliError, exitCodes } from '../errors.ts';
import type { Failure, ForeignError } from './failure.ts';
import { packageFailure } from './package-failure.ts';
import { sessionFailure } from './session-failure.ts';
import { systemHintOf } from './system-hints.ts';

const networkCodes =
  /^(?:ECONN|ENOTFOUND|EAI_|EHOSTUNREACH|ENETUNREACH|EPIPE|ERR_TLS|ERR_SSL|CERT_|DEPTH_ZERO|SELF_SIGNED)/;

/** What the operating system refused; nothing for other errors. */
function systemFailure(error: ForeignError): Failure | undefined {
  const code = typeof error.code === 'string' ? error.code : '';
  const { message } = error;
  if (error.name === 'TimeoutError' || code === 'ETIMEDOUT')
    return {
      exitCode: exitCodes.timedOut,
      code: 'timedOut',
      message: 'The other side did not answer in time',
      details: [],
    };
  if (networkCodes.test(code))
    return { exitCode: exitCodes.network, code, message, details: [], hint: 'Check the address and the network.' };
  if (/^E[A-Z]+$/.test(code))
    return { exitCode: exitCodes.usage, code, message, details: [], hint: systemHintOf(error) ?? 'Check the path.' };
  return undefined;
}

/** A command line that cannot be read, as the parser said it. */
export const usageFailure = (text: string): Failure => ({
  exitCode: exitCodes.usage,
  code: 'usage',
  message: text.replace(/^error: /, ''),
  details: [],
  hint: 'See ovfkit --help, or ovfkit COMMAND --help.',
});

/** What to print and how to exit for anything that was thrown. */
export function failureOf(error: unknown): Failure {
  if (error instanceof CliError) {
    const { exitClass, message, details, hint } = error;
    return { exitCode: exitCodes[exitClass], code: exitClass, message, details, hint: hint ?? systemHintOf(error) };
  }
  if (error instanceof CanceledError)
    return { exitCode: 128 + error.signalNumber, code: 'canceled', message: error.message, details: [] };
  if (!(error instanceof Error))
    return { exitCode: exitCodes.unexpected, code: 'unexpected', message: String(error), details: [] };
  if (error.name === 'PackageError') return packageFailure(error);
  if (error.name === 'SessionError') return sessionFailure(error);
  return (
    systemFailure(error) ?? {
      exitCode: exitCodes.unexpected,
      code: 'unexpected',
      message: error.message === '' ? error.name : error.message,
      details: [],
      hint: 'This is a fault of ovfkit; set OVFKIT_DEBUG=1 to see where it happened.',
    }
  );
}
