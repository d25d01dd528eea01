import type { DeploymentOption, Disk, Eula, FileReference, Network, OvfVersion, StringBundle } from './ovf-types.ts';
import {
  annotationElement,
  collectionElement,
  eulaElement,
  productElement,
  systemElement,
  type WritableContent,
  type WritableProduct,
} from './ovf-write-content.ts';
import { labelled, ovf, ovfElement, vocabularies } from './ovf-write-element.ts';
import { sectionElement, type WritableSection } from './ovf-write-section.ts';
import { toOvf2 } from './ovf-write-version.ts';
import { attributesOf } from './xml-build.ts';
import type { XmlElement } from './xml-tree.ts';
import { writeXml } from './xml-write.ts';

/** What a descriptor is written from. A {@link Descriptor} that was read is one. */
export interface WritableEnvelope {
  /** `2.0` writes OVF 2.x, anything else 1.x. */
  readonly version?: OvfVersion | undefined;
  readonly files?: readonly FileReference[];
  readonly disks?: readonly Disk[];
  readonly networks?: readonly Network[];
  readonly deploymentOptions?: readonly DeploymentOption[];
  readonly content: WritableContent;
  readonly bundles?: readonly StringBundle[];
  readonly products?: readonly WritableProduct[];
  readonly eulas?: readonly Partial<Eula>[];
  readonly annotation?: string | undefined;
  readonly annotationMsgid?: string | undefined;
  readonly sections?: readonly WritableSection[];
}

function referencesElement(files: readonly FileReference[]): XmlElement {
  const children = files.map(({ id, href, size, compression, chunkSize }) =>
    ovfElement('File', { attributes: attributesOf(ovf, { id, href, size, compression, chunkSize }) }),
  );
  return ovfElement('References', { children });
}

function diskElement({ shared, ...disk }: Disk): XmlElement {
  const { diskId, capacity, capacityAllocationUnits, fileRef, format, parentRef, populatedSize } = disk;
  const values = { capacity, capacityAllocationUnits, diskId, fileRef, parentRef, format, populatedSize };
  return ovfElement(shared === undefined ? 'Disk' : 'SharedDisk', {
    attributes: attributesOf(ovf, { ...values, readOnly: shared?.readOnly === true ? true : undefined }),
  });
}

function diskSections(disks: readonly Disk[]): readonly XmlElement[] {
  const section = (name: string, info: string, some: readonly Disk[]) =>
    some.length === 0 ? [] : [ovfElement(name, { children: [labelled('Info', info), ...some.map(diskElement)] })];
  return [
    ...section(
      'DiskSection',
      'Virtual disks',
      disks.filter(({ shared }) => shared === undefined),
    ),
    ...section(
      'SharedDiskSection',
      'Shared disks',
      disks.filter(({ shared }) => shared !== undefined),
    ),
  ];
}

function networkSection(networks: readonly Network[]): readonly XmlElement[] {
  if (networks.length === 0) return [];
  const children = networks.map(({ name, description, descriptionMsgid, portProfiles = [] }) =>
    ovfElement('Network', {
      attributes: attributesOf(ovf, { name }),
      children: [
        ...(description === undefined ? [] : [labelled('Description', description, descriptionMsgid)]),
        ...portProfiles.map(({ element }) => element),
      ],
    }),
  );
  return [ovfElement('NetworkSection', { children: [labelled('Info', 'Logical networks'), ...children] })];
}

function optionSection(options: readonly DeploymentOption[]): readonly XmlElement[] {
  if (options.length === 0) return [];
  const children = options.map(({ id, isDefault, label, labelMsgid, description, descriptionMsgid }) =>
    ovfElement('Configuration', {
      attributes: attributesOf(ovf, { id, default: isDefault ? true : undefined }),
      children: [labelled('Label', label, labelMsgid), labelled('Description', description ?? '', descriptionMsgid)],
    }),
  );
  return [ovfElement('DeploymentOptionSection', { children: [labelled('Info', 'Deployment options'), ...children] })];
}

function bundleElement({ locale, fileRef, messages }: StringBundle): XmlElement {
  const xml = { prefix: 'xml', namespace: 'http://www.w3.org/XML/1998/namespace' };
  const texts = [...messages].map(([msgid, text]) => labelled('Msg', text, msgid));
  return ovfElement('Strings', {
    attributes: [...attributesOf(xml, { lang: locale }), ...attributesOf(ovf, { fileRef })],
    // they count before those of the file
    children: texts,
  });
}

/**
 * Writes a descriptor of OVF 1.x or 2.x that validates against DSP8023 1.1.1 or 2.0.1: every section has its Info, the
 * elements of an item are in the schema's order. Texts that are missing but needed are filled in. Sections that were read
 * are written to the letter. Shared disks and some sections exist in 2.x only.
 * @throws PackageError VALUE_INVALID for text that XML cannot hold
 */
export function writeDescriptor(envelope: WritableEnvelope): string {
  const {
    content,
    files = [],
    disks = [],
    networks = [],
    deploymentOptions = [],
    products = [],
    eulas = [],
    bundles = [],
  } = envelope;
  const root = ovfElement('Envelope', {
    namespaces: vocabularies,
    children: [
      referencesElement(files),
      ...diskSections(disks),
      ...networkSection(networks),
      ...optionSection(deploymentOptions),
      ...annotationElement(envelope),
      ...products.map(productElement),
      ...eulas.map(eulaElement),
      ...(envelope.sections ?? []).map(sectionElement),
      content.kind === 'VirtualSystem' ? systemElement(content) : collectionElement(content),
      ...bundles.map(bundleElement),
    ],
  });
  return writeXml(envelope.version === '2.0' ? toOvf2(root) : root);
}
