import { elementsOf, textOf, type XmlAttribute, type XmlElement, type XmlNode } from '@ovfkit/package-format';
import { managedObject, type VimObject, type VimValue } from './vim-value.ts';

// A sample, a method's argument:
//   <spec xsi:type="VirtualMachineConfigSpec">
//     <annotation>one</annotation>
//     <extraConfig xsi:type="OptionValue"><key>a</key><value xsi:type="xsd:string">b</value></extraConfig>
//     <extraConfig xsi:type="OptionValue">…</extraConfig>
//   </spec>
//   <folder type="Folder">group-v3</folder>

/** Of everything in vim25. */
export const vimNamespace = 'urn:vim25';
const xsi = 'http://www.w3.org/2001/XMLSchema-instance';

/** Types that XML Schema names, and not vim25; in a place for any type they are boxed. */
const plainTypes = [
  'string',
  'boolean',
  'byte',
  'short',
  'int',
  'long',
  'float',
  'double',
  'dateTime',
  'anyURI',
  'base64Binary',
];

/** How the items of `ArrayOf…` are called: by their type, which XML Schema writes small. */
function itemNameOf(arrayType: string): string {
  const item = arrayType.slice('ArrayOf'.length);
  const plain = plainTypes.find((each) => each.toLowerCase() === item.toLowerCase());
  return plain ?? item;
}

const typed = (typeName: string): XmlAttribute => ({
  prefix: 'xsi',
  namespace: xsi,
  name: 'type',
  value: plainTypes.includes(typeName) ? `xsd:${typeName}` : typeName,
});

interface Content {
  readonly attributes?: readonly XmlAttribute[];
  readonly children?: readonly XmlNode[];
}

/** An element of vim25. A position in a line keeps the writer from laying it out in lines. */
export const vimElement = (name: string, { attributes = [], children = [] }: Content): XmlElement => ({
  kind: 'element',
  prefix: '',
  namespace: vimNamespace,
  name,
  attributes,
  namespaces: [],
  children,
  position: { line: 1, column: 1, offset: 0 },
});

/** The elements that say `value` under `name`: one, or one for each item of a list. */
export function valueToXml(name: string, value: VimValue | undefined): readonly XmlElement[] {
  if (value === undefined) return [];
  if (isList(value)) return value.flatMap((item) => valueToXml(name, item));
  if (typeof value !== 'object') return [vimElement(name, { children: [{ kind: 'text', text: String(value) }] })];
  return [objectToXml(name, value)];
}

function objectToXml(name: string, { _typeName: type, ...fields }: VimObject): XmlElement {
  const attributes = typeof type === 'string' ? [typed(type)] : [];
  if (type === 'ManagedObjectReference') return referenceToXml(name, { attributes, fields });
  const { _value: inner } = fields;
  if (inner === undefined) return vimElement(name, { attributes, children: fieldsToXml(fields) });
  if (typeof type === 'string' && type.startsWith('ArrayOf'))
    return vimElement(name, { attributes, children: valueToXml(itemNameOf(type), inner) });
  return vimElement(name, { attributes, children: [{ kind: 'text', text: String(inner) }] });
}

/** The fields of an object, in their order. */
export const fieldsToXml = (fields: VimObject): readonly XmlElement[] =>
  Object.entries(fields).flatMap(([field, value]) => valueToXml(field, value));

function referenceToXml(
  name: string,
  { attributes, fields }: { readonly attributes: readonly XmlAttribute[]; readonly fields: VimObject },
): XmlElement {
  const { type, value } = fields;
  return vimElement(name, {
    attributes: [{ prefix: '', namespace: '', name: 'type', value: String(type) }, ...attributes],
    children: [{ kind: 'text', text: String(value) }],
  });
}

/** The type an element says it has: vim25's, or XML Schema's without the prefix. */
export function typeNameOf({ attributes }: XmlElement): string | undefined {
  const value = attributes.find(({ name, namespace }) => name === 'type' && namespace === xsi)?.value;
  return value?.slice(value.indexOf(':') + 1).trim();
}

/**
 * A value by what its element alone says, so that {@link valueToXml} writes it again as it was. Only where the wire names a type is
 * it more than text.
 */
export function valueFromXml(element: XmlElement): VimValue {
  const type = typeNameOf(element);
  const children = elementsOf(element);
  const target = element.attributes.find(({ name, namespace }) => name === 'type' && namespace === '')?.value;
  if (target !== undefined && children.length === 0) return managedObject(target, textOf(element));
  if (type?.startsWith('ArrayOf')) return { _typeName: type, _value: children.map(valueFromXml) };
  if (children.length > 0) return { ...(type === undefined ? {} : { _typeName: type }), ...fieldsFromXml(children) };
  const content = textOf(element);
  if (type === undefined) return content;
  if (plainTypes.includes(type)) return { _typeName: type, _value: plainValue(type, content) };
  return content.trim() === '' ? { _typeName: type } : { _typeName: type, _value: content };
}

function fieldsFromXml(children: readonly XmlElement[]): VimObject {
  return Object.fromEntries(
    [...byName(children)].map(([name, elements]) => {
      const values = elements.map(valueFromXml);
      return [name, values.length === 1 && values[0] !== undefined ? values[0] : values];
    }),
  );
}

/** Child elements by their names, in the order each name comes first. */
export function byName(elements: readonly XmlElement[]): ReadonlyMap<string, readonly XmlElement[]> {
  const groups = new Map<string, XmlElement[]>();
  for (const element of elements) {
    const known = groups.get(element.name);
    if (known === undefined) groups.set(element.name, [element]);
    else known.push(element);
  }
  return groups;
}

function plainValue(type: string, content: string): VimValue {
  if (type === 'boolean') return content.trim() === 'true' || content.trim() === '1';
  const isNumber = ['byte', 'short', 'int', 'long'].includes(type) && /^\s*[-+]?\d+\s*$/.test(content);
  if (!isNumber) return content;
  return Number.isSafeInteger(Number(content)) ? Number(content) : BigInt(content.trim());
}

const isList = (value: VimValue): value is readonly VimValue[] => Array.isArray(value);
