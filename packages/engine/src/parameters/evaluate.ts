import { message, type OvfParams, type OvfWarning, ovfParamsStructures } from '@ovfkit/domain';
import { type Descriptor, type ResolvedPackage, resolveConfiguration } from '@ovfkit/package-format';
import { fileIssue, validation } from '../problem.ts';
import { type ChosenStorage, datastoreMapping } from './datastore-mapping.ts';
import { deploymentOption } from './deployment-option.ts';
import { eula } from './eula.ts';
import { type ChosenExtraConfig, extraConfig } from './extra-config.ts';
import { ipAllocation } from './ip-allocation.ts';
import { type ChosenName, nameAndProduct } from './name-and-product.ts';
import { type ChosenNetworks, networkMapping } from './network-mapping.ts';
import { type Parameter, type Problem, type TargetObjects, told } from './parameter.ts';
import { type ChosenProperties, properties } from './property.ts';
import { scaleOut } from './scale-out.ts';
import { size, unknownSection } from './told-only.ts';

export interface Question {
  readonly descriptor: Descriptor;
  readonly given: readonly OvfParams[];
  readonly target: TargetObjects | undefined;
  readonly locale: string | undefined;
}

/** What an entity is made from. */
export interface Selection {
  readonly resolved: ResolvedPackage;
  readonly name: ChosenName;
  readonly networks: ChosenNetworks;
  readonly storage: ChosenStorage;
  readonly properties: ChosenProperties;
  readonly extraConfig: ChosenExtraConfig;
}

/** Everything about the parameters of a package. */
export interface Evaluation {
  /** What the client may give, with what it gave. */
  readonly parameters: readonly OvfParams[];
  /** With what was given. */
  readonly problems: readonly Problem[];
  /** What was not given and has to be before anything is made. */
  readonly missing: readonly Problem[];
  /** Those of `missing` whose kind of parameter was given, only not in full. */
  readonly incomplete: readonly Problem[];
  readonly warnings: readonly OvfWarning[];
  readonly selection: Selection;
}

/** Reads the parameters that were given, each kind by its own file; nothing is remembered between two calls. */
export function evaluate(question: Question): Evaluation {
  const { descriptor, given, locale } = question;
  const option = deploymentOption(descriptor, { given, locale });
  const values = properties(descriptor, { given, locale, option: option.chosen });
  const resolved = resolveConfiguration(descriptor, { option: option.chosen, properties: values.chosen });
  const context = { ...question, resolved };
  const name = nameAndProduct(context);
  const networks = networkMapping(context);
  const storage = datastoreMapping(context);
  const extra = extraConfig(context);
  const kinds: readonly Parameter<unknown>[] = [
    name,
    ...[option, eula(context), networks, storage, values, extra, ipAllocation(context), scaleOut(context)],
    ...[told(size(context)), told(unknownSection(descriptor))],
  ];
  const isGiven = (params: OvfParams | undefined) => given.some(({ type }) => type === params?.type);
  const unread = given.filter(({ type }) => !readTypes.has(type ?? ''));
  return {
    parameters: [...kinds.map(({ params }) => params).filter((params) => params !== undefined), ...unread],
    problems: kinds.flatMap(({ problems }) => problems),
    missing: kinds.flatMap(({ missing }) => missing),
    incomplete: kinds.flatMap(({ params, missing }) => (isGiven(params) ? missing : [])),
    warnings: unread.map(({ type }) => ignored(type ?? '')),
    selection: {
      resolved,
      name: name.chosen,
      networks: networks.chosen,
      storage: storage.chosen,
      properties: values.chosen,
      extraConfig: extra.chosen,
    },
  };
}

const unreadTypes: ReadonlySet<string> = new Set([
  'VcenterExtensionParams',
  'CertificateParams',
  'StorageMappingParams',
  'VServiceParams',
  'VcenterGuestCustomizationParams',
]);

const readTypes: ReadonlySet<string> = new Set(
  ovfParamsStructures.map(({ shape }) => shape.type.value).filter((type) => !unreadTypes.has(type)),
);

const ignored = (type: string): OvfWarning =>
  validation([fileIssue('', message('com.ovfkit.params.ignored', 'The parameters {0} have no effect here.', type))]);
