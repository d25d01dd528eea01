import { findParams, type OvfParams } from '@ovfkit/domain';
import { CliError } from '../errors.ts';
import type { Notes } from '../plan/notes.ts';
import { didYouMean } from '../suggest.ts';
import type { Choices, Offers } from './choices.ts';
import { type Candidate, choose } from './placement.ts';
import { lastOf } from './places.ts';

/** Sources by the name of the target they are given; `--net B` alone is for all, which must be one. */
function wantedTargets(
  given: readonly string[],
  { sources, notes }: { readonly sources: readonly string[]; readonly notes: Notes },
): ReadonlyMap<string, string> {
  const wanted = new Map<string, string>();
  for (const text of given) {
    // a network's name may hold `=`: the longest source that fits is meant
    const source = sources
      .filter((name) => text.startsWith(`${name}=`))
      .toSorted((a, b) => b.length - a.length)
      .at(0);
    const [only, second] = sources;
    if (source !== undefined) wanted.set(source, text.slice(source.length + 1));
    else if (!text.includes('=') && only !== undefined && second === undefined) wanted.set(only, text);
    else notes.fail('networks', unknownSource(text, sources));
  }
  return wanted;
}

function unknownSource(text: string, sources: readonly string[]): CliError {
  const name = text.split('=')[0] ?? text;
  const what = text.includes('=')
    ? `The package has no network ${JSON.stringify(name)}`
    : `${JSON.stringify(text)} does not say which network of the package is meant`;
  return new CliError('usage', what, {
    details: [sources.length === 0 ? 'it has none' : `it has: ${sources.join(', ')}`],
    hint: didYouMean(name, sources) ?? 'Give --net "SOURCE=TARGET".',
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

const undecided = (source: string, candidates: readonly Candidate[]): CliError =>
  new CliError('usage', `Nothing says where the network ${source} of the package goes`, {
    details: candidates.slice(0, 20).map(({ id, name }) => `${name} (${id})`),
    hint: `Give --net "${source}=NETWORK".`,
  });

const notAllowed = (source: string, target: Candidate | undefined): CliError =>
  new CliError('targetRefused', `This user may not connect ${source} to ${target?.name ?? 'the network'}`, {
    hint: 'Choose another network with --net, or ask for the privilege Network.Assign.',
  });

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
  const mapped = sources.map(({ name = '', target: own }) => {
    const text = wanted.get(name) ?? (same(name, candidates) === undefined ? choices.otherNetworks : undefined);
    const flag = `--net "${name}=NAME"`;
    if (text !== undefined)
      return {
        name,
        target: notes.attempt('networks', () =>
          choose(namedIn(text, candidates), { what: 'network', flag, candidates }),
        )?.id,
      };
    const target = defaultTarget(name, candidates)?.id ?? (own === '' ? undefined : own);
    if (target === undefined) notes.fail('networks', undecided(name, candidates));
    return { name, target };
  });
  const reasons = params?.targetNetworks?.filter(({ accessible }) => accessible === false) ?? [];
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
