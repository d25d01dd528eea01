import { findParams, message } from '@ovfkit/domain';
import type { Descriptor, Network, ResolvedPackage } from '@ovfkit/package-format';
import type { Parameter, ParameterContext, Problem } from './parameter.ts';

/** Networks of the target by the names of the package. */
export type ChosenNetworks = ReadonlyMap<string, string>;

/**
 * Every network of the package has to have one of the target's. Where the target has only one, or one of the same name,
 * that is the default.
 */
export function networkMapping(context: ParameterContext): Parameter<ChosenNetworks> {
  const { given, target } = context;
  if (target === undefined) return { params: undefined, problems: [], missing: [], chosen: new Map() };
  const sources = sourceNetworks(context);
  const input = findParams(given, 'NetworkMappingParams')?.sourceNetworks ?? [];
  const allowed = target.networks.filter(({ isForbidden }) => !isForbidden);
  const [only, ...more] = allowed;
  const fallback = (name: string) =>
    allowed.find((each) => each.name === name)?.network ?? (more.length === 0 ? only?.network : undefined);
  const chosen = new Map<string, string>();
  const problems: Problem[] = [];
  const missing: Problem[] = [];
  for (const { name } of sources) {
    const wanted = input.find((each) => each.name === name)?.target ?? fallback(name);
    const found = target.networks.find(({ network }) => network === wanted);
    if (wanted === undefined || wanted === '') missing.push(unmapped(name));
    else if (found === undefined) problems.push(unknownTarget(name, wanted));
    else if (found.isForbidden) problems.push(forbiddenTarget(name, found.name));
    else chosen.set(name, wanted);
  }
  for (const { name = '' } of input)
    if (sources.every((each) => each.name !== name)) problems.push(unknownSource(name, sources));
  return { params: describe(context, { sources, chosen }), problems, missing, chosen };
}

/** Those of the NetworkSection, and those that an adapter names though the section does not. */
function sourceNetworks({
  descriptor,
  resolved,
}: {
  descriptor: Descriptor;
  resolved: ResolvedPackage;
}): readonly Network[] {
  const names = new Map(descriptor.networks.map((network) => [network.name, network]));
  for (const { nics } of resolved.systems)
    for (const { network } of nics)
      if (network !== undefined && !names.has(network)) names.set(network, { name: network });
  return [...names.values()];
}

function describe(
  { target }: ParameterContext,
  { sources, chosen }: { readonly sources: readonly Network[]; readonly chosen: ChosenNetworks },
): Parameter<ChosenNetworks>['params'] {
  if (sources.length === 0) return undefined;
  return {
    type: 'NetworkMappingParams',
    sourceNetworks: sources.map(({ name, description = '' }) => {
      const known = chosen.get(name);
      return { name, description, ...(known === undefined ? {} : { target: known }) };
    }),
    targetNetworks: (target?.networks ?? []).map(({ network, name, isForbidden }) => ({
      id: network,
      name,
      accessible: !isForbidden,
      inaccessibleReasons: isForbidden ? ['NO_ASSIGN_RIGHT'] : [],
    })),
  };
}

const unmapped = (name: string): Problem => ({
  name: 'source_networks',
  value: name,
  message: message('com.ovfkit.params.network_unmapped', 'The network {0} of the package is not mapped.', name),
});

const unknownTarget = (name: string, value: string): Problem => ({
  name: 'source_networks',
  value,
  message: message('com.ovfkit.params.network_unknown', 'There is no network {1} to map {0} to.', name, value),
});

const forbiddenTarget = (name: string, value: string): Problem => ({
  name: 'source_networks',
  value,
  message: message('com.ovfkit.params.network_forbidden', 'This user may not connect {0} to {1}.', name, value),
});

const unknownSource = (name: string, sources: readonly Network[]): Problem => ({
  name: 'source_networks',
  value: name,
  message: message(
    'com.ovfkit.params.source_network_unknown',
    'The package has no network {0}; it has: {1}.',
    name,
    sources.map((each) => each.name).join(', ') || 'none',
  ),
});
