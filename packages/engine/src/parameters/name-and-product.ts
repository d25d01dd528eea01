import { findParams, message } from '@ovfkit/domain';
import { productsOf } from '@ovfkit/package-format';
import type { Parameter, ParameterContext, Problem } from './parameter.ts';

/** Name and annotation of what is made: as given, else as the package has them. */
export interface ChosenName {
  readonly name: string;
  readonly annotation: string | undefined;
}

/** vSphere's own limit. */
const longestName = 80;

/** The name that was given, else the package's own. */
export function wantedName({ descriptor, given }: Pick<ParameterContext, 'descriptor' | 'given'>): string {
  const { content } = descriptor;
  const inPackage = content.name ?? productsOf(descriptor)[0]?.product ?? content.id;
  return findParams(given, 'NameAndProductParams')?.name ?? (inPackage === '' ? 'imported' : inPackage);
}

/** Name and annotation, which can be chosen, and what the package says of its product. */
export function nameAndProduct(context: ParameterContext): Parameter<ChosenName> {
  const { descriptor, given, target } = context;
  const input = findParams(given, 'NameAndProductParams');
  const { content } = descriptor;
  const product = productsOf(descriptor)[0];
  const name = wantedName(context);
  const annotation = input?.annotation ?? descriptor.annotation ?? content.annotation;
  const texts = {
    annotation,
    productName: product?.product,
    vendor: product?.vendor,
    version: product?.version,
    fullVersion: product?.fullVersion,
    vendorUrl: product?.vendorUrl,
    productUrl: product?.productUrl,
  };
  const isTaken = target?.takenNames.has(name) ?? false;
  const problems = nameProblems(name);
  const clash = isTaken ? [problem(name, 'The name {0} is taken in the target folder.')] : [];
  return {
    params: {
      type: 'NameAndProductParams',
      name,
      virtualApp: content.kind === 'VirtualSystemCollection',
      ...Object.fromEntries(Object.entries(texts).filter(([, text]) => text !== undefined)),
    },
    problems: input?.name === undefined ? [] : [...problems, ...clash],
    missing: input?.name === undefined ? [...problems, ...clash] : [],
    chosen: { name, annotation },
  };
}

function nameProblems(name: string): readonly Problem[] {
  if (name.trim() === '') return [problem(name, 'The name is empty.')];
  if (name.length > longestName) return [problem(name, 'The name is longer than 80 characters.')];
  return [];
}

const problem = (name: string, text: string): Problem => ({
  name: 'name',
  value: name,
  message: message('com.ovfkit.params.name', text, name),
});
