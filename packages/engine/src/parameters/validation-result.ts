import type { OvfError, OvfInfo, OvfValidationResult, OvfWarning } from '@ovfkit/domain';
import type { Evaluation } from './evaluate.ts';
import type { Problem } from './parameter.ts';

interface Answer {
  readonly evaluation: Evaluation;
  /** What the descriptor itself brought up. */
  readonly warnings: readonly OvfWarning[];
  readonly information: readonly OvfInfo[];
}

const inputError = ({ name, value, message }: Problem): OvfError => ({ category: 'INPUT', name, value, message });

/**
 * What `try_instantiate` answers. It validates what is given so far: a licence nobody spoke of is no error yet, one that
 * was sent back unaccepted is.
 */
export function validationResult({ evaluation, warnings, information }: Answer): OvfValidationResult {
  const problems = [...evaluation.problems, ...evaluation.incomplete];
  return {
    parameters: [...evaluation.parameters],
    errors: problems.map(inputError),
    warnings: [...warnings, ...evaluation.warnings],
    information: [...information],
  };
}
