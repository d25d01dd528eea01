import type { InstanceCount, SectionMeaning, StartupItem, Tag } from './ovf-section-types.ts';
import type { UnknownSection } from './ovf-types.ts';
import {
  bootConfig,
  bootSource,
  fields,
  labelled,
  ovf,
  ovf2,
  ovfElement,
  textNodes,
  vmw,
} from './ovf-write-element.ts';
import { itemElement, type WritableItem } from './ovf-write-item.ts';
import { type Attributes, attributesOf, build, type Vocabulary } from './xml-build.ts';
import type { XmlElement } from './xml-tree.ts';

/** What a section is to say. */
export type WritableMeaning =
  | Exclude<SectionMeaning, { readonly kind: 'ResourceAllocation' }>
  | { readonly kind: 'ResourceAllocation'; readonly items: readonly WritableItem[] };

/**
 * A section to write: as it was read, to the letter, or by what it is to say. VMware's are not required unless it is said
 * that they are; those of OVF are unless it is said that they are not.
 */
export type WritableSection =
  | Pick<UnknownSection, 'element'>
  | {
      readonly element?: undefined;
      readonly meaning: WritableMeaning;
      readonly info?: string | undefined;
      readonly required?: boolean | undefined;
    };

/** What a section is made of; the text of its Info when none is given. */
interface SectionParts {
  readonly vocabulary: Vocabulary;
  readonly name: string;
  readonly info: string;
  readonly attributes?: Attributes;
  readonly children?: readonly XmlElement[];
}

type Meaning<Kind extends WritableMeaning['kind']> = Extract<WritableMeaning, { readonly kind: Kind }>;

/** A child with a text in the vocabulary of its section. */
function text(vocabulary: Vocabulary, name: string, value: string | undefined): readonly XmlElement[] {
  return value === undefined ? [] : [build(vocabulary, name, { children: textNodes(value) })];
}

function startup({ items }: Meaning<'Startup'>): SectionParts {
  const element = ({ id, order, startDelay, waitingForGuest, stopDelay, startAction, stopAction }: StartupItem) =>
    ovfElement('Item', {
      attributes: attributesOf(ovf, { id, order, startDelay, waitingForGuest, stopDelay, startAction, stopAction }),
    });
  return { vocabulary: ovf, name: 'StartupSection', info: 'Startup order', children: items.map(element) };
}

function environmentFiles({ transport, files }: Meaning<'EnvironmentFiles'>): SectionParts {
  return {
    vocabulary: ovf2,
    name: 'EnvironmentFilesSection',
    info: 'Files of the environment',
    attributes: { transport: transport.length === 0 ? undefined : transport.join(' ') },
    children: files.map(({ fileRef, path }) =>
      build(ovf2, 'File', { attributes: attributesOf(ovf2, { fileRef, path }) }),
    ),
  };
}

/** CIM asks for an InstanceID and an ElementName everywhere; its elements are in alphabetical order, others after them. */
function bootDevice({ caption, sources }: Meaning<'BootDevice'>): SectionParts {
  const element = ({ instanceId, bootString }: (typeof sources)[number], index: number) =>
    build(bootSource, 'CIM_BootSourceSetting', {
      children: fields(bootSource, [
        ['ElementName', `Boot source ${index + 1}`],
        ['InstanceID', instanceId],
        ['StructuredBootString', bootString],
      ]),
    });
  const settings = fields(bootConfig, [
    ['Caption', caption],
    ['ElementName', caption ?? 'Boot sources'],
    ['InstanceID', 'boot'],
  ]);
  const setting = build(bootConfig, 'CIM_BootConfigSetting', { children: [...settings, ...sources.map(element)] });
  return { vocabulary: ovf2, name: 'BootDeviceSection', info: 'Boot sources', children: [setting] };
}

function scaleOut({ id, description, counts }: Meaning<'ScaleOut'>): SectionParts {
  const element = ({ minimum, default: usual, maximum, configurations }: InstanceCount) => {
    const configuration = configurations.length === 0 ? undefined : configurations.join(' ');
    return build(ovf2, 'InstanceCount', {
      attributes: attributesOf(ovf2, { minimum, default: usual, maximum, configuration }),
    });
  };
  const children = [...text(ovf2, 'Description', description), ...counts.map(element)];
  return { vocabulary: ovf2, name: 'ScaleOutSection', info: 'Number of instances', attributes: { id }, children };
}

function storageGroup({ id, name, description }: Meaning<'StorageGroup'>): SectionParts {
  const children = text(vmw, 'Description', description);
  return { vocabulary: vmw, name: 'StorageGroupSection', info: 'Storage group', attributes: { id, name }, children };
}

function serviceDependency({ id, type, name, description }: Meaning<'ServiceDependency'>): SectionParts {
  const children = [...text(vmw, 'Type', type), ...text(vmw, 'Name', name), ...text(vmw, 'Description', description)];
  return { vocabulary: vmw, name: 'vServiceDependencySection', info: 'Service', attributes: { id }, children };
}

function tagPlacementGroup(meaning: Meaning<'TagPlacementGroup'>): SectionParts {
  const { id, name, priority, description, category, tag } = meaning;
  const element = (called: string, value: Tag | undefined) =>
    value === undefined
      ? []
      : [build(vmw, called, { attributes: attributesOf(vmw, { id: value.id, name: value.name }) })];
  return {
    vocabulary: vmw,
    name: 'TagBasedPlacementGroupSection',
    info: 'Placement by tags',
    attributes: { id, name, priority },
    children: [
      ...text(vmw, 'Description', description),
      ...element('TagCategory', category),
      ...element('TagValue', tag),
    ],
  };
}

function ofOvf(meaning: Exclude<WritableMeaning, VmwareMeaning>): SectionParts {
  switch (meaning.kind) {
    case 'Startup':
      return startup(meaning);
    case 'Install': {
      const { initialBootStopDelay } = meaning;
      return { vocabulary: ovf, name: 'InstallSection', info: 'Installation', attributes: { initialBootStopDelay } };
    }
    case 'ResourceAllocation': {
      const children = meaning.items.map(itemElement);
      return { vocabulary: ovf, name: 'ResourceAllocationSection', info: 'Resources', children };
    }
    case 'EnvironmentFiles':
      return environmentFiles(meaning);
    case 'BootDevice':
      return bootDevice(meaning);
    case 'ScaleOut':
      return scaleOut(meaning);
    case 'PlacementGroup': {
      const { id, policy, description } = meaning;
      const children = text(ovf2, 'Description', description);
      return {
        vocabulary: ovf2,
        name: 'PlacementGroupSection',
        info: 'Placement',
        attributes: { id, policy },
        children,
      };
    }
    case 'Placement': {
      const { group } = meaning;
      return { vocabulary: ovf2, name: 'PlacementSection', info: 'Placement', attributes: { group } };
    }
  }
}

type VmwareMeaning = Meaning<
  | 'IpAssignment'
  | 'BootOrder'
  | 'StorageGroup'
  | 'Storage'
  | 'CpuCompatibility'
  | 'ServiceDependency'
  | 'TagPlacementGroup'
  | 'TagPlacement'
>;

function ofVmware(meaning: VmwareMeaning): SectionParts {
  const vocabulary = vmw;
  switch (meaning.kind) {
    case 'IpAssignment': {
      const attributes = { protocols: meaning.protocols.join(','), schemes: meaning.schemes.join(',') };
      return { vocabulary, name: 'IpAssignmentSection', info: 'IP assignment', attributes };
    }
    case 'BootOrder': {
      const attributes = { instanceId: meaning.instanceId, type: meaning.deviceType };
      return { vocabulary, name: 'BootOrderSection', info: 'Boot device', attributes };
    }
    case 'StorageGroup':
      return storageGroup(meaning);
    case 'Storage':
      return { vocabulary, name: 'StorageSection', info: 'Storage group', attributes: { group: meaning.group } };
    case 'CpuCompatibility': {
      const children = meaning.levels.map((level) =>
        build(vmw, 'Level', { attributes: attributesOf(vmw, Object.fromEntries(level)) }),
      );
      return { vocabulary, name: 'CpuCompatibilitySection', info: 'CPU features', children };
    }
    case 'ServiceDependency':
      return serviceDependency(meaning);
    case 'TagPlacementGroup':
      return tagPlacementGroup(meaning);
    case 'TagPlacement':
      return { vocabulary, name: 'TagBasedPlacementSection', info: 'Placement', attributes: { group: meaning.group } };
  }
}

function partsOf(meaning: WritableMeaning): SectionParts {
  switch (meaning.kind) {
    case 'IpAssignment':
    case 'BootOrder':
    case 'StorageGroup':
    case 'Storage':
    case 'CpuCompatibility':
    case 'ServiceDependency':
    case 'TagPlacementGroup':
    case 'TagPlacement':
      return ofVmware(meaning);
    default:
      return ofOvf(meaning);
  }
}

/** A section, in the namespace that it has in OVF 1.x. */
export function sectionElement(section: WritableSection): XmlElement {
  if (section.element !== undefined) return section.element;
  const { meaning, info, required } = section;
  const { vocabulary, name, info: usual, attributes = {}, children = [] } = partsOf(meaning);
  // what VMware adds is an extra for its own platform
  const stated = vocabulary === vmw ? (required ?? false) : required === false ? false : undefined;
  return build({ ...vocabulary, prefix: vocabulary === ovf ? '' : vocabulary.prefix }, name, {
    attributes: [...attributesOf(ovf, { required: stated }), ...attributesOf(vocabulary, attributes)],
    children: [labelled('Info', info ?? usual), ...children],
  });
}
