import { findParams, type OvfParams } from '@ovfkit/domain';
import { CliError } from '../errors.ts';
import { printable } from '../output/format.ts';
import type { Notes } from '../plan/notes.ts';
import type { Choices } from './choices.ts';

type Services = NonNullable<ReturnType<typeof findParams<'VServiceParams'>>>;
type Dependency = NonNullable<Services['dependencies']>[number];

const inClient = 'Import it with the vSphere Client, where services are bound and extensions accepted.';

/** Nobody accepts here what reaches so far into a vCenter. @throws CliError where a package requires it */
function checkExtension(found: readonly OvfParams[]): void {
  if (findParams(found, 'VcenterExtensionParams')?.required !== true) return;
  throw new CliError('targetRefused', 'The package requires to be registered as an extension of vCenter', {
    hint: inClient,
  });
}

/** The provider that the target has chosen itself, or the only one it has. */
function providerOf({ selectedProviderKey = '', availableProviders = [] }: Dependency): string | undefined {
  if (selectedProviderKey !== '') return selectedProviderKey;
  const [only, second] = availableProviders;
  return second === undefined ? only?.key : undefined;
}

function unbound({ id = '', name = '', availableProviders = [] }: Dependency): CliError {
  const title = printable(name === '' ? id : name);
  const providers = availableProviders.map((each) => printable(each.name ?? each.key ?? ''));
  return new CliError(
    'targetRefused',
    providers.length === 0
      ? `The package requires the vService ${title}, of which the target has no provider`
      : `The package requires the vService ${title}, and nothing says which provider of it`,
    { details: providers, hint: inClient },
  );
}

function serviceParams(found: readonly OvfParams[], notes: Notes): readonly OvfParams[] {
  const dependencies = findParams(found, 'VServiceParams')?.dependencies ?? [];
  const bound = dependencies.flatMap((each) => {
    const provider = providerOf(each);
    if (provider === undefined && each.required === true) notes.fail('package', unbound(each));
    return provider === undefined ? [] : [{ id: each.id ?? '', selectedProviderKey: provider }];
  });
  return bound.length === 0 ? [] : [{ type: 'VServiceParams', dependencies: bound }];
}

/** @throws CliError for parts that are made more than once, where the server that makes them makes each once */
function checkInstances(found: readonly OvfParams[], { via }: Choices): void {
  const groups = findParams(found, 'ScaleOutParams')?.groups ?? [];
  const several = groups.filter(({ instanceCount = 1 }) => instanceCount !== 1);
  if (via !== 'lease' || several.length === 0) return;
  throw new CliError(
    'targetRefused',
    'The package has parts that are made several times, and a lease makes each once',
    {
      details: several.map(({ id = '', instanceCount }) => `${printable(id)}: ${instanceCount} times`),
      hint: 'Import it to an ovfkitd, or to a vCenter by --via session.',
    },
  );
}

/** What a package needs of a vCenter beside machines. What this way cannot do is noted. */
export function servicesParams(
  found: readonly OvfParams[],
  { choices, notes }: { readonly choices: Choices; readonly notes: Notes },
): readonly OvfParams[] {
  notes.attempt('package', () => checkInstances(found, choices));
  notes.attempt('package', () => checkExtension(found));
  return serviceParams(found, notes);
}
