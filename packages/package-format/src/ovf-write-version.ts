import { envelope2 } from './ovf-element.ts';
import { itemNames } from './ovf-hardware.ts';
import { epasd, ovf, ovf2, rasd, sasd, vmw, vssd } from './ovf-write-element.ts';
import type { Vocabulary } from './xml-build.ts';
import { elementsOf, textOf, type XmlElement, type XmlNode } from './xml-tree.ts';

/** Elements of OVF 2.x are written without a prefix, its attributes with the usual one. */
const attributes2: Vocabulary = { prefix: 'ovf', namespace: envelope2 };
const vocabularies2: readonly Vocabulary[] = [
  { prefix: '', namespace: envelope2 },
  attributes2,
  rasd,
  epasd,
  sasd,
  vssd,
  vmw,
];

/** CD and DVD drives, disks, storage extents, logical disks and volumes: what CIM's storage settings are about. */
const storageTypes: ReadonlySet<string> = new Set(['15', '16', '17', '19', '31', '32']);

interface ItemForm {
  readonly name: string;
  readonly vocabulary: Vocabulary;
}

const item: ItemForm = { name: 'Item', vocabulary: rasd };
const ethernet: ItemForm = { name: 'EthernetPortItem', vocabulary: epasd };
const storage: ItemForm = { name: 'StorageItem', vocabulary: sasd };

function formOf(element: XmlElement): ItemForm {
  const type = elementsOf(element).find(
    ({ name, namespace }) => name === 'ResourceType' && namespace === rasd.namespace,
  );
  const text = type === undefined ? '' : textOf(type);
  if (text === '10') return ethernet;
  return storageTypes.has(text) ? storage : item;
}

function convertItem(element: XmlElement): XmlElement {
  const { name, vocabulary } = formOf(element);
  const children = element.children.map((child) =>
    child.kind === 'element' && child.namespace === rasd.namespace ? { ...child, ...vocabulary } : child,
  );
  return { ...element, name, children };
}

/** Items first, then adapters, then storage, each in the order they had. */
function sortItems(children: readonly XmlNode[]): readonly XmlNode[] {
  const rank = (node: XmlNode) => (node.kind === 'element' ? itemNames.indexOf(node.name) : -1);
  const first = children.findIndex((node) => rank(node) >= 0);
  const items = children.filter((node) => rank(node) >= 0);
  const sorted = items.toSorted((a, b) => rank(a) - rank(b));
  return [...children.slice(0, Math.max(0, first)), ...sorted, ...children.slice(Math.max(0, first) + items.length)];
}

/**
 * An element that was built for OVF 1.x, and all in it, in the vocabulary of 2.x, where adapters and storage have items of
 * their own, which stand behind the others.
 */
export function inOvf2(element: XmlElement): XmlElement {
  // a section that was read is written to the letter
  if (element.position.line > 0) return element;
  const isOvf = (namespace: string) => namespace === ovf.namespace || namespace === ovf2.namespace;
  const children = element.children.map((child) => (child.kind === 'element' ? inOvf2(child) : child));
  const hasItems = ['VirtualHardwareSection', 'ResourceAllocationSection'].includes(element.name);
  const converted: XmlElement = {
    ...element,
    ...(isOvf(element.namespace) ? { prefix: '', namespace: envelope2 } : {}),
    attributes: element.attributes.map((each) => (isOvf(each.namespace) ? { ...each, ...attributes2 } : each)),
    children: hasItems ? sortItems(children) : children,
  };
  const isItem =
    converted.name === 'Item' && elementsOf(converted).some(({ namespace }) => namespace === rasd.namespace);
  return isItem ? convertItem(converted) : converted;
}

/** An envelope that was built for OVF 1.x as one of 2.x. */
export function toOvf2(root: XmlElement): XmlElement {
  return { ...inOvf2(root), namespaces: vocabularies2 };
}
