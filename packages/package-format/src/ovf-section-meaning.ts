// <StartupSection> <Info>…</Info> <Item ovf:id="db" ovf:order="1" ovf:startDelay="30" ovf:waitingForGuest="true"/> </StartupSection>
// <vmw:IpAssignmentSection ovf:required="false" vmw:protocols="IPv4" vmw:schemes="ovfenv,dhcp"> <Info>…</Info> </vmw:IpAssignmentSection>
import {
  anyAttribute,
  collapse,
  envelope2,
  isOvf,
  kindOf,
  type ReadContext,
  readBoolean,
  readList,
  readNumber,
  vmwareNamespaces,
} from './ovf-element.ts';
import { itemNames, readItem } from './ovf-hardware.ts';
import type { InstanceCount, SectionMeaning, StartupItem, Tag } from './ovf-section-types.ts';
import { elementsOf, textOf, type XmlElement } from './xml-tree.ts';

type Reader = (context: ReadContext, section: XmlElement) => SectionMeaning | undefined;

function named(section: XmlElement, name: string): readonly XmlElement[] {
  return elementsOf(section).filter((child) => child.name === name);
}

function labelOf(section: XmlElement, name: string): string | undefined {
  const [child] = named(section, name);
  return child === undefined ? undefined : collapse(textOf(child));
}

function numberIn(context: ReadContext, element: XmlElement, name: string): number | undefined {
  const text = anyAttribute(context, element, name);
  return readNumber(context, { text, what: `The ${name} of ${kindOf(element)}`, element });
}

/** Words separated by spaces or commas. */
function words(text: string | undefined): readonly string[] {
  return readList(text?.replaceAll(',', ' '));
}

function readStartupItem(context: ReadContext, item: XmlElement): StartupItem {
  const text = (name: string) => anyAttribute(context, item, name);
  return {
    id: text('id') ?? '',
    order: numberIn(context, item, 'order') ?? 0,
    startDelay: numberIn(context, item, 'startDelay') ?? 0,
    waitingForGuest: readBoolean(text('waitingForGuest')) ?? false,
    stopDelay: numberIn(context, item, 'stopDelay') ?? 0,
    startAction: text('startAction') ?? 'powerOn',
    stopAction: text('stopAction') ?? 'powerOff',
  };
}

function readInstanceCount(context: ReadContext, element: XmlElement): InstanceCount {
  const count = {
    minimum: numberIn(context, element, 'minimum') ?? 1,
    default: numberIn(context, element, 'default'),
    maximum: numberIn(context, element, 'maximum'),
    configurations: readList(anyAttribute(context, element, 'configuration')),
  };
  const { minimum, default: usual = minimum, maximum = Number.MAX_SAFE_INTEGER } = count;
  if (usual < minimum || usual > maximum)
    context.report('SCALE_OUT_INVALID', `An InstanceCount of ${usual} is outside of ${minimum} to ${maximum}`, {
      position: element.position,
    });
  return count;
}

function tagOf(
  context: ReadContext,
  { section, name }: { readonly section: XmlElement; readonly name: string },
): Tag | undefined {
  const [tag] = named(section, name);
  return tag === undefined
    ? undefined
    : { id: anyAttribute(context, tag, 'id'), name: anyAttribute(context, tag, 'name') };
}

function descendants(element: XmlElement, name: string): readonly XmlElement[] {
  return elementsOf(element).flatMap((child) => (child.name === name ? [child] : descendants(child, name)));
}

const ofOvf: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  [
    'StartupSection',
    (context, section) => ({
      kind: 'Startup',
      items: named(section, 'Item').map((item) => readStartupItem(context, item)),
    }),
  ],
  [
    'InstallSection',
    (context, section) => ({
      kind: 'Install',
      initialBootStopDelay: numberIn(context, section, 'initialBootStopDelay') ?? 0,
    }),
  ],
  [
    'ResourceAllocationSection',
    (context, section) => ({
      kind: 'ResourceAllocation',
      items: elementsOf(section)
        .filter(({ name }) => itemNames.includes(name))
        .map((item) => readItem(context, item)),
    }),
  ],
  [
    'EnvironmentFilesSection',
    (context, section) => ({
      kind: 'EnvironmentFiles',
      transport: readList(anyAttribute(context, section, 'transport')),
      files: named(section, 'File').map((file) => ({
        fileRef: anyAttribute(context, file, 'fileRef') ?? '',
        path: anyAttribute(context, file, 'path') ?? '',
      })),
    }),
  ],
  [
    'BootDeviceSection',
    (_, section) => ({
      kind: 'BootDevice',
      caption: named(section, 'CIM_BootConfigSetting').map((setting) => labelOf(setting, 'Caption'))[0],
      sources: descendants(section, 'CIM_BootSourceSetting').map((source) => ({
        instanceId: labelOf(source, 'InstanceID'),
        bootString: labelOf(source, 'StructuredBootString') ?? labelOf(source, 'BootString'),
      })),
    }),
  ],
  [
    'ScaleOutSection',
    (context, section) => ({
      kind: 'ScaleOut',
      id: anyAttribute(context, section, 'id') ?? '',
      description: labelOf(section, 'Description'),
      counts: named(section, 'InstanceCount').map((count) => readInstanceCount(context, count)),
    }),
  ],
  [
    'PlacementGroupSection',
    (context, section) => ({
      kind: 'PlacementGroup',
      id: anyAttribute(context, section, 'id') ?? '',
      policy: anyAttribute(context, section, 'policy') ?? '',
      description: labelOf(section, 'Description'),
    }),
  ],
  [
    'PlacementSection',
    (context, section) => ({ kind: 'Placement', group: anyAttribute(context, section, 'group') ?? '' }),
  ],
]);

const ofVmware: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  [
    'IpAssignmentSection',
    (context, section) => ({
      kind: 'IpAssignment',
      protocols: words(anyAttribute(context, section, 'protocols')),
      schemes: words(anyAttribute(context, section, 'schemes')),
    }),
  ],
  [
    'BootOrderSection',
    (context, section) => ({
      kind: 'BootOrder',
      deviceType: anyAttribute(context, section, 'type'),
      instanceId: anyAttribute(context, section, 'instanceId'),
    }),
  ],
  [
    'StorageGroupSection',
    (context, section) => ({
      kind: 'StorageGroup',
      id: anyAttribute(context, section, 'id') ?? '',
      name: anyAttribute(context, section, 'name'),
      description: labelOf(section, 'Description'),
    }),
  ],
  ['StorageSection', (context, section) => ({ kind: 'Storage', group: anyAttribute(context, section, 'group') ?? '' })],
  [
    'TagBasedPlacementGroupSection',
    (context, section) => ({
      kind: 'TagPlacementGroup',
      id: anyAttribute(context, section, 'id') ?? '',
      name: anyAttribute(context, section, 'name'),
      priority: numberIn(context, section, 'priority'),
      description: labelOf(section, 'Description'),
      category: tagOf(context, { section, name: 'TagCategory' }),
      tag: tagOf(context, { section, name: 'TagValue' }),
    }),
  ],
  [
    'TagBasedPlacementSection',
    (context, section) => ({ kind: 'TagPlacement', group: anyAttribute(context, section, 'group') ?? '' }),
  ],
  [
    'vServiceDependencySection',
    (context, section) => ({
      kind: 'ServiceDependency',
      id: anyAttribute(context, section, 'id') ?? '',
      type: labelOf(section, 'Type') ?? '',
      name: labelOf(section, 'Name'),
      description: labelOf(section, 'Description'),
    }),
  ],
  [
    'CpuCompatibilitySection',
    (_, section) => ({
      kind: 'CpuCompatibility',
      levels: named(section, 'Level').map(
        ({ attributes }) => new Map(attributes.map(({ name, value }) => [name, value] as const)),
      ),
    }),
  ],
]);

/** What a section says; undefined when this package does not know its kind. */
export function meaningOf(context: ReadContext, section: XmlElement): SectionMeaning | undefined {
  const isStandard = isOvf(context, section) || section.namespace === envelope2;
  const readers = isStandard ? ofOvf : ofVmware;
  const isKnown = isStandard || vmwareNamespaces.has(section.namespace);
  return isKnown ? readers.get(kindOf(section))?.(context, section) : undefined;
}
