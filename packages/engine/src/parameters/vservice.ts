import { findParams, message, type ServiceBinding } from '@ovfkit/domain';
import type { Descriptor } from '@ovfkit/package-format';
import type { Parameter, ParameterContext, Problem } from './parameter.ts';
import { allSections } from './section.ts';

/** A service of the platform that the package wants to be bound to. */
interface Dependency {
  readonly id: string;
  readonly type: string;
  readonly name: string;
  readonly description: string;
  readonly required: boolean;
}

/** The service by which an appliance registers itself as an extension of vCenter. */
const extensionType = 'com.vmware.vservice.extension';

function dependenciesOf(descriptor: Descriptor): readonly Dependency[] {
  return allSections(descriptor).flatMap(({ meaning, required }) => {
    if (meaning?.kind !== 'ServiceDependency') return [];
    const { id, type, name = '', description = '' } = meaning;
    return [{ id, type, name, description, required }];
  });
}

/** The registration has to be accepted where the package requires it; what is told is never accepted yet. */
export function vcenterExtension({ descriptor, given }: ParameterContext): Parameter<boolean | undefined> {
  const asking = dependenciesOf(descriptor).filter(({ type }) => type === extensionType);
  if (asking.length === 0) return { params: undefined, problems: [], missing: [], chosen: undefined };
  const required = asking.some((each) => each.required);
  const isAccepted = findParams(given, 'VcenterExtensionParams')?.registrationAccepted ?? false;
  return {
    params: { type: 'VcenterExtensionParams', required, registrationAccepted: false },
    problems: [],
    missing: required && !isAccepted ? [notAccepted] : [],
    chosen: isAccepted,
  };
}

const notAccepted: Problem = {
  name: 'registration_accepted',
  value: 'false',
  message: message(
    'com.ovfkit.params.extension_not_accepted',
    'The package has to be allowed to register itself as an extension of vCenter.',
  ),
};

/** No provider is offered here, so what is required cannot be bound and what is not stays unbound. */
export function vService({ descriptor, given }: ParameterContext): Parameter<readonly ServiceBinding[]> {
  const dependencies = dependenciesOf(descriptor).filter(({ type }) => type !== extensionType);
  const input = findParams(given, 'VServiceParams')?.dependencies ?? [];
  const told = dependencies.map((each) => ({ ...each, availableProviders: [] }));
  return {
    params: dependencies.length === 0 ? undefined : { type: 'VServiceParams', dependencies: told },
    problems: [
      ...input.flatMap(({ id = '', selectedProviderKey = '' }) => {
        if (dependencies.every((each) => each.id !== id)) return [unknownDependency(id)];
        return selectedProviderKey === '' ? [] : [unknownProvider(id, selectedProviderKey)];
      }),
      ...dependencies.slice(1).map(({ id }) => oneTooMany(id)),
    ],
    missing: dependencies.filter(({ required }) => required).map(({ id }) => unbound(id)),
    chosen: dependencies.map(({ id, type }) => ({ id, type })),
  };
}

const problem = (
  id: string,
  { id: messageId, text, value = id }: { id: string; text: string; value?: string },
): Problem => ({
  name: `dependencies.${id}`,
  value,
  message: message(messageId, text, id, value),
});

const unknownDependency = (id: string): Problem =>
  problem(id, { id: 'com.ovfkit.params.vservice_unknown', text: 'The package has no vService dependency {0}.' });
const unknownProvider = (id: string, value: string): Problem =>
  problem(id, {
    id: 'com.ovfkit.params.vservice_provider_unknown',
    text: 'There is no vService provider {1} for {0}.',
    value,
  });
const oneTooMany = (id: string): Problem =>
  problem(id, {
    id: 'com.ovfkit.params.vservice_several',
    text: 'Only one vService dependency is supported; {0} is one more.',
  });
const unbound = (id: string): Problem =>
  problem(id, {
    id: 'com.ovfkit.params.vservice_unbound',
    text: 'The package requires the vService {0}, which has no provider here.',
  });
