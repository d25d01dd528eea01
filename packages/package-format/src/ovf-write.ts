import type {
  DeploymentOption,
  Disk,
  Eula,
  FileReference,
  Network,
  StringBundle,
  UnknownSection,
} from './ovf-types.ts';
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
import { attributesOf } from './xml-build.ts';
import type { XmlElement } from './xml-tree.ts';
import { writeXml } from './xml-write.ts';

/** What a descriptor is written from. A {@link Descriptor} that was read is one. */
export interface WritableEnvelope {
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
  /** Written as they are. */
  readonly sections?: readonly Pick<UnknownSection, 'element'>[];
}

function referencesElement(files: readonly FileReference[]): XmlElement {
  const children = files.map(({ id, href, size, compression, chunkSize }) =>
    ovfElement('File', { attributes: attributesOf(ovf, { id, href, size, compression, chunkSize }) }),
  );
  return ovfElement('References', { children });
}

function diskSection(disks: readonly Disk[]): readonly XmlElement[] {
  if (disks.length === 0) return [];
  const children = disks.map(
    ({ diskId, capacity, capacityAllocationUnits, fileRef, format, parentRef, populatedSize }) =>
      ovfElement('Disk', {
        attributes: attributesOf(ovf, {
          capacity,
          capacityAllocationUnits,
          diskId,
          fileRef,
          parentRef,
          format,
          populatedSize,
        }),
      }),
  );
  return [ovfElement('DiskSection', { children: [labelled('Info', 'Virtual disks'), ...children] })];
}

function networkSection(networks: readonly Network[]): readonly XmlElement[] {
  if (networks.length === 0) return [];
  const children = networks.map(({ name, description, descriptionMsgid }) =>
    ovfElement('Network', {
      attributes: attributesOf(ovf, { name }),
      children: description === undefined ? [] : [labelled('Description', description, descriptionMsgid)],
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
    // the file has them already
    children: fileRef === undefined ? texts : [],
  });
}

/**
 * Writes an OVF 1.x descriptor that validates against DSP8023 1.1.1: every section has its Info, the elements of an
 * item are in the schema's order. Texts that are missing but needed are filled in.
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
      ...diskSection(disks),
      ...networkSection(networks),
      ...optionSection(deploymentOptions),
      ...annotationElement(envelope),
      ...products.map(productElement),
      ...eulas.map(eulaElement),
      ...(envelope.sections ?? []).map(({ element }) => element),
      content.kind === 'VirtualSystem' ? systemElement(content) : collectionElement(content),
      ...bundles.map(bundleElement),
    ],
  });
  return writeXml(root);
}
