import {
  type Descriptor,
  eulasOf,
  messageOf,
  type ProductSection,
  type Property,
  productsOf,
} from '@ovfkit/package-format';
import { z } from 'zod';
import { fullPropertyKey } from './govc-options.ts';

const networkSchema = z.object({
  source: z.string().min(1).describe('network of the package'),
  target: z.string().nullable().describe('name or id of a network at the target; null leaves the choice to the target'),
  description: z.string().optional().describe('what the package says about it; ignored'),
});

const propertySchema = z.object({
  key: z.string().min(1).describe('[class.]key[.instance]'),
  value: z.string().nullable().describe('null keeps the default of the package'),
  type: z.string().optional().describe('type of the value; ignored'),
  qualifiers: z.string().optional().describe('what the value has to keep to, such as MinLen(8); ignored'),
  label: z.string().optional().describe('ignored'),
  description: z.string().optional().describe('ignored'),
  password: z.literal(true).optional().describe('the value is a secret; ignored'),
});

/** A deployment spec of ovfkit: what a person fills in, and `ovfkit import --options` reads. */
export const deploymentSpecSchema = z
  .strictObject({
    $schema: z.string().optional(),
    version: z.literal(1).describe('version of this format'),
    name: z.string().min(1).nullable().describe('name of the virtual machine or vApp; null takes that of the package'),
    deploymentOption: z.string().nullable().describe('one of deploymentOptions; null takes the default one'),
    deploymentOptions: z
      .array(z.object({ id: z.string(), label: z.string() }))
      .optional()
      .describe('what there is to choose from; ignored'),
    diskMode: z.enum(['thin', 'thick', 'eagerZeroedThick']).nullable().describe('null leaves it to the target'),
    acceptEula: z.boolean().describe('whether the licences of the package are accepted'),
    eulas: z.number().int().nonnegative().optional().describe('how many licences there are; ignored'),
    annotation: z.string().nullable().describe('null takes that of the package'),
    networks: z.array(networkSchema),
    properties: z.array(propertySchema),
  })
  .describe('Deployment spec of ovfkit');

/** What {@link deploymentSpecSchema} describes. */
export type DeploymentSpec = z.infer<typeof deploymentSpecSchema>;

interface SpecOptions {
  readonly option?: string | undefined;
  readonly properties?: 'settable' | 'all' | undefined;
  readonly locale?: string | undefined;
}

/** The spec for a package, filled with its defaults; a password's default is left out. */
export function deploymentSpec(descriptor: Descriptor, options: SpecOptions = {}): DeploymentSpec {
  const { deploymentOptions, networks } = descriptor;
  const text = (msgid: string | undefined, own: string | undefined): string | undefined =>
    (msgid === undefined ? undefined : messageOf(descriptor, msgid, options.locale)) ?? own;
  const option = options.option ?? deploymentOptions.find(({ isDefault }) => isDefault)?.id ?? null;
  const propertyOf = (section: ProductSection, property: Property): DeploymentSpec['properties'][number] => ({
    key: fullPropertyKey(section, property),
    value: property.password ? null : (property.valuesByConfiguration.get(option ?? '') ?? property.value ?? null),
    type: property.type,
    qualifiers: property.qualifiers,
    label: text(property.labelMsgid, property.label),
    description: text(property.descriptionMsgid, property.description),
    password: property.password ? true : undefined,
  });
  return {
    version: 1,
    name: null,
    deploymentOption: option,
    deploymentOptions: deploymentOptions.map(({ id, label, labelMsgid }) => ({
      id,
      label: text(labelMsgid, label) ?? id,
    })),
    diskMode: null,
    acceptEula: false,
    eulas: eulasOf(descriptor).length,
    annotation: null,
    networks: networks.map(({ name, description, descriptionMsgid }) => ({
      source: name,
      target: null,
      description: text(descriptionMsgid, description),
    })),
    properties: productsOf(descriptor).flatMap((section) =>
      section.properties
        .filter(({ userConfigurable }) => userConfigurable || options.properties === 'all')
        .map((property) => propertyOf(section, property)),
    ),
  };
}
