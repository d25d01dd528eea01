import { findParams, message, type OvfParams } from '@ovfkit/domain';
import { type Descriptor, elementsOf } from '@ovfkit/package-format';
import type { Parameter } from './parameter.ts';

/** Which set of hardware. What was chosen is the option's id; nothing when the package has no options. */
export function deploymentOption(descriptor: Descriptor, given: readonly OvfParams[]): Parameter<string | undefined> {
  const options = descriptor.deploymentOptions;
  const wanted = findParams(given, 'DeploymentOptionParams')?.selectedKey;
  const isKnown = wanted === undefined || wanted === '' || options.some(({ id }) => id === wanted);
  const fallback = options.find(({ isDefault }) => isDefault)?.id;
  const chosen = wanted !== undefined && wanted !== '' && isKnown ? wanted : fallback;
  // what the package does not name as its default is told only when it was asked for (contract, section 9.1)
  const isTold = chosen === wanted || namesDefault(descriptor);
  return {
    params:
      chosen === undefined
        ? undefined
        : {
            type: 'DeploymentOptionParams',
            ...(isTold ? { selectedKey: chosen } : {}),
            deploymentOptions: options.map((each) => ({
              key: each.id,
              label: each.label ?? '',
              description: each.description ?? '',
              defaultChoice: each.isDefault,
            })),
          },
    problems: isKnown
      ? []
      : [
          unknownOption(
            wanted,
            options.map(({ id }) => id),
          ),
        ],
    missing: [],
    chosen,
  };
}

/** Of several options one is marked, or else the first counts as the default. */
const namesDefault = ({ root }: Descriptor): boolean =>
  elementsOf(root)
    .filter(({ name }) => name === 'DeploymentOptionSection')
    .flatMap(elementsOf)
    .some(({ attributes }) => attributes.some(({ name, value }) => name === 'default' && value === 'true'));

const unknownOption = (value: string, known: readonly string[]) => ({
  name: 'selected_key',
  value,
  message: message(
    'com.ovfkit.params.option_unknown',
    'The package has no deployment option {0}; it has: {1}.',
    value,
    known.join(', ') || 'none',
  ),
});
