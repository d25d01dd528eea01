import type { Report } from './finding.ts';
import type { OvfVersion } from './ovf-types.ts';
import { readWhole } from './units.ts';
import { elementsOf, textOf, type XmlElement } from './xml-tree.ts';

/** What every part of the descriptor reader needs: which namespaces count as OVF's, and where findings go. */
export interface ReadContext {
  readonly version: OvfVersion;
  readonly namespaces: ReadonlySet<string>;
  readonly report: Report;
}

const xsi = 'http://www.w3.org/2001/XMLSchema-instance';
const draftType = 'http://www.w3.org/2001/XMLSchema';
/** VMware's own elements and attributes, 0.9 to today. */
export const vmwareNamespaces: ReadonlySet<string> = new Set([
  'http://www.vmware.com/schema/ovf',
  'http://www.vmware.com/schema/ovf/1/vmware',
  'urn:undeclared:vmw',
]);

/** White space collapsed, as for a name or label. */
export function collapse(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim();
}

/**
 * An OVF attribute. Several writers leave the prefix out, so an attribute without one counts when there is no
 * qualified one.
 */
export function attribute(context: ReadContext, element: XmlElement, name: string): string | undefined {
  let plain: string | undefined;
  for (const { name: own, prefix, namespace, value } of element.attributes) {
    if (own !== name) continue;
    if (prefix === '') plain = value;
    else if (context.namespaces.has(namespace)) return value;
  }
  return plain;
}

/** A foreign attribute by its local name, from any of `namespaces`. */
export function foreignAttribute(
  element: XmlElement,
  name: string,
  namespaces: ReadonlySet<string>,
): string | undefined {
  return element.attributes.find((candidate) => candidate.name === name && namespaces.has(candidate.namespace))?.value;
}

/** OVF 2.x's namespace: its sections and attributes occur in 1.x documents, too. */
export const envelope2 = 'http://schemas.dmtf.org/ovf/envelope/2';

/** An attribute of OVF, of OVF 2.x in a document of 1.x, or of VMware. */
export function anyAttribute(context: ReadContext, element: XmlElement, name: string): string | undefined {
  return (
    attribute(context, element, name) ??
    foreignAttribute(element, name, new Set([envelope2])) ??
    foreignAttribute(element, name, vmwareNamespaces)
  );
}

/** Whether the element is in the envelope's namespace, or one that stands for it in this dialect. */
export function isOvf(context: ReadContext, element: XmlElement): boolean {
  return context.namespaces.has(element.namespace);
}

/** OVF children called `name`, in order. */
export function children(context: ReadContext, element: XmlElement, name: string): readonly XmlElement[] {
  return elementsOf(element).filter((child) => child.name === name && isOvf(context, child));
}

/** The first of {@link children}, found without a list of all: every text of a descriptor is looked up so. */
function firstChild(context: ReadContext, element: XmlElement, name: string): XmlElement | undefined {
  for (const child of element.children) {
    if (child.kind === 'element' && child.name === name && isOvf(context, child)) return child;
  }
  return undefined;
}

/** The text of the first OVF child called `name`, as written; undefined when there is none. */
export function childText(context: ReadContext, element: XmlElement, name: string): string | undefined {
  const child = firstChild(context, element, name);
  return child === undefined ? undefined : textOf(child);
}

/** As {@link childText}, white space collapsed. */
export function childLabel(context: ReadContext, element: XmlElement, name: string): string | undefined {
  const text = childText(context, element, name);
  return text === undefined ? undefined : collapse(text);
}

/** The message id on the first OVF child called `name`. */
export function childMsgid(context: ReadContext, element: XmlElement, name: string): string | undefined {
  const child = firstChild(context, element, name);
  return child === undefined ? undefined : attribute(context, child, 'msgid');
}

/** XML Schema's booleans; anything else is undefined. */
export function readBoolean(text: string | undefined): boolean | undefined {
  const plain = text?.trim().toLowerCase();
  if (plain === 'true' || plain === '1') return true;
  if (plain === 'false' || plain === '0') return false;
  return undefined;
}

/** Space-separated words. */
export function readList(text: string | undefined): readonly string[] {
  return (text ?? '').split(/\s+/).filter((word) => word !== '');
}

/**
 * What a section or content element is: in 0.9 and before, `Section` and `Content` say it in `xsi:type`
 * (`ovf:DiskSection_Type`), in the first drafts in `xs:name`.
 */
export function kindOf(element: XmlElement): string {
  if (element.name !== 'Section' && element.name !== 'Content') return element.name;
  const typed =
    element.attributes.find(
      ({ namespace, name }) => name === 'type' && (namespace === xsi || namespace === draftType),
    ) ?? element.attributes.find(({ namespace, name }) => name === 'name' && namespace === draftType);
  const type = typed?.value ?? element.name;
  return type
    .slice(type.indexOf(':') + 1)
    .trim()
    .replace(/_Type$/, '');
}

/** Whether a reader that does not know the element must refuse the package: the default is yes. */
export function isRequired(context: ReadContext, element: XmlElement): boolean {
  return readBoolean(attribute(context, element, 'required')) ?? true;
}

/** A whole number of 0 or more; what is none becomes a finding and undefined, never a rounded value. */
export function readNumber(
  context: ReadContext,
  {
    text,
    what,
    element,
  }: {
    readonly text: string | undefined;
    readonly what: string;
    readonly element: XmlElement;
  },
): number | undefined {
  if (text === undefined || text.trim() === '') return undefined;
  const value = readWhole(text);
  if (value !== undefined) return value;
  const plain = text.trim();
  const place = { position: element.position };
  if (/^-[0-9]+$/.test(plain) && Number.isSafeInteger(Number(plain))) {
    context.report('NUMBER_NEGATIVE', `${what} is negative (${plain}) and is ignored`, place);
  } else if (/^[+-]?[0-9]+$/.test(plain)) {
    context.report('NUMBER_OUT_OF_RANGE', `${what} is out of range: ${plain}`, place);
  } else {
    context.report('NUMBER_INVALID', `${what} is not a whole number: ${JSON.stringify(plain)}`, place);
  }
  return undefined;
}

/** The order of CIM's elements: that of their names, whatever language is spoken. */
export function byName(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
