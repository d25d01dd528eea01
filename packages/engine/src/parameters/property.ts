import { findParams, message, type OvfParams, type OvfWarning, type Property as PropertyInput } from '@ovfkit/domain';
import {
  checkPropertyValue,
  type Descriptor,
  type ProductSection,
  type Property,
  productsOf,
} from '@ovfkit/package-format';
import { fileIssue, validation } from '../problem.ts';
import type { Parameter, Problem } from './parameter.ts';

/** Values that were given and are right, by `[class.]id[.instance]`. */
export type ChosenProperties = ReadonlyMap<string, string>;

export interface PropertyQuestion {
  readonly given: readonly OvfParams[];
  readonly option: string | undefined;
}

interface Named {
  readonly key: string;
  readonly product: ProductSection;
  readonly property: Property;
}

/** `[class.]id[.instance]` (contract, section 9.1). */
export const propertyKey = ({
  classId,
  id,
  instanceId,
}: {
  classId?: string | undefined;
  id: string;
  instanceId?: string | undefined;
}) => [classId, id, instanceId].filter((part) => part !== undefined && part !== '').join('.');

/** The value of a property before anything is given. */
export const defaultValue = (property: Property, option: string | undefined): string | undefined =>
  property.valuesByConfiguration.get(option ?? '') ?? property.value;

/** Properties that the option has. A name that occurs twice cannot be set and is left out (contract, section 9.1). */
export function properties(descriptor: Descriptor, question: PropertyQuestion): Parameter<ChosenProperties> {
  const { given, option } = question;
  const known = namedProperties(descriptor, option);
  const unique = known.filter(({ key }) => known.filter((each) => each.key === key).length === 1);
  const chosen = new Map<string, string>();
  const problems: Problem[] = [];
  for (const input of findParams(given, 'PropertyParams')?.properties ?? []) {
    const found = lookUp(unique, input);
    const problem = found === undefined ? unknownProperty(input) : valueProblem(found, { input, option });
    if (problem !== undefined) problems.push(problem);
    else if (found !== undefined && input.value !== undefined) chosen.set(found.key, input.value);
  }
  const params = unique.map((each) => describe({ ...each, option, chosen }));
  return {
    params: params.length === 0 ? undefined : { type: 'PropertyParams', properties: params },
    problems,
    missing: unique.flatMap((each) => missingValue(each, { option, chosen })),
    warnings: [...new Set(known.filter((each) => !unique.includes(each)).map(({ key }) => key))].map(duplicate),
    chosen,
  };
}

const duplicate = (key: string): OvfWarning =>
  validation([
    fileIssue(
      '',
      message(
        'com.ovfkit.params.property_duplicate',
        'The package has the property {0} twice, so it cannot be set.',
        key,
      ),
    ),
  ]);

function namedProperties(descriptor: Descriptor, option: string | undefined): readonly Named[] {
  return productsOf(descriptor).flatMap((product) =>
    product.properties
      .filter(
        ({ configurations }) =>
          configurations === undefined || (option !== undefined && configurations.includes(option)),
      )
      .map((property) => ({
        key: propertyKey({ classId: product.class, id: property.key, instanceId: product.instance }),
        product,
        property,
      })),
  );
}

/** By its full name; by its bare key too when only one property has it and no class or instance is given. */
function lookUp(known: readonly Named[], input: PropertyInput): Named | undefined {
  const key = propertyKey({ classId: input.classId, id: input.id ?? '', instanceId: input.instanceId });
  const exact = known.find((each) => each.key === key);
  if (exact !== undefined || input.classId || input.instanceId) return exact;
  const bare = known.filter(({ property }) => property.key === input.id);
  return bare.length === 1 ? bare[0] : undefined;
}

function valueProblem(
  { key, property }: Named,
  { input, option }: { readonly input: PropertyInput; readonly option: string | undefined },
): Problem | undefined {
  const { value } = input;
  // a client may send back what it was told
  if (value === undefined || value === (defaultValue(property, option) ?? '')) return undefined;
  const fault = property.userConfigurable ? checkPropertyValue(property, value)[0] : 'cannot be changed by the user';
  return fault === undefined ? undefined : problemOf({ key, property, value, fault });
}

/** A default that breaks the property's own rules, such as none where a length is asked for, has to be replaced. */
function missingValue(
  { key, property }: Named,
  { option, chosen }: { readonly option: string | undefined; readonly chosen: ChosenProperties },
): readonly Problem[] {
  const value = defaultValue(property, option) ?? '';
  if (chosen.has(key) || !property.userConfigurable || value !== '') return [];
  const fault = checkPropertyValue(property, '')[0];
  return fault === undefined ? [] : [problemOf({ key, property, value: '', fault })];
}

function problemOf({
  key,
  property,
  value,
  fault,
}: {
  readonly key: string;
  readonly property: Property;
  readonly value: string;
  readonly fault: string;
}): Problem {
  // a password is not repeated in an error that may be logged
  const shown = property.password ? '' : value;
  const text = message('com.ovfkit.params.property_invalid', 'The value of the property {0} {1}.', key, fault);
  return { name: key, value: shown, message: text };
}

function unknownProperty(input: PropertyInput): Problem {
  const key = propertyKey({ classId: input.classId, id: input.id ?? '', instanceId: input.instanceId });
  return {
    name: key,
    value: '',
    message: message('com.ovfkit.params.property_unknown', 'The package has no property {0} that can be set.', key),
  };
}

function describe({
  key,
  product,
  property,
  chosen,
  option,
}: Named & Pick<PropertyQuestion, 'option'> & { readonly chosen: ChosenProperties }): PropertyInput {
  return {
    classId: product.class ?? '',
    id: property.key,
    instanceId: product.instance ?? '',
    category: property.category ?? '',
    label: property.label ?? '',
    description: property.description ?? '',
    type: property.password && property.type === 'string' ? 'password' : property.type,
    value: chosen.get(key) ?? defaultValue(property, option) ?? '',
    uiOptional: false,
  };
}
