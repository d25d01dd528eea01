import { PackageError } from './errors.ts';
import { attribute, isOvf, kindOf, type ReadContext } from './ovf-element.ts';
import { ovf, ovf2 } from './ovf-write-element.ts';
import { inOvf2 } from './ovf-write-version.ts';
import { elementsOf, type XmlElement, type XmlNode } from './xml-tree.ts';

/** A document being edited. Edits give a new root; elements they do not touch stay the same objects. */
export interface Draft {
  readonly context: ReadContext;
  readonly root: XmlElement;
}

/** Fails: the descriptor does not have what the edit is about, or the edit would break it. */
export function refuse(message: string): never {
  throw new PackageError('EDIT_REFUSED', message);
}

function isBlank(node: XmlNode | undefined): boolean {
  return node?.kind === 'text' && node.text.trim() === '';
}

/** `parent` with other children; one that gives undefined is left out together with the white space before it. */
export function mapChildren(parent: XmlElement, change: (child: XmlElement) => XmlElement | undefined): XmlElement {
  const children: XmlNode[] = [];
  let isChanged = false;
  for (const child of parent.children) {
    const next = child.kind === 'element' ? change(child) : child;
    isChanged ||= next !== child;
    if (next !== undefined) children.push(next);
    else if (isBlank(children.at(-1))) children.pop();
  }
  return isChanged ? { ...parent, children } : parent;
}

/** Gives each of `targets`, wherever it stands at or below `root`, to `change`; undefined removes it. */
export function replaceElements(
  root: XmlElement,
  {
    targets,
    change,
  }: { readonly targets: Iterable<XmlElement>; readonly change: (element: XmlElement) => XmlElement | undefined },
): XmlElement {
  const wanted = new Set(targets);
  const visit = (element: XmlElement): XmlElement | undefined =>
    wanted.has(element) ? change(element) : mapChildren(element, visit);
  return visit(root) ?? root;
}

/** Inserts after the last child that `goesBefore`, else as the first, on a line of its own where its neighbours are. */
export function insertChild(
  parent: XmlElement,
  { child, goesBefore }: { readonly child: XmlElement; readonly goesBefore: (sibling: XmlElement) => boolean },
): XmlElement {
  const { children } = parent;
  const before = children.findLastIndex((node) => node.kind === 'element' && goesBefore(node));
  const first = children.findIndex((node) => node.kind === 'element');
  // without an element there is no line to go by
  const neighbour = before < 0 ? first : before;
  const space = neighbour < 0 ? undefined : children[neighbour - 1];
  const at = before < 0 ? Math.max(0, first) : before + 1;
  const blank = space !== undefined && isBlank(space) ? [space] : [];
  // in front of the first child the white space is there already, and needed again behind
  const inserted = before < 0 ? [child, ...blank] : [...blank, child];
  return { ...parent, children: [...children.slice(0, at), ...inserted, ...children.slice(at)] };
}

/** Sets an OVF attribute where it stands, in the spelling it has there; undefined removes it. */
export function setAttribute(
  context: ReadContext,
  { element, name, value }: { readonly element: XmlElement; readonly name: string; readonly value: string | undefined },
): XmlElement {
  const isOwn = (candidate: XmlElement['attributes'][number]) =>
    candidate.name === name && (candidate.prefix === '' || context.namespaces.has(candidate.namespace));
  const old = element.attributes.find((each) => isOwn(each) && each.prefix !== '') ?? element.attributes.find(isOwn);
  if (old === undefined) {
    if (value === undefined) return element;
    const [namespace = ovf.namespace] = context.namespaces;
    return { ...element, attributes: [...element.attributes, { prefix: ovf.prefix, namespace, name, value }] };
  }
  const attributes = element.attributes.flatMap((each) => {
    if (each !== old) return [each];
    return value === undefined ? [] : [{ ...each, value }];
  });
  return { ...element, attributes };
}

/** Sets several OVF attributes; those given as undefined stay as they are, those given as null are removed. */
export function setAttributes(
  context: ReadContext,
  {
    element,
    values,
  }: {
    readonly element: XmlElement;
    readonly values: Readonly<Record<string, string | number | boolean | undefined | null>>;
  },
): XmlElement {
  return Object.entries(values).reduce((changed, [name, value]) => {
    if (value === undefined) return changed;
    return setAttribute(context, { element: changed, name, value: value === null ? undefined : String(value) });
  }, element);
}

/** With this text only. A message id goes, because its message would stand in the way of the text. */
export function setText(context: ReadContext, { element, text }: { element: XmlElement; text: string }): XmlElement {
  const plain = setAttribute(context, { element, name: 'msgid', value: undefined });
  return { ...plain, children: text === '' ? [] : [{ kind: 'text', text }] };
}

/**
 * An element that was built for OVF 1.x in the vocabulary of this document: that of 2.x if it is of 2.x, its namespace, and
 * the prefix that the children of `parent` have.
 */
export function adopt(
  context: ReadContext,
  { parent, element }: { parent: XmlElement; element: XmlElement },
): XmlElement {
  const { prefix, namespace } = elementsOf(parent).find((child) => isOvf(context, child)) ?? parent;
  const [own = ovf.namespace] = context.namespaces;
  const built = context.version === '2.0' ? ovf2 : ovf;
  const convert = (node: XmlElement): XmlElement => ({
    ...node,
    ...(node.namespace === built.namespace ? { prefix, namespace } : {}),
    attributes: node.attributes.map((each) =>
      each.namespace === built.namespace ? { ...each, namespace: own } : each,
    ),
    children: node.children.map((child) => (child.kind === 'element' ? convert(child) : child)),
  });
  return convert(context.version === '2.0' ? inOvf2(element) : element);
}

/** Whether the element is a VirtualSystem or VirtualSystemCollection. */
export function isContent(context: ReadContext, element: XmlElement): boolean {
  return isOvf(context, element) && ['VirtualSystem', 'VirtualSystemCollection'].includes(kindOf(element));
}

/** Every content element, outer ones first. */
export function contentElements({ context, root }: Draft): readonly XmlElement[] {
  const below = (element: XmlElement): readonly XmlElement[] =>
    elementsOf(element)
      .filter((child) => isContent(context, child))
      .flatMap((child) => [child, ...below(child)]);
  return below(root);
}

/** The content element of this id, or the outermost one when none is named. */
export function findContent(draft: Draft, id: string | undefined): XmlElement {
  const all = contentElements(draft);
  const found = id === undefined ? all[0] : all.find((element) => attribute(draft.context, element, 'id') === id);
  return (
    found ??
    refuse(id === undefined ? 'The descriptor has no system' : `The descriptor has no system ${JSON.stringify(id)}`)
  );
}

/** The virtual machine of this id, or all of them when none is named. */
export function findSystems(draft: Draft, id: string | undefined): readonly XmlElement[] {
  const found = contentElements(draft).filter(
    (element) =>
      kindOf(element) === 'VirtualSystem' && (id === undefined || attribute(draft.context, element, 'id') === id),
  );
  if (found.length > 0) return found;
  return refuse(`The descriptor has no virtual machine${id === undefined ? '' : ` ${JSON.stringify(id)}`}`);
}

/** The sections of a kind directly below `parent`. */
export function sectionsIn(
  context: ReadContext,
  { parent, kind }: { readonly parent: XmlElement; readonly kind: string },
): readonly XmlElement[] {
  return elementsOf(parent).filter((child) => isOvf(context, child) && kindOf(child) === kind);
}

/** Adds a section where the schema has them: before the content and the messages. */
export function insertSection(
  context: ReadContext,
  { parent, section }: { readonly parent: XmlElement; readonly section: XmlElement },
): XmlElement {
  const isBehind = (child: XmlElement) => isContent(context, child) || child.name === 'Strings';
  const firstBehind = elementsOf(parent).findIndex(isBehind);
  const ahead = new Set(firstBehind < 0 ? elementsOf(parent) : elementsOf(parent).slice(0, firstBehind));
  const child = adopt(context, { parent, element: section });
  return insertChild(parent, { child, goesBefore: (sibling) => ahead.has(sibling) });
}
