import { envelope2 } from './ovf-element.ts';
import { attributesOf, build, type Vocabulary } from './xml-build.ts';
import type { XmlAttribute, XmlElement, XmlNamespace, XmlNode } from './xml-tree.ts';

const envelope = 'http://schemas.dmtf.org/ovf/envelope/1';
const cim = 'http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2';

/** OVF 1.x, as attributes have to be written. */
export const ovf: Vocabulary = { prefix: 'ovf', namespace: envelope };
/** The elements of an Item. */
export const rasd: Vocabulary = { prefix: 'rasd', namespace: `${cim}/CIM_ResourceAllocationSettingData` };
/** The elements of System. */
export const vssd: Vocabulary = { prefix: 'vssd', namespace: `${cim}/CIM_VirtualSystemSettingData` };
/** What a 2.x document has in place of {@link rasd} for adapters. */
export const epasd: Vocabulary = { prefix: 'epasd', namespace: `${cim}/CIM_EthernetPortAllocationSettingData` };
/** What a 2.x document has in place of {@link rasd} for storage. */
export const sasd: Vocabulary = { prefix: 'sasd', namespace: `${cim}/CIM_StorageAllocationSettingData` };
/** The settings of a boot. */
export const bootConfig: Vocabulary = { prefix: 'bootc', namespace: `${cim}/CIM_BootConfigSetting` };
/** One thing to boot from. */
export const bootSource: Vocabulary = { prefix: 'boots', namespace: `${cim}/CIM_BootSourceSetting` };
/** OVF 2.x, some of whose sections may stand in a document of 1.x. */
export const ovf2: Vocabulary = { prefix: 'ovf2', namespace: envelope2 };
/** VMware's extensions. */
export const vmw: Vocabulary = { prefix: 'vmw', namespace: 'http://www.vmware.com/schema/ovf' };

/** All that the root declares; elements of OVF itself are written without a prefix. */
export const vocabularies: readonly XmlNamespace[] = [{ prefix: '', namespace: envelope }, ovf, rasd, vssd, vmw];

/** What an element is made of. */
export interface Parts {
  readonly attributes?: readonly XmlAttribute[];
  readonly children?: readonly XmlNode[];
  readonly namespaces?: readonly XmlNamespace[];
}

/** An element of OVF. */
export function ovfElement(name: string, parts: Parts): XmlElement {
  return build({ prefix: '', namespace: envelope }, name, parts);
}

/** An element of OVF with text, and the id of its message if it has one. */
export function labelled(name: string, text: string, msgid?: string): XmlElement {
  return ovfElement(name, { attributes: attributesOf(ovf, { msgid }), children: textNodes(text) });
}

/** No node for no text. */
export function textNodes(text: string): readonly XmlNode[] {
  return text === '' ? [] : [{ kind: 'text', text }];
}

/** The name of an element and its text; undefined for none. */
export type Field = readonly [string, string | number | boolean | undefined];

/** Elements with text from a list of names and values, in that order; undefined ones are left out. */
export function fields(vocabulary: Vocabulary, values: readonly Field[]): readonly XmlElement[] {
  return values.flatMap(([name, value]) =>
    value === undefined ? [] : [build(vocabulary, name, { children: textNodes(String(value)) })],
  );
}
