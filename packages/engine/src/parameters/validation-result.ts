import type { OvfError, OvfInfo, OvfParams, OvfValidationResult, OvfWarning } from '@ovfkit/domain';
import type { Evaluation } from './evaluate.ts';
import type { Problem } from './parameter.ts';

interface Answer {
  readonly evaluation: Evaluation;
  readonly given: readonly OvfParams[];
  /** What the descriptor itself brought up. */
  readonly warnings: readonly OvfWarning[];
  readonly information: readonly OvfInfo[];
}

const inputError = ({ name, value, message }: Problem): OvfError => ({ category: 'INPUT', name, value, message });

/**
 * What `try_instantiate` answers. A first question without any values is no mistake, so what is missing is only an error
 * once something is given.
 */
export function validationResult({ evaluation, given, warnings, information }: Answer): OvfValidationResult {
  const problems = given.length === 0 ? evaluation.problems : [...evaluation.problems, ...evaluation.missing];
  return {
    parameters: [...evaluation.parameters],
    errors: problems.map(inputError),
    warnings: [...warnings, ...evaluation.warnings],
    information: [...information],
  };
}
