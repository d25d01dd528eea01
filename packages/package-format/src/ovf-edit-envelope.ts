import {
  adopt,
  type Draft,
  insertChild,
  insertSection,
  mapChildren,
  refuse,
  replaceElements,
  sectionsIn,
  setAttributes,
  setText,
} from './ovf-edit-tree.ts';
import { attribute, children, isOvf } from './ovf-element.ts';
import { hostResourceTarget } from './ovf-resolve.ts';
import type { Disk, FileReference } from './ovf-types.ts';
import { labelled, ovf, ovfElement } from './ovf-write-element.ts';
import { attributesOf } from './xml-build.ts';
import { elementsOf, textOf, type XmlElement } from './xml-tree.ts';

/** What an edit gives for a file: `compression: 'identity'` and `chunkSize: 0` mean none. */
export type FileChange = Pick<FileReference, 'id'> & Partial<Omit<FileReference, 'id'>>;

/** What an edit gives for a disk. */
export type DiskChange = Pick<Disk, 'diskId'> & Partial<Omit<Disk, 'diskId' | 'shared'>>;

function fileElements({ context, root }: Draft): readonly XmlElement[] {
  return children(context, root, 'References').flatMap((references) => children(context, references, 'File'));
}

function valuesOf({ href, size, compression, chunkSize }: FileChange) {
  return {
    href,
    size,
    compression: compression === 'identity' || compression === '' ? null : compression,
    chunkSize: chunkSize === 0 ? null : chunkSize,
  };
}

/** Changes a file's attributes. */
export function setFile({ context, root }: Draft, file: FileChange): XmlElement {
  const targets = fileElements({ context, root }).filter((each) => attribute(context, each, 'id') === file.id);
  if (targets.length === 0) return refuse(`References has no file ${JSON.stringify(file.id)}`);
  return replaceElements(root, {
    targets,
    change: (element) => setAttributes(context, { element, values: valuesOf(file) }),
  });
}

function insertReference(draft: Draft, file: XmlElement): XmlElement {
  const { context, root } = draft;
  const [references] = children(context, root, 'References');
  if (references === undefined) {
    const child = adopt(context, { parent: root, element: ovfElement('References', { children: [file] }) });
    return insertChild(root, { child, goesBefore: () => false });
  }
  const child = adopt(context, { parent: references, element: file });
  return replaceElements(root, {
    targets: [references],
    change: (parent) => insertChild(parent, { child, goesBefore: () => true }),
  });
}

/** Adds a file to References. */
export function addFile(draft: Draft, file: FileReference): XmlElement {
  const { context } = draft;
  for (const name of ['id', 'href'] as const) {
    if (fileElements(draft).some((each) => attribute(context, each, name) === file[name]))
      refuse(`References has a file of the ${name} ${JSON.stringify(file[name])} already`);
  }
  const { id, href, size, compression, chunkSize } = file;
  const attributes = attributesOf(ovf, { id, href, size, compression, chunkSize });
  return insertReference(draft, ovfElement('File', { attributes }));
}

function isReferringTo(draft: Draft, { element, id }: { element: XmlElement; id: string }): boolean {
  if (attribute(draft.context, element, 'fileRef') === id) return true;
  const texts = [
    ...element.attributes.map(({ value }) => value),
    element.name === 'HostResource' ? textOf(element) : '',
  ];
  return texts.some((text) => {
    const target = hostResourceTarget(text.trim());
    return target?.kind === 'file' && target.id === id;
  });
}

function isFileUsed(draft: Draft, id: string): boolean {
  const below = (element: XmlElement): boolean =>
    isReferringTo(draft, { element, id }) || elementsOf(element).some(below);
  return below(draft.root);
}

/** Removes a file that nothing refers to. */
export function removeFile(draft: Draft, id: string): XmlElement {
  const targets = fileElements(draft).filter((each) => attribute(draft.context, each, 'id') === id);
  if (targets.length === 0) return refuse(`References has no file ${JSON.stringify(id)}`);
  if (isFileUsed(draft, id)) return refuse(`The file ${JSON.stringify(id)} is still referred to`);
  return replaceElements(draft.root, { targets, change: () => undefined });
}

/** Whether References has this file. */
export function hasFile(draft: Draft, id: string): boolean {
  return fileElements(draft).some((each) => attribute(draft.context, each, 'id') === id);
}

function diskElements({ context, root }: Draft): readonly XmlElement[] {
  return ['DiskSection', 'SharedDiskSection']
    .flatMap((kind) => sectionsIn(context, { parent: root, kind }))
    .flatMap((section) => [...children(context, section, 'Disk'), ...children(context, section, 'SharedDisk')]);
}

/** Whether there is a disk of this id. */
export function hasDisk(draft: Draft, diskId: string): boolean {
  return diskElements(draft).some((each) => attribute(draft.context, each, 'diskId') === diskId);
}

/** Changes a disk's attributes. */
export function setDisk(draft: Draft, { diskId, ...values }: DiskChange): XmlElement {
  const { context, root } = draft;
  const targets = diskElements(draft).filter((each) => attribute(context, each, 'diskId') === diskId);
  if (targets.length === 0) return refuse(`The descriptor has no disk ${JSON.stringify(diskId)}`);
  return replaceElements(root, { targets, change: (element) => setAttributes(context, { element, values }) });
}

/** Adds a disk to the DiskSection, which is made when there is none. */
export function addDisk(draft: Draft, disk: Disk): XmlElement {
  const { context, root } = draft;
  const { diskId, capacity, capacityAllocationUnits, fileRef, parentRef, format, populatedSize } = disk;
  if (diskElements(draft).some((each) => attribute(context, each, 'diskId') === diskId))
    return refuse(`The descriptor has a disk ${JSON.stringify(diskId)} already`);
  const values = { capacity, capacityAllocationUnits, diskId, fileRef, parentRef, format, populatedSize };
  const element = ovfElement('Disk', { attributes: attributesOf(ovf, values) });
  const [section] = sectionsIn(context, { parent: root, kind: 'DiskSection' });
  if (section === undefined) {
    const made = ovfElement('DiskSection', { children: [labelled('Info', 'Virtual disks'), element] });
    return insertSection(context, { parent: root, section: made });
  }
  const child = adopt(context, { parent: section, element });
  return replaceElements(root, {
    targets: [section],
    change: (parent) => insertChild(parent, { child, goesBefore: () => true }),
  });
}

function itemsOnDisk({ context, root }: Draft, diskId: string): readonly XmlElement[] {
  const isOn = (item: XmlElement) =>
    elementsOf(item).some((field) => {
      const target = field.name === 'HostResource' ? hostResourceTarget(textOf(field).trim()) : undefined;
      return target?.kind === 'disk' && target.id === diskId;
    });
  const below = (element: XmlElement): readonly XmlElement[] =>
    elementsOf(element).flatMap((child) => (isOvf(context, child) && isOn(child) ? [child] : below(child)));
  return below(root);
}

/** Removes a disk, the items it backs, and its file when nothing else refers to that. */
export function removeDisk(draft: Draft, diskId: string): XmlElement {
  const { context } = draft;
  const disks = diskElements(draft);
  const targets = disks.filter((each) => attribute(context, each, 'diskId') === diskId);
  if (targets.length === 0) return refuse(`The descriptor has no disk ${JSON.stringify(diskId)}`);
  if (disks.some((each) => attribute(context, each, 'parentRef') === diskId))
    return refuse(`Other disks are based on the disk ${JSON.stringify(diskId)}`);
  const root = replaceElements(draft.root, {
    targets: [...targets, ...itemsOnDisk(draft, diskId)],
    change: () => undefined,
  });
  const files = targets.flatMap((each) => attribute(context, each, 'fileRef') ?? []);
  return files.reduce((left, id) => removeUnused({ context, root: left }, { kind: 'file', id }), root);
}

/** Removes a disk or file, unless it is not there or still needed. */
export function removeUnused(
  draft: Draft,
  { kind, id }: { readonly kind: 'disk' | 'file'; readonly id: string },
): XmlElement {
  const { context, root } = draft;
  if (kind === 'file') return hasFile(draft, id) && !isFileUsed(draft, id) ? removeFile(draft, id) : root;
  const isBase = diskElements(draft).some((each) => attribute(context, each, 'parentRef') === id);
  return hasDisk(draft, id) && !isBase && itemsOnDisk(draft, id).length === 0 ? removeDisk(draft, id) : root;
}

function networkElements({ context, root }: Draft): readonly XmlElement[] {
  return sectionsIn(context, { parent: root, kind: 'NetworkSection' }).flatMap((section) =>
    children(context, section, 'Network'),
  );
}

/** Whether NetworkSection has this network. */
export function hasNetwork(draft: Draft, name: string): boolean {
  return networkElements(draft).some((each) => attribute(draft.context, each, 'name') === name);
}

function withDescription({ context }: Draft, { network, text }: { network: XmlElement; text: string }): XmlElement {
  const [old] = children(context, network, 'Description');
  if (old !== undefined)
    return mapChildren(network, (child) => (child === old ? setText(context, { element: child, text }) : child));
  const child = adopt(context, { parent: network, element: labelled('Description', text) });
  return insertChild(network, { child, goesBefore: () => false });
}

/** Describes a network, which is added when there is none of that name. */
export function setNetwork(
  draft: Draft,
  { name, description }: { name: string; description?: string | undefined },
): XmlElement {
  const { context, root } = draft;
  const targets = networkElements(draft).filter((each) => attribute(context, each, 'name') === name);
  if (targets.length > 0) {
    if (description === undefined) return root;
    return replaceElements(root, {
      targets,
      change: (network) => withDescription(draft, { network, text: description }),
    });
  }
  const element = ovfElement('Network', {
    attributes: attributesOf(ovf, { name }),
    children: description === undefined ? [] : [labelled('Description', description)],
  });
  const [section] = sectionsIn(context, { parent: root, kind: 'NetworkSection' });
  if (section === undefined) {
    const made = ovfElement('NetworkSection', { children: [labelled('Info', 'Logical networks'), element] });
    return insertSection(context, { parent: root, section: made });
  }
  const child = adopt(context, { parent: section, element });
  return replaceElements(root, {
    targets: [section],
    change: (parent) => insertChild(parent, { child, goesBefore: () => true }),
  });
}

/** The fields of items that name a network. */
function connectionsTo({ root }: Draft, name: string): readonly XmlElement[] {
  const below = (element: XmlElement): readonly XmlElement[] =>
    element.name === 'Connection' && textOf(element).trim() === name ? [element] : elementsOf(element).flatMap(below);
  return below(root);
}

/** Gives a network another name, in the NetworkSection and wherever an adapter is on it. */
export function renameNetwork(draft: Draft, { from, to }: { readonly from: string; readonly to: string }): XmlElement {
  const { context, root } = draft;
  const named = (name: string) => networkElements(draft).filter((each) => attribute(context, each, 'name') === name);
  const connections = new Set(connectionsTo(draft, from));
  if (named(from).length === 0 && connections.size === 0)
    return refuse(`The descriptor has no network ${JSON.stringify(from)}`);
  if (from !== to && named(to).length > 0) return refuse(`The descriptor has a network ${JSON.stringify(to)} already`);
  return replaceElements(root, {
    targets: [...named(from), ...connections],
    change: (element) =>
      connections.has(element)
        ? setText(context, { element, text: to })
        : setAttributes(context, { element, values: { name: to } }),
  });
}

/** Removes a network that no adapter is on. */
export function removeNetwork(draft: Draft, name: string): XmlElement {
  const targets = networkElements(draft).filter((each) => attribute(draft.context, each, 'name') === name);
  if (targets.length === 0) return refuse(`The descriptor has no network ${JSON.stringify(name)}`);
  if (connectionsTo(draft, name).length > 0) return refuse(`An adapter is on the network ${JSON.stringify(name)}`);
  return replaceElements(draft.root, { targets, change: () => undefined });
}
