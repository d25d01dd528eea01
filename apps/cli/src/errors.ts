/** Exit codes are classes; docs/cli.md explains each. */
export const exitCodes = {
  ok: 0,
  unexpected: 1,
  usage: 2,
  packageInvalid: 3,
  verificationFailed: 4,
  targetRefused: 5,
  network: 6,
  timedOut: 7,
  canceled: 130,
} as const;

export type ExitClass = keyof typeof exitCodes;

const exitClasses = ['usage', 'packageInvalid', 'verificationFailed', 'targetRefused', 'network', 'timedOut'] as const;

/** The class of an exit code. */
export const exitClassOf = (code: number): ExitClass =>
  exitClasses.find((each) => exitCodes[each] === code) ?? 'unexpected';

export interface CliErrorOptions {
  /** What to do next, in one sentence. */
  readonly hint?: string | undefined;
  /** Lines below the message: candidates, issues, a licence. */
  readonly details?: readonly string[] | undefined;
  /** The status of a server's answer, when that is what was wrong. */
  readonly status?: number | undefined;
  /** Whether what was in the way may be over later; not so when absent. */
  readonly isPassing?: boolean | undefined;
  readonly cause?: unknown;
}

/** An error the command line finds itself. */
export class CliError extends Error {
  override readonly name = 'CliError';
  readonly exitClass: ExitClass;
  readonly hint: string | undefined;
  readonly details: readonly string[];
  readonly status: number | undefined;
  readonly isPassing: boolean;

  constructor(
    exitClass: ExitClass,
    text: string,
    { hint, details = [], status, isPassing = false, cause }: CliErrorOptions = {},
  ) {
    super(text, cause === undefined ? {} : { cause });
    this.exitClass = exitClass;
    this.hint = hint;
    this.details = details;
    this.status = status;
    this.isPassing = isPassing;
  }
}

/** The reason of an abort by signal. */
export class CanceledError extends Error {
  override readonly name = 'CanceledError';
  readonly signalNumber: number;

  constructor(signalName: string, signalNumber: number) {
    super(`Canceled by ${signalName}`);
    this.signalNumber = signalNumber;
  }
}
