// <Environment xmlns="http://schemas.dmtf.org/ovf/environment/1" xmlns:oe="http://schemas.dmtf.org/ovf/environment/1" oe:id="vm">
//   <PlatformSection><Kind>VMware ESXi</Kind><Vendor>VMware, Inc.</Vendor></PlatformSection>
//   <PropertySection><Property oe:key="app.hostname" oe:value="web01"/></PropertySection>
// </Environment>
import { attributesOf, build } from './xml-build.ts';
import type { XmlElement } from './xml-tree.ts';
import { writeXml } from './xml-write.ts';

/** What a guest is told of its deployment (DSP0243, 11). */
export interface OvfEnvironment {
  /** Of the VirtualSystem. */
  readonly id: string;
  readonly platform: { readonly kind: string; readonly vendor: string };
  /** By `[class.]key[.instance]`. */
  readonly properties: readonly { readonly key: string; readonly value: string }[];
}

const namespace = 'http://schemas.dmtf.org/ovf/environment/1';
const oe = { prefix: 'oe', namespace };

const element = (name: string, parts: Parameters<typeof build>[2]): XmlElement =>
  build({ prefix: '', namespace }, name, parts);

const labelled = (name: string, text: string): XmlElement => element(name, { children: [{ kind: 'text', text }] });

/** The environment document of a virtual machine. @throws PackageError VALUE_INVALID for text that XML cannot hold */
export function writeEnvironment({ id, platform, properties }: OvfEnvironment): string {
  const platformSection = element('PlatformSection', {
    children: [labelled('Kind', platform.kind), labelled('Vendor', platform.vendor)],
  });
  const propertySection = element('PropertySection', {
    children: properties.map(({ key, value }) => element('Property', { attributes: attributesOf(oe, { key, value }) })),
  });
  return writeXml(
    element('Environment', {
      namespaces: [{ prefix: '', namespace }, oe],
      attributes: attributesOf(oe, { id }),
      children: properties.length === 0 ? [platformSection] : [platformSection, propertySection],
    }),
  );
}
