import { findParams, type OvfParams } from '@ovfkit/domain';
import { CliError } from '../errors.ts';
import { didYouMean } from '../suggest.ts';
import type { Choices, Offers } from './choices.ts';
import { type Candidate, choose } from './placement.ts';

/** Sources by the name of the target they are given; `--net B` alone is for all, which must be one. */
function wantedTargets(given: readonly string[], sources: readonly string[]): ReadonlyMap<string, string> {
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
    else throw unknownSource(text, sources);
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

/** The only network there is, or the one of the same name. */
function defaultTarget(source: string, candidates: readonly Candidate[]): Candidate | undefined {
  const same = candidates.filter(({ name }) => name === source);
  if (same.length === 1) return same[0];
  return candidates.length === 1 ? candidates[0] : undefined;
}

/**
 * Which network of the target each one of the package is connected to; nothing when the package has none.
 * @throws CliError for unknown names, and for networks that nothing decides
 */
export function networkParams(
  found: readonly OvfParams[],
  { choices, offers }: { readonly choices: Choices; readonly offers: Offers },
): readonly OvfParams[] {
  const params = findParams(found, 'NetworkMappingParams');
  const sources = params?.sourceNetworks ?? [];
  const names = sources.map(({ name }) => name ?? '');
  const wanted = wantedTargets(choices.networks, names);
  if (sources.length === 0) return [];
  const own = (params?.targetNetworks ?? []).flatMap(({ id, name }) =>
    id === undefined ? [] : [{ id, name: name ?? id }],
  );
  const candidates = own.length > 0 ? own : offers.networks;
  const mapped = sources.map((source) => {
    const text = wanted.get(source.name ?? '');
    const target =
      text === undefined
        ? defaultTarget(source.name ?? '', candidates)?.id
        : choose(text, { what: 'network', flag: `--net "${source.name}=NAME"`, candidates }).id;
    return { source, target: target ?? source.target };
  });
  const open = mapped.filter(({ target }) => target === undefined || target === '');
  if (open.length > 0)
    throw new CliError(
      'usage',
      `Nothing says where the network${open.length > 1 ? 's' : ''} ${open.map(({ source }) => source.name).join(', ')} of the package go${open.length > 1 ? '' : 'es'}`,
      {
        details: candidates.slice(0, 20).map(({ id, name }) => `${name} (${id})`),
        hint: `Give --net "${open[0]?.source.name}=NETWORK" for each.`,
      },
    );
  return [
    {
      type: 'NetworkMappingParams',
      sourceNetworks: mapped.map(({ source, target }) => ({
        ...(source.name === undefined ? {} : { name: source.name }),
        ...(target === undefined ? {} : { target }),
      })),
    },
  ];
}
