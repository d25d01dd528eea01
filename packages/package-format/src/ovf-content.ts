import {
  attribute,
  childLabel,
  foreignAttribute,
  isOvf,
  kindOf,
  type ReadContext,
  readNumber,
  vmwareNamespaces,
} from './ovf-element.ts';
import { readHardware } from './ovf-hardware.ts';
import { readSections } from './ovf-section.ts';
import type { Content, OperatingSystem, VirtualSystem } from './ovf-types.ts';
import { elementsOf, type XmlElement } from './xml-tree.ts';

function isContent(context: ReadContext, element: XmlElement): boolean {
  return isOvf(context, element) && ['VirtualSystem', 'VirtualSystemCollection'].includes(kindOf(element));
}

function readOperatingSystem(context: ReadContext, section: XmlElement): OperatingSystem {
  const id = attribute(context, section, 'id');
  return {
    // oVirt writes a UUID here, which is no number and no fault
    id:
      context.version === 'ovirt'
        ? undefined
        : readNumber(context, { text: id, what: 'The id of the operating system', element: section }),
    version: attribute(context, section, 'version'),
    description: childLabel(context, section, 'Description'),
    osType: foreignAttribute(section, 'osType', vmwareNamespaces),
  };
}

function readSystem(context: ReadContext, element: XmlElement): Omit<VirtualSystem, keyof ReturnType<typeof readBase>> {
  const sections = elementsOf(element).filter((child) => isOvf(context, child));
  const named = (kind: string) => sections.filter((child) => kindOf(child) === kind);
  const [operatingSystem, second] = named('OperatingSystemSection');
  if (second !== undefined)
    context.report('SECTION_DUPLICATE', 'A system has more than one OperatingSystemSection', {
      position: second.position,
    });
  const hardware = named('VirtualHardwareSection');
  if (hardware.length === 0)
    context.report('HARDWARE_MISSING', 'A system has no VirtualHardwareSection', { position: element.position });
  if (hardware.length > 1)
    context.report('HARDWARE_MULTIPLE', 'A system has more than one VirtualHardwareSection; the first is used', {
      position: element.position,
    });
  return {
    kind: 'VirtualSystem',
    operatingSystem: operatingSystem === undefined ? undefined : readOperatingSystem(context, operatingSystem),
    hardware: hardware.map((section) => readHardware(context, section)),
  };
}

function readBase(context: ReadContext, element: XmlElement) {
  const id = attribute(context, element, 'id') ?? '';
  const info = childLabel(context, element, 'Info');
  if (id === '') context.report('SYSTEM_ID_MISSING', `A ${kindOf(element)} has no id`, { position: element.position });
  if (info === undefined && context.version !== 'ovirt')
    context.report('INFO_MISSING', `${kindOf(element)} ${id} has no Info`, { position: element.position });
  return {
    id,
    name: childLabel(context, element, 'Name'),
    info: info ?? '',
    position: element.position,
    ...readSections(context, element),
  };
}

function readContent(context: ReadContext, element: XmlElement): Content {
  const base = readBase(context, element);
  if (kindOf(element) === 'VirtualSystem') return { ...base, ...readSystem(context, element) };
  const children = elementsOf(element).filter((child) => isContent(context, child));
  return { ...base, kind: 'VirtualSystemCollection', children: children.map((child) => readContent(context, child)) };
}

/** The content of the envelope. Exactly one is legal; none becomes an empty collection. */
export function readContents(context: ReadContext, root: XmlElement): Content {
  const [first, second] = elementsOf(root).filter((child) => isContent(context, child));
  if (second !== undefined) {
    context.report('CONTENT_MULTIPLE', 'The Envelope has more than one VirtualSystem or VirtualSystemCollection', {
      position: second.position,
    });
  }
  if (first !== undefined) return readContent(context, first);
  context.report('CONTENT_MISSING', 'The Envelope has no VirtualSystem and no VirtualSystemCollection', {
    position: root.position,
  });
  return {
    kind: 'VirtualSystemCollection',
    id: '',
    info: '',
    products: [],
    eulas: [],
    sections: [],
    children: [],
    position: root.position,
  };
}
