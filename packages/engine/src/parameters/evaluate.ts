import {
  type IpAllocation,
  message,
  type OvfParams,
  type OvfWarning,
  ovfParamsStructures,
  type ServiceBinding,
} from '@ovfkit/domain';
import { type Descriptor, type ResolvedPackage, resolveConfiguration } from '@ovfkit/package-format';
import { fileIssue, validation } from '../problem.ts';
import type { Signature } from '../signature.ts';
import { certificate } from './certificate.ts';
import { type ChosenStorage, datastoreMapping } from './datastore-mapping.ts';
import { deploymentOption } from './deployment-option.ts';
import { eula } from './eula.ts';
import { type ChosenExtraConfig, extraConfig } from './extra-config.ts';
import { type ChosenCustomizations, guestCustomization } from './guest-customization.ts';
import { ipAllocation } from './ip-allocation.ts';
import { type ChosenName, nameAndProduct } from './name-and-product.ts';
import { type ChosenNetworks, networkMapping } from './network-mapping.ts';
import { type Parameter, type Problem, type TargetObjects, told } from './parameter.ts';
import { type ChosenProperties, properties } from './property.ts';
import { type ChosenInstances, scaleOut } from './scale-out.ts';
import { size, unknownSection } from './told-only.ts';
import { vcenterExtension, vService } from './vservice.ts';

export interface Question {
  /** With its texts in the language of the caller. */
  readonly descriptor: Descriptor;
  readonly given: readonly OvfParams[];
  readonly target: TargetObjects | undefined;
  /** Of the package; absent while none is here. */
  readonly signature?: Signature | undefined;
}

/** What an entity is made from. */
export interface Selection {
  readonly resolved: ResolvedPackage;
  readonly name: ChosenName;
  readonly networks: ChosenNetworks;
  readonly storage: ChosenStorage;
  readonly properties: ChosenProperties;
  readonly extraConfig: ChosenExtraConfig;
  readonly ipAllocation: IpAllocation | undefined;
  readonly instances: ChosenInstances;
  readonly customizations: ChosenCustomizations;
  readonly extensionAccepted: boolean | undefined;
  readonly services: readonly ServiceBinding[];
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
  const { descriptor, given } = question;
  const option = deploymentOption(descriptor, given);
  const values = properties(descriptor, { given, option: option.chosen });
  const resolved = resolveConfiguration(descriptor, { option: option.chosen, properties: values.chosen });
  const context = { ...question, resolved };
  const name = nameAndProduct(context);
  const networks = networkMapping(context);
  const storage = datastoreMapping(context);
  const extra = extraConfig(context);
  const addresses = ipAllocation(context);
  const instances = scaleOut(context);
  const customizations = guestCustomization(context);
  const extension = vcenterExtension(context);
  const services = vService(context);
  const kinds: readonly Parameter<unknown>[] = [
    ...[name, option, eula(context), networks, storage, values, extra, addresses, instances],
    ...[
      certificate(question.signature, given),
      customizations,
      extension,
      services,
      told(size(context)),
      told(unknownSection(descriptor)),
    ],
  ];
  return {
    ...collect(kinds, given),
    selection: {
      resolved,
      name: name.chosen,
      networks: networks.chosen,
      storage: storage.chosen,
      properties: values.chosen,
      extraConfig: extra.chosen,
      ipAllocation: addresses.chosen,
      instances: instances.chosen,
      customizations: customizations.chosen,
      extensionAccepted: extension.chosen,
      services: services.chosen,
    },
  };
}

function collect(kinds: readonly Parameter<unknown>[], given: readonly OvfParams[]): Omit<Evaluation, 'selection'> {
  const isGiven = (params: OvfParams | undefined) => given.some(({ type }) => type === params?.type);
  const unknown = given.filter(({ type }) => !knownTypes.has(type ?? ''));
  return {
    parameters: [...kinds.map(({ params }) => params).filter((params) => params !== undefined), ...unknown],
    problems: kinds.flatMap(({ problems }) => problems),
    missing: kinds.flatMap(({ missing }) => missing),
    incomplete: kinds.flatMap(({ params, missing }) => (isGiven(params) ? missing : [])),
    warnings: [...kinds.flatMap(({ warnings = [] }) => warnings), ...unknown.map(({ type }) => ignored(type ?? ''))],
  };
}

const knownTypes: ReadonlySet<string> = new Set(ovfParamsStructures.map(({ shape }) => shape.type.value));

const ignored = (type: string): OvfWarning =>
  validation([fileIssue('', message('com.ovfkit.params.ignored', 'The parameters {0} have no effect here.', type))]);
