import type { SessionBackend } from '@ovfkit/domain';
import { CliError } from '../errors.ts';
import { suggestionsFor } from '../suggest.ts';

/** Something of the target that can be chosen. */
export interface Candidate {
  readonly id: string;
  readonly name: string;
}

/** What is chosen, how it was said, and among what. */
export interface Choice {
  /** `resource pool`, `network`. */
  readonly what: string;
  /** The option that chooses it. */
  readonly flag: string;
  readonly candidates: readonly Candidate[];
}

const listed = (candidates: readonly Candidate[]): readonly string[] =>
  candidates.slice(0, 20).map(({ id, name }) => `${name} (${id})`);

/** The candidate of an id or a name. @throws CliError when there is none, or several of the name */
export function choose(wanted: string, { what, flag, candidates }: Choice): Candidate {
  const byId = candidates.find(({ id }) => id === wanted);
  if (byId !== undefined) return byId;
  const [found, second] = candidates.filter(({ name }) => name === wanted);
  if (found !== undefined && second === undefined) return found;
  if (found !== undefined)
    throw new CliError('usage', `${JSON.stringify(wanted)} is the name of more than one ${what}`, {
      details: listed(candidates.filter(({ name }) => name === wanted)),
      hint: `Give the id with ${flag}.`,
    });
  const names = candidates.map(({ name }) => name);
  const close = suggestionsFor(wanted, names);
  throw new CliError('usage', `The target has no ${what} ${JSON.stringify(wanted)}`, {
    details: listed(candidates),
    hint: close.length > 0 ? `Did you mean ${close.join(' or ')}?` : `Choose one with ${flag}.`,
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

/** Names or ids of the flags. */
export interface PlacementOptions {
  readonly pool?: string | undefined;
  readonly folder?: string | undefined;
  readonly host?: string | undefined;
}

/** Where an import goes. */
export interface ChosenPlacement {
  readonly resourcePool: Candidate;
  /** Absent: the target's default. */
  readonly folder?: Candidate;
  readonly host?: Candidate;
}

/** Resolves names against the target. @throws CliError, SessionError */
export async function choosePlacement(
  { inventory }: SessionBackend,
  { options, signal }: { readonly options: PlacementOptions; readonly signal: AbortSignal },
): Promise<ChosenPlacement> {
  const call = { signal };
  const pools = await inventory.resourcePool.list({}, call);
  const resourcePool = chooseOrOnly(options.pool, {
    what: 'resource pool',
    flag: '--pool',
    candidates: pools.map(({ resourcePool: id, name }) => ({ id, name })),
  });
  const folders = await inventory.folder.list({ type: 'VIRTUAL_MACHINE' }, call);
  const folderCandidates = folders.map(({ folder: id, name }) => ({ id, name }));
  const folder =
    options.folder === undefined
      ? onlyOf(folderCandidates)
      : choose(options.folder, { what: 'folder', flag: '--folder', candidates: folderCandidates });
  const host =
    options.host === undefined
      ? undefined
      : choose(options.host, {
          what: 'host',
          flag: '--host',
          candidates: (await inventory.host.list({}, call)).map(({ host: id, name }) => ({ id, name })),
        });
  return { resourcePool, ...(folder === undefined ? {} : { folder }), ...(host === undefined ? {} : { host }) };
}

/** With several folders the target's own rule decides, as it does in its web client. */
function onlyOf(candidates: readonly Candidate[]): Candidate | undefined {
  return candidates.length === 1 ? candidates[0] : undefined;
}
