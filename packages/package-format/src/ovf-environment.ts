// <Environment xmlns="http://schemas.dmtf.org/ovf/environment/1" xmlns:oe="http://schemas.dmtf.org/ovf/environment/1" oe:id="vm">
//   <PlatformSection><Kind>VMware ESXi</Kind><Vendor>VMware, Inc.</Vendor></PlatformSection>
//   <PropertySection><Property oe:key="app.hostname" oe:value="web01"/></PropertySection>
//   <Entity oe:id="db"><PropertySection>…</PropertySection></Entity>
// </Environment>
import { attributesOf, build } from './xml-build.ts';
import type { XmlElement } from './xml-tree.ts';
import { writeXml } from './xml-write.ts';

/** What a guest is told of its deployment (DSP0243, 11). */
export interface OvfEnvironment {
  /** Of the VirtualSystem. */
  readonly id: string;
  readonly platform: { readonly kind: string; readonly vendor: string };
  readonly properties: readonly EnvironmentProperty[];
  /** The systems and collections beside it in its collection; none when absent. */
  readonly entities?: readonly EnvironmentEntity[] | undefined;
}

/** `key` is `[class.]key[.instance]`. */
export interface EnvironmentProperty {
  readonly key: string;
  readonly value: string;
}

/** What a guest is told of another one. */
export interface EnvironmentEntity {
  readonly id: string;
  readonly properties: readonly EnvironmentProperty[];
}

const namespace = 'http://schemas.dmtf.org/ovf/environment/1';
const oe = { prefix: 'oe', namespace };

const element = (name: string, parts: Parameters<typeof build>[2]): XmlElement =>
  build({ prefix: '', namespace }, name, parts);

const labelled = (name: string, text: string): XmlElement => element(name, { children: [{ kind: 'text', text }] });

/** The environment document of a virtual machine. @throws PackageError VALUE_INVALID for text that XML cannot hold */
export function writeEnvironment({ id, platform, properties, entities = [] }: OvfEnvironment): string {
  const platformSection = element('PlatformSection', {
    children: [labelled('Kind', platform.kind), labelled('Vendor', platform.vendor)],
  });
  const others = entities.map((entity) =>
    element('Entity', {
      attributes: attributesOf(oe, { id: entity.id }),
      children: propertySections(entity.properties),
    }),
  );
  return writeXml(
    element('Environment', {
      namespaces: [{ prefix: '', namespace }, oe],
      attributes: attributesOf(oe, { id }),
      children: [platformSection, ...propertySections(properties), ...others],
    }),
  );
}

function propertySections(properties: readonly EnvironmentProperty[]): readonly XmlElement[] {
  if (properties.length === 0) return [];
  const children = properties.map(({ key, value }) =>
    element('Property', { attributes: attributesOf(oe, { key, value }) }),
  );
  return [element('PropertySection', { children })];
}
