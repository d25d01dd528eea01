import type { KeptSection } from '@ovfkit/domain';
import { elementsOf, readXml, type UnknownSection, writeXml, type XmlElement } from '@ovfkit/package-format';

/** OVF 1.x, which every export is. */
const envelope = 'http://schemas.dmtf.org/ovf/envelope/1';

interface Keeping {
  /** What the root of the descriptor is in. */
  readonly namespace: string;
  /** Of what is made of the systems and collections that a section may name. */
  readonly ids: ReadonlyMap<string, readonly string[]>;
}

/** Sections of OVF 1.x, which an export writes in its own words. All others stay in theirs. */
const ofOvf1: ReadonlySet<string> = new Set(['StartupSection', 'InstallSection', 'ResourceAllocationSection']);

/**
 * Sections for an export to write again. Instance counts are not among them, for the instances are there. What is in no namespace belongs
 * to drafts of OVF and is left out.
 */
export function keptSections(sections: readonly UnknownSection[], keeping: Keeping): readonly KeptSection[] {
  return sections
    .filter(({ meaning, namespace }) => meaning?.kind !== 'ScaleOut' && namespace !== '')
    .map((section) => {
      const element = plainElement(section, keeping.namespace);
      return kept(section.meaning?.kind === 'Startup' ? startup(element, keeping) : element);
    });
}

const kept = (element: XmlElement): KeptSection => ({
  tag: `{${element.namespace}}${element.name}`,
  xml: writeXml(element),
});

/** Older OVF says by `xsi:type` what a section is. */
function plainElement({ element, name }: UnknownSection, namespace: string): XmlElement {
  if (element.namespace !== namespace || !ofOvf1.has(name)) return mapped(element, (each) => each);
  const typed = element.attributes.filter((each) => each.name !== 'type');
  const own = mapped({ ...element, name, attributes: typed }, (each) => (each === namespace ? envelope : each));
  const isForeign = (child: XmlElement) => child.namespace !== envelope;
  const content = own.children.filter((child) => child.kind !== 'element' || child.name === 'Item' || isForeign(child));
  const info = elementsOf(own).find((child) => child.name === 'Info' && !isForeign(child));
  return { ...own, children: [info ?? { ...own, name: 'Info', attributes: [], children: [] }, ...content] };
}

/** With other namespaces, and without references to messages. */
function mapped(element: XmlElement, move: (namespace: string) => string): XmlElement {
  const moved = <Named extends { readonly namespace: string }>(each: Named): Named => ({
    ...each,
    namespace: move(each.namespace),
  });
  return {
    ...moved(element),
    attributes: element.attributes.filter(({ name }) => name !== 'msgid').map(moved),
    namespaces: element.namespaces.map(moved),
    children: element.children.map((child) => (child.kind === 'element' ? mapped(child, move) : child)),
  };
}

/** An Item is of a system or of a collection, so it becomes one for each instance of that; the first of an instance counts. */
function startup(section: XmlElement, { ids }: Keeping): XmlElement {
  const seen = new Set<string>();
  const idOf = ({ attributes }: XmlElement) => attributes.find(({ name }) => name === 'id')?.value ?? '';
  const children = section.children.flatMap((child) => {
    if (child.kind !== 'element' || child.name !== 'Item') return [child];
    const instances = (ids.get(idOf(child)) ?? []).filter((id) => !seen.has(id));
    for (const id of instances) seen.add(id);
    return instances.map((id) => ({
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
