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

export interface CliErrorOptions {
  /** What to do next, in one sentence. */
  readonly hint?: string | undefined;
  /** Lines below the message: candidates, issues, a licence. */
  readonly details?: readonly string[] | undefined;
  readonly cause?: unknown;
}

/** An error the command line finds itself. */
export class CliError extends Error {
  override readonly name = 'CliError';
  readonly exitClass: ExitClass;
  readonly hint: string | undefined;
  readonly details: readonly string[];

  constructor(exitClass: ExitClass, text: string, { hint, details = [], cause }: CliErrorOptions = {}) {
    super(text, cause === undefined ? {} : { cause });
    this.exitClass = exitClass;
    this.hint = hint;
    this.details = details;
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

/** An error as the user sees it. */
export interface Failure {
  readonly exitCode: number;
  /** Stable name: the kind or code of the error. */
  readonly code: string;
  readonly message: string;
  readonly details: readonly string[];
  readonly hint?: string | undefined;
}

// Domain's and package-format's errors are told by their names: importing the classes would load zod for `inspect`.
interface ForeignError extends Error {
  readonly kind?: unknown;
  readonly code?: unknown;
  readonly file?: unknown;
  readonly line?: unknown;
  readonly column?: unknown;
  readonly data?: unknown;
}

interface KindRule {
  readonly exitClass: ExitClass;
  readonly hint?: string;
}

const kindRules: Readonly<Record<string, KindRule>> = {
  UNAUTHENTICATED: {
    exitClass: 'targetRefused',
    hint: 'Check user and password; OVFKIT_USER and OVFKIT_PASSWORD override what is stored for a target.',
  },
  UNAUTHORIZED: { exitClass: 'targetRefused', hint: 'Ask for the privilege the message names, or use another user.' },
  OPERATION_NOT_FOUND: {
    exitClass: 'targetRefused',
    hint: 'The target does not offer this call; `ovfkit target test` shows what it offers.',
  },
  RESOURCE_INACCESSIBLE: {
    exitClass: 'network',
    hint: 'Check the address and the network; `ovfkit target test` tries each hop.',
  },
  SERVICE_UNAVAILABLE: {
    exitClass: 'network',
    hint: 'Check that the service runs and the address is right; `ovfkit target test` tries each hop.',
  },
  UNVERIFIED_PEER: {
    exitClass: 'network',
    hint: 'Compare the thumbprint with what the server printed, then give it with --thumbprint, or its CA with --ca.',
  },
  TIMED_OUT: { exitClass: 'timedOut', hint: 'Try again; what arrived is kept where the target can resume.' },
};

const packageHints: Readonly<Record<string, string>> = {
  CANNOT_READ: 'Check the path.',
  CANNOT_WRITE: 'Check the path, and that there is room.',
  FILE_EXISTS: 'Choose another path, or give --overwrite.',
  CERTIFICATE_INVALID: 'Check that the key belongs to the first certificate, and that both are PEM.',
  OVA_COMPRESSED: 'ovfkit repair makes a plain archive of it.',
  FILE_MISSING: 'The package is incomplete; get it again, or put the file beside the descriptor.',
  TRUNCATED: 'The file ends too early; get it again.',
  OPTION_UNKNOWN: '`ovfkit inspect` lists the deployment options.',
};

/** Most codes are about a package that is no good; these are not. */
const packageClasses: Readonly<Record<string, ExitClass>> = {
  CANNOT_WRITE: 'usage',
  DIGEST_MISMATCH: 'verificationFailed',
  FILE_EXISTS: 'usage',
};

function packageFailure(error: ForeignError): Failure {
  const code = String(error.code);
  const place = [error.file, error.line, error.column].filter((part) => part !== undefined).join(':');
  const exitClass = packageClasses[code] ?? 'packageInvalid';
  return {
    exitCode: exitCodes[exitClass],
    code,
    message: place === '' || error.message.includes(place) ? error.message : `${place}: ${error.message}`,
    details: [],
    hint: packageHints[code] ?? (code === 'DESCRIPTOR_INVALID' ? lintHint : undefined),
  };
}

/** Digest mismatches carry what was expected, whoever found them: the client while sending, or the server. */
const isDigestMismatch = (error: ForeignError): boolean =>
  (typeof error.data === 'object' && error.data !== null && 'expected' in error.data && 'actual' in error.data) ||
  /\bdigest\b|\bmanifest\b.*\b(differ|mismatch|not match)/i.test(error.message);

const lintHint = 'ovfkit inspect shows everything that is wrong with a package; --lax forgives some of it.';

/** Whether the target refused the package itself: its errors then have places in files. */
function hasIssues(data: unknown): boolean {
  if (typeof data !== 'object' || data === null || !('errors' in data) || !Array.isArray(data.errors)) return false;
  return data.errors.some((each: unknown) => typeof each === 'object' && each !== null && 'issues' in each);
}

const sourceHint =
  'Compare the thumbprint with that of the server the package comes from, then give its SHA-1 with --source-thumbprint.';

/** Whether it is what a session died of, not what kept this program from the target. */
const hasState = (data: unknown): boolean => typeof data === 'object' && data !== null && 'state' in data;

const nameHint = 'Choose another name with -n.';

const diskHint = 'Make room there, or choose a place that can be written; nothing was left behind.';

/** Whether it was the disk here that refused: only then a path of this machine is named. */
const hasPath = (data: unknown): boolean => typeof data === 'object' && data !== null && 'path' in data;

/** Whether the target refused the name of what is to be made. */
function hasTakenName(data: unknown): boolean {
  if (typeof data !== 'object' || data === null || !('errors' in data) || !Array.isArray(data.errors)) return false;
  return data.errors.some(
    (each: unknown) => typeof each === 'object' && each !== null && 'name' in each && each.name === 'name',
  );
}

function sessionFailure(error: ForeignError): Failure {
  const kind = String(error.kind);
  // before digests are looked for: a name may hold any word
  if (hasTakenName(error.data))
    return { exitCode: exitCodes.targetRefused, code: kind, message: error.message, details: [], hint: nameHint };
  if (isDigestMismatch(error)) {
    return {
      exitCode: exitCodes.verificationFailed,
      code: kind,
      message: error.message,
      details: [],
      hint: 'The package is damaged or was changed; get it again. Nothing was created.',
    };
  }
  if (hasIssues(error.data))
    return { exitCode: exitCodes.packageInvalid, code: kind, message: error.message, details: [], hint: lintHint };
  if (hasPath(error.data))
    return { exitCode: exitCodes.usage, code: kind, message: error.message, details: [], hint: diskHint };
  const rule: KindRule = kindRules[kind] ?? { exitClass: 'targetRefused' };
  // a session ends so when the target did not trust where it pulled from
  const hint = kind === 'UNVERIFIED_PEER' && hasState(error.data) ? sourceHint : rule.hint;
  return { exitCode: exitCodes[rule.exitClass], code: kind, message: error.message, details: [], hint };
}

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
  if (networkCodes.test(code)) return { exitCode: exitCodes.network, code, message, details: [] };
  if (/^E[A-Z]+$/.test(code)) return { exitCode: exitCodes.usage, code, message, details: [], hint: 'Check the path.' };
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
    return { exitCode: exitCodes[exitClass], code: exitClass, message, details, hint };
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
