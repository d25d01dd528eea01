import { attribute, isOvf, type ReadContext, readList } from './ovf-element.ts';
import { propertyName, referencesIn } from './ovf-property-resolve.ts';
import { createValueCheck } from './ovf-property-value.ts';
import { readQualifiers } from './ovf-qualifiers.ts';
import type { SectionMeaning } from './ovf-section-types.ts';
import { type Content, contentsOf, type Descriptor, productsOf, type UnknownSection } from './ovf-types.ts';
import { elementsOf, type XmlElement, type XmlPosition } from './xml-tree.ts';

interface SectionCheck {
  readonly context: ReadContext;
  readonly descriptor: Omit<Descriptor, 'findings'>;
  readonly fileIds: ReadonlySet<string>;
  readonly optionIds: ReadonlySet<string>;
}

/** All names of all properties, bare and with class and instance. */
export function propertyNamesOf(descriptor: SectionCheck['descriptor']): ReadonlySet<string> {
  const names = productsOf(descriptor).flatMap((product) =>
    product.properties.flatMap(({ key }) => [key, propertyName(product, key)]),
  );
  return new Set(names);
}

/** The default of a property may be a secret, so that texts do not repeat it. */
function checkValues(
  context: ReadContext,
  {
    property,
    values,
  }: { readonly property: XmlElement; readonly values: readonly { value: string; position: XmlPosition }[] },
): void {
  const text = (name: string) => attribute(context, property, name);
  const key = text('key') ?? '';
  const qualifiers = text('qualifiers');
  if (qualifiers !== undefined && readQualifiers(qualifiers) === undefined)
    context.report('PROPERTY_QUALIFIERS_INVALID', `The qualifiers of property ${key} cannot be read`, {
      position: property.position,
    });
  const check = createValueCheck({ type: text('type') ?? 'string', qualifiers });
  for (const { value, position } of values.filter((each) => each.value !== '')) {
    for (const problem of check(value))
      context.report('PROPERTY_VALUE_INVALID', `The default of property ${key} ${shorten(problem)}`, { position });
  }
}

/** A list of values may be very long. */
function shorten(text: string): string {
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}

function checkProperty(
  { context, optionIds }: SectionCheck,
  { property, names }: { readonly property: XmlElement; readonly names: ReadonlySet<string> },
): void {
  const key = attribute(context, property, 'key') ?? '';
  const own = elementsOf(property).filter((child) => child.name === 'Value' && isOvf(context, child));
  for (const element of [property, ...own]) {
    for (const option of readList(attribute(context, element, 'configuration'))) {
      if (!optionIds.has(option))
        context.report(
          'PROPERTY_CONFIGURATION_UNKNOWN',
          `Property ${key} belongs to the deployment option ${option}, which does not exist`,
          { position: element.position },
        );
    }
  }
  const values = [property, ...own].map((element) => ({
    value: attribute(context, element, 'value') ?? '',
    position: element.position,
  }));
  checkValues(context, { property, values });
  for (const { value, position } of values) {
    const unknown = referencesIn(value).find((name) => !names.has(name));
    if (unknown !== undefined)
      context.report('PROPERTY_REFERENCE_UNKNOWN', `Property ${key} refers to the unknown property ${unknown}`, {
        position,
      });
  }
}

function checkProperties(check: SectionCheck): void {
  const names = propertyNamesOf(check.descriptor);
  const walk = (element: XmlElement): void => {
    for (const child of elementsOf(element)) {
      if (child.name === 'Property' && isOvf(check.context, child)) checkProperty(check, { property: child, names });
      else walk(child);
    }
  };
  walk(check.descriptor.root);
}

interface Named {
  readonly groups: ReadonlySet<string>;
  /** The ids of what a collection holds. */
  readonly members: ReadonlySet<string>;
}

function checkSection(
  { context, fileIds }: SectionCheck,
  { section, groups, members }: Named & { readonly section: UnknownSection },
): void {
  const { meaning, element } = section;
  const place = { position: element.position };
  if (meaning?.kind === 'Startup') {
    for (const { id } of meaning.items.filter((item) => !members.has(item.id)))
      context.report('STARTUP_SYSTEM_UNKNOWN', `StartupSection names ${id}, which its collection does not hold`, place);
  }
  if (meaning?.kind === 'EnvironmentFiles') {
    for (const { fileRef } of meaning.files.filter((file) => !fileIds.has(file.fileRef)))
      context.report(
        'FILE_UNKNOWN',
        `EnvironmentFilesSection refers to the file ${fileRef}, which References does not have`,
        place,
      );
  }
  if ((meaning?.kind === 'Placement' || meaning?.kind === 'TagPlacement') && !groups.has(meaning.group))
    context.report(
      'PLACEMENT_GROUP_UNKNOWN',
      `A system belongs to the placement group ${meaning.group}, which does not exist`,
      place,
    );
}

type Group = Extract<SectionMeaning, { readonly kind: 'PlacementGroup' | 'TagPlacementGroup' }>;

function isGroup(meaning: SectionMeaning | undefined): meaning is Group {
  return meaning?.kind === 'PlacementGroup' || meaning?.kind === 'TagPlacementGroup';
}

/** A group is described once, and an entity belongs to it once. */
function checkRepeats({ context }: SectionCheck, sections: readonly UnknownSection[]): void {
  const seen = new Set<string>();
  for (const { meaning, name, element } of sections) {
    const group = isGroup(meaning) ? meaning.id : meaning?.kind === 'TagPlacement' ? meaning.group : undefined;
    if (group === undefined) continue;
    const key = JSON.stringify([name, group]);
    if (seen.has(key))
      context.report('PLACEMENT_GROUP_DUPLICATE', `${name} names the placement group ${group} once more`, {
        position: element.position,
      });
    seen.add(key);
  }
}

function membersOf(content: Content): ReadonlySet<string> {
  const inner = content.kind === 'VirtualSystemCollection' ? content.children : [];
  return new Set([...inner.map(({ id }) => id), content.id]);
}

/** Checks properties, and the sections that refer to files, systems and groups. */
export function checkSections(check: SectionCheck): void {
  const { descriptor } = check;
  const contents = contentsOf(descriptor.content);
  const all = [...descriptor.sections, ...contents.flatMap(({ sections }) => sections)];
  const groups = new Set(all.flatMap(({ meaning }) => (isGroup(meaning) ? [meaning.id] : [])));
  for (const parts of [all.filter(({ meaning }) => isGroup(meaning)), ...contents.map(({ sections }) => sections)])
    checkRepeats(check, parts);
  const outer = new Set([descriptor.content.id]);
  for (const section of descriptor.sections) checkSection(check, { section, groups, members: outer });
  for (const content of contents) {
    const members = membersOf(content);
    for (const section of content.sections) checkSection(check, { section, groups, members });
  }
  checkProperties(check);
}
