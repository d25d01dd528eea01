import { setTextChild } from './ovf-edit-content.ts';
import {
  adopt,
  type Draft,
  insertChild,
  insertSection,
  mapChildren,
  refuse,
  replaceElements,
  sectionsIn,
  setAttributes,
} from './ovf-edit-tree.ts';
import { attribute, children, isOvf, readList } from './ovf-element.ts';
import { labelled, ovf, ovfElement } from './ovf-write-element.ts';
import { attributesOf } from './xml-build.ts';
import type { XmlElement } from './xml-tree.ts';

/** What an edit says of a deployment option; what is left out stays, or is the id and nothing for a new one. */
export interface OptionChange {
  readonly id: string;
  readonly label?: string | undefined;
  readonly description?: string | undefined;
}

function sectionOf({ context, root }: Draft): XmlElement | undefined {
  return sectionsIn(context, { parent: root, kind: 'DeploymentOptionSection' })[0];
}

function optionsOf(draft: Draft): readonly XmlElement[] {
  const section = sectionOf(draft);
  return section === undefined ? [] : children(draft.context, section, 'Configuration');
}

function findOption(draft: Draft, id: string): XmlElement | undefined {
  return optionsOf(draft).find((option) => attribute(draft.context, option, 'id') === id);
}

/** Changes the texts of a deployment option, which is added when there is none of that id. */
export function setOption(draft: Draft, { id, label, description }: OptionChange): XmlElement {
  const old = findOption(draft, id);
  if (old === undefined) return addOption(draft, { id, label, description });
  const texts = [
    { name: 'Label', text: label, follows: [] },
    { name: 'Description', text: description, follows: ['Label'] },
  ];
  const change = (option: XmlElement) =>
    texts.reduce(
      (parent, { name, text, follows }) =>
        text === undefined ? parent : setTextChild(draft, { parent, name, text, follows }),
      option,
    );
  return replaceElements(draft.root, { targets: [old], change });
}

function addOption({ context, root }: Draft, { id, label = id, description = '' }: OptionChange): XmlElement {
  const element = ovfElement('Configuration', {
    attributes: attributesOf(ovf, { id }),
    children: [labelled('Label', label), labelled('Description', description)],
  });
  const section = sectionOf({ context, root });
  if (section === undefined) {
    const made = ovfElement('DeploymentOptionSection', { children: [labelled('Info', 'Deployment options'), element] });
    return insertSection(context, { parent: root, section: made });
  }
  const child = adopt(context, { parent: section, element });
  return replaceElements(root, {
    targets: [section],
    change: (parent) => insertChild(parent, { child, goesBefore: (sibling) => isOvf(context, sibling) }),
  });
}

/** Makes an option the one that is taken when nobody chooses. */
export function setDefaultOption(draft: Draft, id: string): XmlElement {
  const { context, root } = draft;
  const chosen = findOption(draft, id);
  if (chosen === undefined) return refuse(`The descriptor has no deployment option ${JSON.stringify(id)}`);
  return replaceElements(root, {
    targets: optionsOf(draft),
    change: (element) => setAttributes(context, { element, values: { default: element === chosen ? true : null } }),
  });
}

/** What belongs to the option alone goes; what belongs to others as well stays with them. */
function withoutOption(
  { context }: Draft,
  { element, id }: { element: XmlElement; id: string },
): XmlElement | undefined {
  const options = isOvf(context, element) ? readList(attribute(context, element, 'configuration')) : [];
  if (options.length === 1 && options[0] === id) return undefined;
  const rest = options.filter((option) => option !== id);
  const kept =
    rest.length === options.length
      ? element
      : setAttributes(context, { element, values: { configuration: rest.join(' ') } });
  return mapChildren(kept, (child) => withoutOption({ context, root: kept }, { element: child, id }));
}

/** Removes an option with the items, properties and values that exist under no other. */
export function removeOption(draft: Draft, id: string): XmlElement {
  const { root } = draft;
  const option = findOption(draft, id);
  if (option === undefined) return refuse(`The descriptor has no deployment option ${JSON.stringify(id)}`);
  const section = sectionOf(draft);
  // a section of options has to have one
  const target = optionsOf(draft).length === 1 && section !== undefined ? section : option;
  const left = replaceElements(root, { targets: [target], change: () => undefined });
  return withoutOption(draft, { element: left, id }) ?? left;
}
