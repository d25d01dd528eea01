import {
  attribute,
  childLabel,
  childMsgid,
  children,
  childText,
  envelope2,
  isOvf,
  isRequired,
  kindOf,
  type ReadContext,
  readBoolean,
} from './ovf-element.ts';
import { readEula, readProduct } from './ovf-product.ts';
import { meaningOf } from './ovf-section-meaning.ts';
import type { Eula, ProductSection, UnknownSection } from './ovf-types.ts';
import { elementsOf, type XmlElement } from './xml-tree.ts';

/** The sections that every level of a descriptor may have. */
export interface CommonSections {
  readonly products: readonly ProductSection[];
  readonly eulas: readonly Eula[];
  readonly annotation?: string | undefined;
  readonly annotationMsgid?: string | undefined;
  readonly sections: readonly UnknownSection[];
}

const handled: ReadonlySet<string> = new Set([
  'References',
  'DiskSection',
  'SharedDiskSection',
  'NetworkSection',
  'DeploymentOptionSection',
  'VirtualHardwareSection',
  'ProductSection',
  'PropertySection',
  'EulaSection',
  'AnnotationSection',
  'OperatingSystemSection',
  'VirtualSystem',
  'VirtualSystemCollection',
  'Strings',
  'Info',
  'Name',
]);

/** OVF's own sections that are kept as they are, and not interpreted. */
const kept: ReadonlySet<string> = new Set([
  'EncryptionSection',
  'NetworkPortProfileSection',
  'VirtualSystemTypeSection',
]);

const inEnvelope: ReadonlySet<string> = new Set(['Envelope']);
const inSystem: ReadonlySet<string> = new Set(['VirtualSystem']);
const inCollection: ReadonlySet<string> = new Set(['VirtualSystemCollection']);

/** Where sections have to stand that mean nothing, or are not read, elsewhere. */
const places: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  ['DiskSection', inEnvelope],
  ['SharedDiskSection', inEnvelope],
  ['NetworkSection', inEnvelope],
  ['DeploymentOptionSection', inEnvelope],
  ['VirtualHardwareSection', inSystem],
  ['OperatingSystemSection', inSystem],
  ['InstallSection', inSystem],
  // XenCenter has it in the envelope
  ['StartupSection', new Set(['VirtualSystemCollection', 'Envelope'])],
  ['ResourceAllocationSection', inCollection],
  ['TagBasedPlacementGroupSection', inEnvelope],
  ['TagBasedPlacementSection', new Set(['VirtualSystem', 'VirtualSystemCollection'])],
]);

/** Writers whose sections are extras for their own platform, and who often forget to say `required="false"`. */
const vendors =
  /^(?:http:\/\/www\.vmware\.com\/|http:\/\/www\.virtualbox\.org\/|http:\/\/(?:www|schemas)\.citrix\.com\/|http:\/\/ganeti|http:\/\/schemas\.dmtf\.org\/wbem\/|urn:undeclared:)/;

function report(
  context: ReadContext,
  { section, isUnderstood }: { readonly section: XmlElement; readonly isUnderstood: boolean },
): void {
  const name = kindOf(section);
  const place = { position: section.position };
  const isOwn = (isOvf(context, section) || section.namespace === envelope2) && kept.has(name);
  const required = readBoolean(attribute(context, section, 'required'));
  const isVendor = vendors.test(section.namespace);
  if (
    (isUnderstood && !(isVendor && required === undefined)) ||
    context.version === 'ovirt' ||
    context.version === 'draft'
  )
    return;
  if (isOwn) {
    context.report('SECTION_KEPT', `${name} is kept as it is, and has no effect here`, place);
    return;
  }
  if (required === false) context.report('SECTION_UNKNOWN', `The section ${name} is not known and not required`, place);
  else if (required === undefined && isVendor) {
    context.report(
      'SECTION_VENDOR_REQUIRED',
      `The vendor's section ${name} does not say that it may be left out`,
      place,
    );
  } else {
    context.report(
      'SECTION_UNKNOWN_REQUIRED',
      `The section ${name} (${section.namespace || 'no namespace'}) is required and not known`,
      place,
    );
  }
}

function checkPlace(
  context: ReadContext,
  { section, parent }: { readonly section: XmlElement; readonly parent: XmlElement },
): void {
  const name = kindOf(section);
  const level = kindOf(parent);
  if (context.version === 'draft' || (places.get(name)?.has(level) ?? true)) return;
  context.report('SECTION_MISPLACED', `${name} has no place in a ${level}`, { position: section.position });
}

function checkInfo(context: ReadContext, section: XmlElement): void {
  const name = kindOf(section);
  if (context.version === 'ovirt') return;
  if (!name.endsWith('Section') || children(context, section, 'Info').length > 0) return;
  const isOptions = name === 'DeploymentOptionSection' && elementsOf(section).length > 0;
  context.report(isOptions ? 'OPTIONS_INFO_MISSING' : 'INFO_MISSING', `${name} has no Info`, {
    position: section.position,
  });
}

function checkProducts(context: ReadContext, sections: readonly XmlElement[]): void {
  const seen = new Set<string>();
  for (const section of sections) {
    const key = JSON.stringify([
      attribute(context, section, 'class') ?? '',
      attribute(context, section, 'instance') ?? '',
    ]);
    if (seen.has(key))
      context.report('PRODUCT_DUPLICATE', 'Two ProductSections have the same class and instance', {
        position: section.position,
      });
    seen.add(key);
  }
}

/** Whether it is read elsewhere, or no section at all. */
export function isHandled(context: ReadContext, child: XmlElement): boolean {
  if (!isOvf(context, child)) return child.name === 'Strings';
  // oVirt puts its own fields beside the sections; they are no sections
  return handled.has(kindOf(child)) || (context.version === 'ovirt' && child.name !== 'Section');
}

function readSection(context: ReadContext, element: XmlElement): UnknownSection {
  const meaning = meaningOf(context, element);
  report(context, { section: element, isUnderstood: meaning !== undefined });
  return {
    name: kindOf(element),
    namespace: element.namespace,
    info: childLabel(context, element, 'Info'),
    required: isRequired(context, element),
    meaning,
    element,
  };
}

/** Reads what is common to envelope, collection and system, and reports what nobody knows. */
export function readSections(context: ReadContext, parent: XmlElement): CommonSections {
  const all = elementsOf(parent);
  const own = all.filter((child) => isOvf(context, child));
  const named = (...kinds: readonly string[]) => own.filter((child) => kinds.includes(kindOf(child)));
  for (const section of all) checkPlace(context, { section, parent });
  for (const section of own) checkInfo(context, section);
  const products = named('ProductSection', 'PropertySection');
  checkProducts(context, products);
  const unknown = all.filter((child) => !isHandled(context, child));
  const sections = unknown.map((element) => readSection(context, element));
  const annotation = named('AnnotationSection')[0];
  return {
    products: products.map((section) => readProduct(context, section)),
    eulas: named('EulaSection').map((section) => readEula(context, section)),
    annotation: annotation === undefined ? undefined : childText(context, annotation, 'Annotation'),
    annotationMsgid: annotation === undefined ? undefined : childMsgid(context, annotation, 'Annotation'),
    sections,
  };
}
