import { setTextChild } from './ovf-edit-content.ts';
import {
  adopt,
  type Draft,
  findContent,
  findSystems,
  insertSection,
  mapChildren,
  refuse,
  replaceElements,
  sectionsIn,
  setAttributes,
} from './ovf-edit-tree.ts';
import { anyAttribute, kindOf, vmwareNamespaces } from './ovf-element.ts';
import { isHandled } from './ovf-section.ts';
import type { OperatingSystem } from './ovf-types.ts';
import { operatingSystemElement } from './ovf-write-content.ts';
import { vmw } from './ovf-write-element.ts';
import { sectionElement, type WritableMeaning } from './ovf-write-section.ts';
import { attributesOf } from './xml-build.ts';
import { elementsOf, type XmlElement } from './xml-tree.ts';

/** What a section is to say; it is in the content of this id, or the outermost one. */
export interface SectionChange {
  readonly meaning: WritableMeaning;
  readonly info?: string | undefined;
  readonly required?: boolean | undefined;
  readonly system?: string | undefined;
}

/** The sections of a name, and of an id if it is given. */
function sectionsNamed(
  { context }: Draft,
  { parent, name, id }: { readonly parent: XmlElement; readonly name: string; readonly id: string | undefined },
): readonly XmlElement[] {
  return elementsOf(parent).filter(
    (child) =>
      !isHandled(context, child) &&
      kindOf(child) === name &&
      (id === undefined || anyAttribute(context, child, 'id') === id),
  );
}

/** Puts a section in place of the one of its kind, and of its id if it has one, or adds it. */
export function setSection(draft: Draft, { system, ...section }: SectionChange): XmlElement {
  const { context } = draft;
  const made = sectionElement(section);
  const id = 'id' in section.meaning ? section.meaning.id : undefined;
  return replaceElements(draft.root, {
    targets: [findContent(draft, system)],
    change: (parent) => {
      const [old] = sectionsNamed(draft, { parent, name: made.name, id });
      if (old === undefined) return insertSection(context, { parent, section: made });
      const element = adopt(context, { parent, element: made });
      return mapChildren(parent, (child) => (child === old ? element : child));
    },
  });
}

/** Removes the sections of a name that are none of the model's own: `StartupSection`, a vendor's. */
export function removeSection(
  draft: Draft,
  {
    name,
    id,
    system,
  }: { readonly name: string; readonly id?: string | undefined; readonly system?: string | undefined },
): XmlElement {
  const targets = sectionsNamed(draft, { parent: findContent(draft, system), name, id });
  if (targets.length === 0) return refuse(`The content has no section ${JSON.stringify(name)} that can be removed`);
  return replaceElements(draft.root, { targets, change: () => undefined });
}

/** VMware's name of a guest system, where it is said or beside the rest. */
function setOsType(element: XmlElement, osType: string | undefined): XmlElement {
  if (osType === undefined) return element;
  const isType = ({ name, namespace }: XmlElement['attributes'][number]) =>
    name === 'osType' && vmwareNamespaces.has(namespace);
  const attributes = element.attributes.some(isType)
    ? element.attributes.map((each) => (isType(each) ? { ...each, value: osType } : each))
    : [...element.attributes, ...attributesOf(vmw, { osType })];
  return { ...element, attributes };
}

/** Sets what is given of the guest operating system of one machine, or of all. */
export function setOperatingSystem(
  draft: Draft,
  { system, ...values }: OperatingSystem & { readonly system?: string | undefined },
): XmlElement {
  const { context } = draft;
  const { id, version, description, osType } = values;
  const change = (old: XmlElement): XmlElement => {
    const named = setOsType(setAttributes(context, { element: old, values: { id, version } }), osType);
    if (description === undefined) return named;
    return setTextChild(draft, { parent: named, name: 'Description', text: description, follows: ['Info'] });
  };
  return replaceElements(draft.root, {
    targets: findSystems(draft, system),
    change: (parent) => {
      const [old] = sectionsIn(context, { parent, kind: 'OperatingSystemSection' });
      if (old !== undefined) return mapChildren(parent, (child) => (child === old ? change(child) : child));
      return insertSection(context, { parent, section: operatingSystemElement(values) });
    },
  });
}
