import { findParams, type OvfParams } from '@ovfkit/domain';
import { CliError } from '../errors.ts';
import type { Notes } from '../plan/notes.ts';
import { didYouMean } from '../suggest.ts';
import { type Candidate, type Choice, choose, listed } from './candidate.ts';
import type { Choices, Offers } from './choices.ts';
import { lastOf } from './places.ts';

const all = '*=';

/** Targets by the sources that are given them: `--net B` alone is for all, which must be one, and `--net *=B` for all that nothing else names. */
function wantedTargets(
  given: readonly string[],
  { sources, notes }: { readonly sources: readonly string[]; readonly notes: Notes },
): ReadonlyMap<string, string> {
  const wanted = new Map<string, string>();
  let others: string | undefined;
  for (const text of given) {
    // a network's name may hold `=`: the longest source that fits is meant
    const source = sources
      .filter((name) => text.startsWith(`${name}=`))
      .toSorted((a, b) => b.length - a.length)
      .at(0);
    const [only, second] = sources;
    if (source !== undefined) wanted.set(source, text.slice(source.length + 1));
    else if (text.startsWith(all)) others = text.slice(all.length);
    else if (!text.includes('=') && only !== undefined && second === undefined) wanted.set(only, text);
    else notes.fail('networks', unknownSource(text, sources));
  }
  for (const source of sources) if (others !== undefined && !wanted.has(source)) wanted.set(source, others);
  return wanted;
}

function unknownSource(text: string, sources: readonly string[]): CliError {
  const name = text.split('=')[0] ?? text;
  const what = text.includes('=')
    ? `The package has no network ${JSON.stringify(name)}`
    : `${JSON.stringify(text)} does not say which network of the package is meant`;
  return new CliError('usage', what, {
    details: [sources.length === 0 ? 'it has none' : `it has: ${sources.join(', ')}`],
    hint: didYouMean(name, sources) ?? 'Give --net "SOURCE=TARGET", or --net "*=TARGET" for all.',
  });
}

/** `/DC/network/name` means the network of that name where the pool is. */
const namedIn = (text: string, candidates: readonly Candidate[]): string =>
  candidates.some(({ name }) => name === text) ? text : (lastOf(text) ?? text);

/** The network of the same name, when there is one of it. */
function same(source: string, candidates: readonly Candidate[]): Candidate | undefined {
  const [found, second] = candidates.filter(({ name }) => name === source);
  return second === undefined ? found : undefined;
}

/** The one of the same name, or the only network there is. */
const defaultTarget = (source: string, candidates: readonly Candidate[]): Candidate | undefined =>
  same(source, candidates) ?? (candidates.length === 1 ? candidates[0] : undefined);

/** The networks of the target that a package may be connected to: those its session lists, else all. */
export function networkCandidates(found: readonly OvfParams[], offers: Offers): readonly Candidate[] {
  const own = (findParams(found, 'NetworkMappingParams')?.targetNetworks ?? []).flatMap(({ id, name }) =>
    id === undefined ? [] : [{ id, name: name ?? id }],
  );
  return own.length > 0 ? own : offers.networks;
}

/** One that is there, but not where the pool is: a session lists only what the hosts of the pool have. */
const notConnected = (text: string, { flag, candidates }: Pick<Choice, 'flag' | 'candidates'>): CliError =>
  new CliError('usage', `No host of the pool has the network ${JSON.stringify(text)}`, {
    details: listed(candidates),
    hint: `Choose one with ${flag}.`,
  });

const undecided = (source: string, candidates: readonly Candidate[]): CliError =>
  new CliError('usage', `Nothing says where the network ${source} of the package goes`, {
    details: listed(candidates),
    hint: `Give --net "${source}=NETWORK", or --net "*=NETWORK" for all.`,
  });

const notAllowed = (source: string, target: Candidate | undefined): CliError =>
  new CliError('targetRefused', `This user may not connect ${source} to ${target?.name ?? 'the network'}`, {
    hint: 'Choose another network with --net, or ask for the privilege Network.Assign.',
  });

function chooseNetwork(
  text: string,
  { flag, candidates, offers }: Pick<Choice, 'flag' | 'candidates'> & { readonly offers: Offers },
): Candidate {
  const name = namedIn(text, candidates);
  const isIt = (each: Candidate): boolean => each.id === name || each.name === name;
  if (!candidates.some(isIt) && offers.networks.some(isIt)) throw notConnected(name, { flag, candidates });
  return choose(name, { what: 'network', flag, candidates });
}

/** Which network of the target each one of the package is connected to; nothing when the package has none. */
export function networkParams(
  found: readonly OvfParams[],
  { choices, offers, notes }: { readonly choices: Choices; readonly offers: Offers; readonly notes: Notes },
): readonly OvfParams[] {
  const params = findParams(found, 'NetworkMappingParams');
  const sources = params?.sourceNetworks ?? [];
  const names = sources.map(({ name }) => name ?? '');
  const wanted = wantedTargets(choices.networks, { sources: names, notes });
  if (sources.length === 0) return [];
  const candidates = networkCandidates(found, offers);
  const reasons = params?.targetNetworks?.filter(({ accessible }) => accessible === false) ?? [];
  const allowed = candidates.filter(({ id }) => reasons.every((each) => each.id !== id));
  const mapped = sources.map(({ name = '', target: own }) => {
    const text = wanted.get(name) ?? (same(name, allowed) === undefined ? choices.otherNetworks : undefined);
    const flag = `--net "${name}=NAME"`;
    if (text !== undefined)
      return {
        name,
        target: notes.attempt('networks', () => chooseNetwork(text, { flag, candidates, offers }))?.id,
      };
    const target = defaultTarget(name, allowed)?.id ?? (own === '' ? undefined : own);
    if (target === undefined) notes.fail('networks', undecided(name, allowed));
    return { name, target };
  });
  for (const { name, target } of mapped)
    if (reasons.some(({ id }) => id === target))
      notes.fail(
        'networks',
        notAllowed(
          name,
          candidates.find(({ id }) => id === target),
        ),
      );
  return [
    {
      type: 'NetworkMappingParams',
      sourceNetworks: mapped.map(({ name, target }) => ({ name, ...(target === undefined ? {} : { target }) })),
    },
  ];
}
