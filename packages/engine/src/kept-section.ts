import type { KeptSection } from '@ovfkit/domain';
import {
  type Descriptor,
  elementsOf,
  localizeDescriptor,
  readXml,
  type UnknownSection,
  writeXml,
  type XmlElement,
} from '@ovfkit/package-format';
import type { Instances } from './instances.ts';

/** OVF 1.x, which every export is. */
const envelope = 'http://schemas.dmtf.org/ovf/envelope/1';

/** The descriptor whose sections are kept: with its texts in place, since an export has no bundles. */
export const localized = (descriptor: Descriptor, locale: string | undefined): Descriptor =>
  localizeDescriptor(descriptor, locale ?? descriptor.bundles[0]?.locale ?? 'en-US');

interface Keeping {
  /** What the root of the descriptor is in. */
  readonly namespace: string;
  readonly ids: Instances['ids'];
}

/**
 * Sections for an export to write again, given by level, outer ones first: nested collections become one. Instance counts
 * are not among them, for the instances are there. Of the start orders one is made: what an outer one says of a machine counts.
 */
export function keptSections(levels: readonly (readonly UnknownSection[])[], keeping: Keeping): readonly KeptSection[] {
  const all = levels.flat().filter(({ meaning }) => meaning?.kind !== 'ScaleOut');
  const isStartup = ({ meaning }: UnknownSection) => meaning?.kind === 'Startup';
  const others = all.filter((section) => !isStartup(section)).map(({ element }) => element);
  const [first, ...more] = all.filter(isStartup).map(({ element }) => element);
  const items = more.flatMap(elementsOf).filter(({ name }) => name === 'Item');
  const order = first === undefined ? [] : [{ ...first, children: [...first.children, ...items] }];
  return [
    ...others.map((element) => kept(translated(element, keeping.namespace))),
    ...order.map((element) => kept(startup(translated(element, keeping.namespace), keeping))),
  ];
}

const kept = (element: XmlElement): KeptSection => ({
  tag: `{${element.namespace}}${element.name}`,
  xml: writeXml(element),
});

/** In the words of OVF 1.x, and without references to messages. */
function translated(element: XmlElement, namespace: string): XmlElement {
  const move = <Named extends { readonly namespace: string }>(each: Named): Named =>
    each.namespace === namespace ? { ...each, namespace: envelope } : each;
  return {
    ...move(element),
    attributes: element.attributes.filter(({ name }) => name !== 'msgid').map(move),
    namespaces: element.namespaces.map(move),
    children: element.children.map((child) => (child.kind === 'element' ? translated(child, namespace) : child)),
  };
}

/** An Item is of a system or of a collection, so it becomes one for each machine of that; the first of a machine counts. */
function startup(section: XmlElement, { ids }: Keeping): XmlElement {
  const seen = new Set<string>();
  const idOf = ({ attributes }: XmlElement) => attributes.find(({ name }) => name === 'id')?.value ?? '';
  const children = section.children.flatMap((child) => {
    if (child.kind !== 'element' || child.name !== 'Item') return [child];
    const machines = (ids.get(idOf(child)) ?? []).filter((id) => !seen.has(id));
    for (const id of machines) seen.add(id);
    return machines.map((id) => ({
      ...child,
      attributes: child.attributes.map((each) => (each.name === 'id' ? { ...each, value: id } : each)),
    }));
  });
  return { ...section, children };
}

/**
 * A kept section as an element again. References to files follow their names in the package that is written.
 * @param fileIds ids in the package that is written, by those of the one that was imported
 */
export function sectionElement({ xml }: KeptSection, fileIds: ReadonlyMap<string, string>): XmlElement {
  const rename = (element: XmlElement): XmlElement => ({
    ...element,
    attributes: element.attributes.map((each) =>
      each.name === 'fileRef' ? { ...each, value: fileIds.get(each.value) ?? each.value } : each,
    ),
    children: element.children.map((child) => (child.kind === 'element' ? rename(child) : child)),
  });
  return rename(readXml(xml).root);
}
