import {
  type Judgement,
  type OvfError,
  type OvfInfo,
  type OvfValidationResult,
  type OvfWarning,
  type Remark,
  remarkMessage,
} from '@ovfkit/domain';
import { fileIssue, validation } from '../problem.ts';
import type { Evaluation } from './evaluate.ts';
import type { Problem } from './parameter.ts';

interface Answer {
  readonly evaluation: Evaluation;
  /** What the inventory says of it; nothing of a probe, which has no target. */
  readonly judgement?: Judgement | undefined;
  /** What the descriptor itself brought up. */
  readonly warnings: readonly OvfWarning[];
  readonly information: readonly OvfInfo[];
}

const inputError = ({ name, value, message }: Problem): OvfError => ({ category: 'INPUT', name, value, message });

/** It may be about anything, and is in no line of the descriptor that anyone knows. */
const judged = (remark: Remark): OvfError => validation([fileIssue('', remarkMessage(remark))]);

/**
 * What `try_instantiate` answers. It validates what is given so far: a licence nobody spoke of is no error yet, one that
 * was sent back unaccepted is.
 */
export function validationResult({ evaluation, judgement, warnings, information }: Answer): OvfValidationResult {
  const problems = [...evaluation.problems, ...evaluation.incomplete];
  return {
    parameters: [...evaluation.parameters],
    errors: [...problems.map(inputError), ...(judgement?.errors ?? []).map(judged)],
    warnings: [...warnings, ...evaluation.warnings, ...(judgement?.warnings ?? []).map(judged)],
    information: [...information],
  };
}
