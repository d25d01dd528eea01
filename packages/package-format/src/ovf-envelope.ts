// The parts that belong to the whole package: References, DiskSection, NetworkSection, DeploymentOptionSection, Strings.

import { readMessages } from './message-bundle.ts';
import {
  attribute,
  childLabel,
  childMsgid,
  children,
  childText,
  isOvf,
  type ReadContext,
  readBoolean,
  readNumber,
} from './ovf-element.ts';
import type { DeploymentOption, Disk, FileReference, Network, PortProfile, StringBundle } from './ovf-types.ts';
import { elementsOf, textOf, type XmlElement, type XmlPosition } from './xml-tree.ts';

/** A value with the place it was read from, for checks across the document. */
export interface Placed<T> {
  readonly value: T;
  readonly position: XmlPosition;
}

function readFile(context: ReadContext, element: XmlElement): FileReference {
  const text = (name: string) => attribute(context, element, name);
  const id = text('id') ?? '';
  const href = text('href') ?? '';
  const number = (name: string) =>
    readNumber(context, { text: text(name), what: `The ${name} of file ${id}`, element });
  if (id === '') context.report('FILE_ID_MISSING', `The file ${href} has no id`, { position: element.position });
  if (href === '') context.report('FILE_HREF_MISSING', `The file ${id} has no href`, { position: element.position });
  const compression = text('compression');
  return {
    id,
    href,
    size: number('size'),
    compression: compression === '' || compression === 'identity' ? undefined : compression,
    chunkSize: number('chunkSize'),
  };
}

/** The files of all `References`. */
export function readFiles(context: ReadContext, references: readonly XmlElement[]): readonly Placed<FileReference>[] {
  return references
    .flatMap((element) => children(context, element, 'File'))
    .map((element) => ({ value: readFile(context, element), position: element.position }));
}

/** oVirt names a disk's file by its href, and gives the capacity in GiB as `size`; newer ones in bytes as well. */
function oVirtDisk(
  context: ReadContext,
  { element, files }: { element: XmlElement; files: readonly Placed<FileReference>[] },
): Partial<Disk> {
  const capacity = attribute(context, element, 'capacity');
  const size = attribute(context, element, 'size') ?? attribute(context, element, 'device_size');
  const fileRef = attribute(context, element, 'fileRef');
  const file = files.find(({ value }) => value.href === fileRef);
  return {
    ...(capacity === undefined ? { capacity: size, capacityAllocationUnits: 'byte * 2^30' } : {}),
    fileRef: file?.value.id ?? fileRef,
  };
}

function readDisk(
  context: ReadContext,
  { element, files }: { element: XmlElement; files: readonly Placed<FileReference>[] },
): Disk {
  const text = (name: string) => {
    const value = attribute(context, element, name);
    return value === '' ? undefined : value;
  };
  const diskId = text('diskId') ?? '';
  if (diskId === '') context.report('DISK_ID_MISSING', 'A Disk has no diskId', { position: element.position });
  const disk: Disk = {
    diskId,
    capacity: text('capacity'),
    capacityAllocationUnits: text('capacityAllocationUnits'),
    fileRef: text('fileRef'),
    format: text('format'),
    parentRef: text('parentRef'),
    populatedSize: readNumber(context, {
      text: text('populatedSize'),
      what: `The populatedSize of disk ${diskId}`,
      element,
    }),
    ...(element.name === 'SharedDisk' ? { shared: { readOnly: readBoolean(text('readOnly')) ?? false } } : {}),
  };
  return context.version === 'ovirt' ? { ...disk, ...oVirtDisk(context, { element, files }) } : disk;
}

/** The disks of all disk sections; a shared disk is a disk like any other. */
export function readDisks(
  context: ReadContext,
  { sections, files }: { readonly sections: readonly XmlElement[]; readonly files: readonly Placed<FileReference>[] },
): readonly Placed<Disk>[] {
  return sections
    .flatMap((section) =>
      elementsOf(section).filter(
        (child) => isOvf(context, child) && (child.name === 'Disk' || child.name === 'SharedDisk'),
      ),
    )
    .map((element) => ({ value: readDisk(context, { element, files }), position: element.position }));
}

function readPortProfiles(context: ReadContext, network: XmlElement): readonly PortProfile[] | undefined {
  const profiles = elementsOf(network)
    .filter((child) => isOvf(context, child) && child.name.startsWith('NetworkPortProfile'))
    .map((element) => ({
      uri: element.name === 'NetworkPortProfileURI' ? textOf(element).trim() : undefined,
      element,
    }));
  return profiles.length === 0 ? undefined : profiles;
}

/** The networks of all network sections. */
export function readNetworks(context: ReadContext, sections: readonly XmlElement[]): readonly Network[] {
  const names = new Set<string>();
  const networks: Network[] = [];
  for (const element of sections.flatMap((section) => children(context, section, 'Network'))) {
    const name = attribute(context, element, 'name') ?? '';
    if (name === '') context.report('NETWORK_NAME_MISSING', 'A Network has no name', { position: element.position });
    if (names.has(name))
      context.report('NETWORK_NAME_DUPLICATE', `The network ${name} is described twice`, {
        position: element.position,
      });
    names.add(name);
    networks.push({
      name,
      description: childText(context, element, 'Description'),
      descriptionMsgid: childMsgid(context, element, 'Description'),
      portProfiles: readPortProfiles(context, element),
    });
  }
  return networks;
}

function reportOptions(context: ReadContext, configurations: readonly XmlElement[]): void {
  const ids = new Set<string>();
  let defaults = 0;
  for (const element of configurations) {
    const id = attribute(context, element, 'id') ?? '';
    const place = { position: element.position };
    if (id === '') context.report('OPTION_ID_MISSING', 'A deployment option has no id', place);
    if (ids.has(id)) context.report('OPTION_ID_DUPLICATE', `The deployment option ${id} occurs twice`, place);
    ids.add(id);
    if (readBoolean(attribute(context, element, 'default')) === true) defaults += 1;
    if (defaults > 1)
      context.report(
        'OPTION_DEFAULT_DUPLICATE',
        `More than one deployment option is the default; ${id} is one too many`,
        place,
      );
  }
}

/** The deployment options. The default is the first one marked, else the first. */
export function readOptions(context: ReadContext, sections: readonly XmlElement[]): readonly DeploymentOption[] {
  const configurations = sections.flatMap((section) => children(context, section, 'Configuration'));
  reportOptions(context, configurations);
  const marked = configurations.findIndex((element) => readBoolean(attribute(context, element, 'default')) === true);
  return configurations.map((element, index) => ({
    id: attribute(context, element, 'id') ?? '',
    label: childLabel(context, element, 'Label') ?? '',
    labelMsgid: childMsgid(context, element, 'Label'),
    description: childText(context, element, 'Description'),
    descriptionMsgid: childMsgid(context, element, 'Description'),
    isDefault: index === Math.max(0, marked),
  }));
}

/** The message bundles, those in files of their own without their messages. */
export function readBundles(context: ReadContext, root: XmlElement): readonly StringBundle[] {
  // a prefix nobody declared is common on Strings, and harmless
  return elementsOf(root)
    .filter(
      (child) => child.name === 'Strings' && (isOvf(context, child) || child.namespace.startsWith('urn:undeclared:')),
    )
    .map((element) => ({
      locale: element.attributes.find(({ name, prefix }) => name === 'lang' && prefix === 'xml')?.value,
      fileRef: attribute(context, element, 'fileRef'),
      messages: readMessages(element),
    }));
}
