import { findParams, type OvfParams } from '@ovfkit/domain';
import {
  type Content,
  type Descriptor,
  type EnvironmentProperty,
  type ProductSection,
  writeEnvironment,
} from '@ovfkit/package-format';
import { CliError } from '../errors.ts';
import type { Choices } from './choices.ts';
import { fullKey } from './properties.ts';

/** Where guests look for their environment when no vCenter gives it to them. */
const environmentKey = 'guestinfo.ovfEnv';

const platform = { kind: 'VMware ESXi', vendor: 'VMware, Inc.' };

interface Telling {
  readonly choices: Choices;
  /** As they are chosen. */
  readonly properties: readonly OvfParams[];
  /** Of the package; nothing of one that is not read here. */
  readonly descriptor: Descriptor | undefined;
}

/**
 * The environment of each guest as extra configuration, with the properties as they are chosen; nothing unless it is asked for.
 * @throws CliError for a vApp that is not read here: which property is whose is in its descriptor
 */
export function environmentParams(
  found: readonly OvfParams[],
  { choices, properties, descriptor }: Telling,
): readonly OvfParams[] {
  if (choices.environment === undefined) return [];
  const product = findParams(found, 'NameAndProductParams');
  const chosen = (findParams(properties, 'PropertyParams')?.properties ?? []).map((property) => ({
    key: fullKey(property),
    value: property.value ?? '',
  }));
  if (product?.virtualApp !== true) {
    const value = writeEnvironment({ id: choices.name ?? product?.name ?? '', platform, properties: chosen });
    return [{ type: 'ExtraConfigParams', extraConfigs: [{ key: environmentKey, value }] }];
  }
  if (descriptor === undefined)
    throw new CliError('usage', '--inject-ovf-env needs the descriptor of a vApp, which is not read here', {
      hint: 'Import the package from a file, or leave it out: a vCenter tells the machines of a vApp itself.',
    });
  const values = new Map(chosen.map(({ key, value }) => [key, value]));
  const outer = propertiesOf(descriptor.products, values);
  return [{ type: 'ExtraConfigParams', extraConfigs: configsOf(descriptor.content, { outer, beside: [], values }) }];
}

interface Around {
  /** Properties of the collections that a system is in, which are its own as well (DSP0243, 11). */
  readonly outer: readonly EnvironmentProperty[];
  readonly beside: readonly Content[];
  /** Chosen, by full key. */
  readonly values: ReadonlyMap<string, string>;
}

interface Config {
  readonly key: string;
  readonly value: string;
  readonly virtualSystemId: string;
}

function configsOf(content: Content, { outer, beside, values }: Around): readonly Config[] {
  const properties = [...outer, ...propertiesOf(content.products, values)];
  if (content.kind === 'VirtualSystemCollection')
    return content.children.flatMap((child) =>
      configsOf(child, { outer: properties, beside: content.children.filter((each) => each !== child), values }),
    );
  const entities = beside.map(({ id, products }) => ({ id, properties: propertiesOf(products, values) }));
  const value = writeEnvironment({ id: content.id, platform, properties, entities });
  return [{ key: environmentKey, value, virtualSystemId: content.id }];
}

/** What nobody may choose has the value that the package gives it. */
const propertiesOf = (
  products: readonly ProductSection[],
  values: ReadonlyMap<string, string>,
): readonly EnvironmentProperty[] =>
  products.flatMap(({ class: classId, instance: instanceId, properties }) =>
    properties.map(({ key: id, value = '' }) => {
      const key = fullKey({ id, ...(classId === undefined ? {} : { classId }), ...(instanceId ? { instanceId } : {}) });
      return { key, value: values.get(key) ?? value };
    }),
  );
