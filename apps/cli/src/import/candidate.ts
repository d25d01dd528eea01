import { CliError } from '../errors.ts';
import { suggestionsFor } from '../suggest.ts';

/** Something of the target that can be chosen. */
export interface Candidate {
  readonly id: string;
  readonly name: string;
  /** What has it, where names alone do not tell. */
  readonly owner?: string | undefined;
}

/** What is chosen, how it was said, and among what. */
export interface Choice {
  /** `resource pool`, `network`. */
  readonly what: string;
  /** The option that chooses it; where none does, what to write instead: `its id in the path`. */
  readonly flag: string;
  readonly candidates: readonly Candidate[];
  /** Who has them; the target when absent. */
  readonly in?: 'package' | 'target' | undefined;
}

/** As errors list them. */
export const listed = (candidates: readonly Candidate[]): readonly string[] =>
  candidates
    .slice(0, 20)
    .map(({ id, name, owner }) => (owner === undefined ? `${name} (${id})` : `${name} of ${owner} (${id})`));

const isOption = (flag: string): boolean => flag.startsWith('--');

/** The candidate of an id or a name. @throws CliError when there is none, or several of the name */
export function choose(wanted: string, { what, flag, candidates, in: owner = 'target' }: Choice): Candidate {
  const byId = candidates.find(({ id }) => id === wanted);
  if (byId !== undefined) return byId;
  const [found, second] = candidates.filter(({ name }) => name === wanted);
  if (found !== undefined && second === undefined) return found;
  if (found !== undefined)
    throw new CliError('usage', `${JSON.stringify(wanted)} is the name of more than one ${what}`, {
      details: listed(candidates.filter(({ name }) => name === wanted)),
      hint: isOption(flag) ? `Give the id with ${flag}.` : `Give ${flag}.`,
    });
  const names = candidates.map(({ name }) => name);
  const close = suggestionsFor(wanted, names);
  throw new CliError('usage', `The ${owner} has no ${what} ${JSON.stringify(wanted)}`, {
    details: listed(candidates),
    hint:
      close.length > 0 ? `Did you mean ${close.join(' or ')}?` : `Choose one${isOption(flag) ? ` with ${flag}` : ''}.`,
  });
}

/** The candidate that is wanted, or the only one. @throws CliError when there is none, or several and none is wanted */
export function chooseOrOnly(wanted: string | undefined, choice: Choice): Candidate {
  if (wanted !== undefined) return choose(wanted, choice);
  const { what, flag, candidates } = choice;
  const [only, second] = candidates;
  if (only === undefined)
    throw new CliError('targetRefused', `The target shows no ${what} to this user`, {
      hint: 'Check the privileges of the user.',
    });
  if (second === undefined) return only;
  throw new CliError('usage', `The target has more than one ${what}; say which`, {
    details: listed(candidates),
    hint: `Choose one with ${flag}.`,
  });
}
