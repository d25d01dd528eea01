import { CliError, exitClassOf } from '../errors.ts';
import { failureOf } from '../failure/failure-of.ts';

/** What a plan looks at, in the order it is told. */
export const checkNames = [
  'target',
  'package',
  'place',
  'name',
  'hardware',
  'option',
  'networks',
  'properties',
  'storage',
  'library',
  'licences',
  'signer',
  'privileges',
  'parameters',
  'afterwards',
] as const;
export type CheckName = (typeof checkNames)[number];

/** What stands in the way of an import, or ought to be known before. */
export interface PlanProblem {
  readonly check: CheckName;
  readonly severity: 'error' | 'warning';
  /** How a command ends that meets it. */
  readonly exitCode: number;
  readonly message: string;
  readonly details: readonly string[];
  readonly hint?: string | undefined;
  /** What was thrown, if something was. */
  readonly cause?: unknown;
}

/** Where the steps of a plan leave what they find: one that fails does not keep the others from being tried. */
export interface Notes {
  /** In the order of the checks. */
  problems(): readonly PlanProblem[];
  add(problem: PlanProblem): void;
  /** Notes an error under a check. Rethrows what nobody threw on purpose. */
  fail(check: CheckName, error: unknown): void;
  /** What `step` gives; nothing when it throws, which is noted. */
  attempt<Result>(check: CheckName, step: () => Result): Result | undefined;
  attemptCall<Result>(check: CheckName, step: () => Promise<Result>): Promise<Result | undefined>;
}

const onPurpose: ReadonlySet<string> = new Set(['CliError', 'SessionError', 'PackageError']);

/** A problem of an error. */
export function problemOf(check: CheckName, cause: unknown): PlanProblem {
  const { exitCode, message, details, hint } = failureOf(cause);
  return { check, severity: 'error', exitCode, message, details, hint, cause };
}

/** Notes without anything in them. */
export function createNotes(): Notes {
  const found: PlanProblem[] = [];
  const notes: Notes = {
    problems: () => found.toSorted((a, b) => checkNames.indexOf(a.check) - checkNames.indexOf(b.check)),
    add: (problem) => {
      found.push(problem);
    },
    fail(check, error) {
      if (!(error instanceof Error) || !onPurpose.has(error.name)) throw error;
      found.push(problemOf(check, error));
    },
    attempt(check, step) {
      try {
        return step();
      } catch (error) {
        notes.fail(check, error);
        return undefined;
      }
    },
    async attemptCall(check, step) {
      try {
        return await step();
      } catch (error) {
        notes.fail(check, error);
        return undefined;
      }
    },
  };
  return notes;
}

const linesOf = ({ message, details, hint }: PlanProblem): readonly string[] => [
  message,
  ...details.map((detail) => `  ${detail}`),
  ...(hint === undefined ? [] : [`  next: ${hint}`]),
];

/** The error that all the errors among `problems` come to; nothing when there is none. One alone is thrown as it was. */
export function refusalOf(problems: readonly PlanProblem[]): Error | undefined {
  const errors = problems.filter(({ severity }) => severity === 'error');
  const [first, second] = errors;
  if (first === undefined) return undefined;
  const { exitCode, message, details, hint, cause } = first;
  if (second !== undefined)
    return new CliError(exitClassOf(exitCode), `${errors.length} things stand in the way of the import`, {
      details: errors.flatMap(linesOf),
    });
  return cause instanceof Error ? cause : new CliError(exitClassOf(exitCode), message, { details, hint });
}

/** @throws the error that all the errors come to */
export function throwErrors(notes: Notes): void {
  const refusal = refusalOf(notes.problems());
  if (refusal !== undefined) throw refusal;
}
