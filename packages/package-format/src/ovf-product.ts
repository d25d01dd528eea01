// <ProductSection ovf:class="com.example"> <Category>Network</Category>
//   <Property ovf:key="ip" ovf:type="string" ovf:value=""> <Label>Address</Label> <Value ovf:value="x" ovf:configuration="small"/> </Property>
import {
  attribute,
  childLabel,
  childMsgid,
  children,
  childText,
  collapse,
  foreignAttribute,
  isOvf,
  type ReadContext,
  readBoolean,
  readList,
  readNumber,
  vmwareNamespaces,
} from './ovf-element.ts';
import type { Eula, Icon, ProductSection, Property } from './ovf-types.ts';
import { elementsOf, textOf, type XmlElement } from './xml-tree.ts';

const types: ReadonlySet<string> = new Set([
  'uint8',
  'sint8',
  'uint16',
  'sint16',
  'uint32',
  'sint32',
  'uint64',
  'sint64',
  'string',
  'boolean',
  'real32',
  'real64',
]);
const historicTypes = /^(?:int|real|password|expression|ip(?::.*)?|(?:string|int|real|boolean)(?:\[.*\]|\(.*\))?)$/;

function checkType(
  context: ReadContext,
  { type, key, element }: { type: string; key: string; element: XmlElement },
): void {
  if (types.has(type)) return;
  const isHistoric = historicTypes.test(type) || types.has(type.toLowerCase());
  if (isHistoric)
    context.report('PROPERTY_TYPE_HISTORIC', `Property ${key} has the type ${type}, which OVF 1.1 does not know`, {
      position: element.position,
    });
  else
    context.report('PROPERTY_TYPE_UNKNOWN', `Property ${key} has the unknown type ${JSON.stringify(type)}`, {
      position: element.position,
    });
}

function readValues(context: ReadContext, property: XmlElement): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  for (const value of children(context, property, 'Value')) {
    for (const option of readList(attribute(context, value, 'configuration')))
      values.set(option, attribute(context, value, 'value') ?? '');
  }
  return values;
}

function readProperty(
  context: ReadContext,
  { element, category }: { element: XmlElement; category: string | undefined },
): Property {
  const key = attribute(context, element, 'key');
  const place = { position: element.position };
  if (key === undefined || key === '') context.report('PROPERTY_KEY_MISSING', 'A Property has no key', place);
  const type = attribute(context, element, 'type');
  if (type === undefined) context.report('PROPERTY_TYPE_MISSING', `Property ${key ?? ''} has no type`, place);
  else checkType(context, { type, key: key ?? '', element });
  const configurations = attribute(context, element, 'configuration');
  return {
    key: key ?? '',
    type: type ?? 'string',
    qualifiers: attribute(context, element, 'qualifiers'),
    vendorQualifiers: foreignAttribute(element, 'qualifiers', vmwareNamespaces),
    value: attribute(context, element, 'value'),
    valuesByConfiguration: readValues(context, element),
    userConfigurable:
      readBoolean(
        attribute(context, element, 'userConfigurable') ?? attribute(context, element, 'configurableByUser'),
      ) ?? false,
    password: readBoolean(attribute(context, element, 'password')) ?? type === 'password',
    label: childLabel(context, element, 'Label'),
    labelMsgid: childMsgid(context, element, 'Label'),
    description: childText(context, element, 'Description'),
    descriptionMsgid: childMsgid(context, element, 'Description'),
    configurations: configurations === undefined ? undefined : readList(configurations),
    category,
  };
}

/** Whole appliances are full of such keys, so that one finding tells of all. */
function reportKeys(context: ReadContext, section: XmlElement): void {
  const odd = children(context, section, 'Property').filter((property) =>
    /[.:]/.test(attribute(context, property, 'key') ?? ''),
  );
  const [first, second] = odd;
  if (first === undefined) return;
  const more = second === undefined ? '' : ` and ${odd.length - 1} more of its section`;
  const key = attribute(context, first, 'key') ?? '';
  context.report('PROPERTY_KEY_INVALID', `The property key ${key}${more} has a dot or colon, which DSP0243 forbids`, {
    position: first.position,
  });
}

function readIcons(context: ReadContext, section: XmlElement): readonly Icon[] | undefined {
  const icons = children(context, section, 'Icon').map((element): Icon => {
    const number = (name: string) =>
      readNumber(context, { text: attribute(context, element, name), what: `The ${name} of an Icon`, element });
    return {
      fileRef: attribute(context, element, 'fileRef') ?? '',
      mimeType: attribute(context, element, 'mimeType'),
      width: number('width'),
      height: number('height'),
    };
  });
  return icons.length === 0 ? undefined : icons;
}

/** Reads a ProductSection. A Category holds for the properties after it. */
export function readProduct(context: ReadContext, section: XmlElement): ProductSection {
  const categories: string[] = [];
  const properties: Property[] = [];
  const keys = new Set<string>();
  reportKeys(context, section);
  for (const element of elementsOf(section).filter((child) => isOvf(context, child))) {
    if (element.name === 'Category') categories.push(collapse(textOf(element)));
    if (element.name !== 'Property') continue;
    const property = readProperty(context, { element, category: categories.at(-1) });
    const scoped = `${property.key} ${(property.configurations ?? []).join(' ')}`;
    if (keys.has(scoped))
      context.report('PROPERTY_KEY_DUPLICATE', `The property key ${property.key} occurs twice in one ProductSection`, {
        position: element.position,
      });
    keys.add(scoped);
    properties.push(property);
  }
  return {
    class: attribute(context, section, 'class'),
    instance: attribute(context, section, 'instance'),
    info: childLabel(context, section, 'Info') ?? '',
    product: childLabel(context, section, 'Product'),
    vendor: childLabel(context, section, 'Vendor'),
    version: childLabel(context, section, 'Version'),
    fullVersion: childLabel(context, section, 'FullVersion'),
    productUrl: childLabel(context, section, 'ProductUrl'),
    vendorUrl: childLabel(context, section, 'VendorUrl'),
    appUrl: childLabel(context, section, 'AppUrl'),
    icons: readIcons(context, section),
    categories,
    properties,
  };
}

/** Reads an EulaSection. Drafts put several licences in one, which are joined. */
export function readEula(context: ReadContext, section: XmlElement): Eula {
  return {
    info: childLabel(context, section, 'Info') ?? '',
    license: children(context, section, 'License').map(textOf).join('\n'),
    licenseMsgid: childMsgid(context, section, 'License'),
  };
}
