import {
  type ProductTarget,
  type ProductTexts,
  type PropertyChange,
  removeEula,
  removeProperty,
  rename,
  setAnnotation,
  setEula,
  setProduct,
  setProperty,
} from './ovf-edit-content.ts';
import {
  addDisk,
  addFile,
  type DiskChange,
  type FileChange,
  removeDisk,
  removeFile,
  removeNetwork,
  renameNetwork,
  setDisk,
  setFile,
  setNetwork,
} from './ovf-edit-envelope.ts';
import {
  addItem,
  type ItemChange,
  type NewItem,
  removeConfig,
  removeItem,
  setConfig,
  setHardwareVersion,
  setItem,
} from './ovf-edit-hardware.ts';
import type { Draft } from './ovf-edit-tree.ts';
import type { ConfigEntry, Descriptor, Disk, FileReference } from './ovf-types.ts';
import { contextOf } from './ovf-version.ts';
import { spliceXml } from './xml-splice.ts';
import type { XmlElement } from './xml-tree.ts';

interface InSystem {
  /** The id of a system; without it, the outermost content, or for hardware every virtual machine. */
  readonly system?: string | undefined;
}

type ContentEdit =
  | ({ readonly type: 'rename'; readonly name: string } & InSystem)
  | ({ readonly type: 'setAnnotation'; readonly annotation: string } & InSystem)
  | ({ readonly type: 'setEula'; readonly license: string; readonly index?: number | undefined } & InSystem)
  | ({ readonly type: 'removeEula'; readonly index?: number | undefined } & InSystem)
  | ({ readonly type: 'setProduct'; readonly texts: ProductTexts } & ProductTarget)
  | ({ readonly type: 'setProperty' } & PropertyChange)
  | ({ readonly type: 'removeProperty' } & Pick<PropertyChange, 'key' | 'class' | 'instance' | 'system'>);

type EnvelopeEdit =
  | { readonly type: 'setNetwork'; readonly name: string; readonly description?: string | undefined }
  | { readonly type: 'renameNetwork'; readonly from: string; readonly to: string }
  | { readonly type: 'removeNetwork'; readonly name: string }
  | ({ readonly type: 'setFile' } & FileChange)
  | ({ readonly type: 'addFile' } & FileReference)
  | { readonly type: 'removeFile'; readonly id: string }
  | ({ readonly type: 'setDisk' } & DiskChange)
  | ({ readonly type: 'addDisk' } & Disk)
  | { readonly type: 'removeDisk'; readonly diskId: string };

type ConfigEdit =
  | ({ readonly type: 'setExtraConfig' | 'setConfig' } & ConfigEntry & InSystem)
  | ({ readonly type: 'removeExtraConfig' | 'removeConfig'; readonly key: string } & InSystem);

type HardwareEdit =
  | ({ readonly type: 'setHardwareVersion'; readonly version: string } & InSystem)
  | ({ readonly type: 'addItem'; readonly item: NewItem } & InSystem)
  | ({ readonly type: 'setItem' } & ItemChange & InSystem)
  | ({ readonly type: 'removeItem'; readonly instanceId: string } & InSystem);

/**
 * One change to a descriptor. What is named `set…` changes what is there and mostly adds what is not; networks, files,
 * disks and devices that are still in use cannot be removed.
 */
export type DescriptorEdit = ContentEdit | EnvelopeEdit | ConfigEdit | HardwareEdit;

function applyContentEdit(draft: Draft, edit: ContentEdit): XmlElement {
  switch (edit.type) {
    case 'rename':
      return rename(draft, edit);
    case 'setAnnotation':
      return setAnnotation(draft, edit);
    case 'setEula':
      return setEula(draft, edit);
    case 'removeEula':
      return removeEula(draft, edit);
    case 'setProduct':
      return setProduct(draft, edit);
    case 'setProperty':
      return setProperty(draft, edit);
    case 'removeProperty':
      return removeProperty(draft, edit);
  }
}

function applyEnvelopeEdit(draft: Draft, edit: EnvelopeEdit): XmlElement {
  switch (edit.type) {
    case 'setNetwork':
      return setNetwork(draft, edit);
    case 'renameNetwork':
      return renameNetwork(draft, edit);
    case 'removeNetwork':
      return removeNetwork(draft, edit.name);
    case 'setFile':
      return setFile(draft, edit);
    case 'addFile':
      return addFile(draft, edit);
    case 'removeFile':
      return removeFile(draft, edit.id);
    case 'setDisk':
      return setDisk(draft, edit);
    case 'addDisk':
      return addDisk(draft, edit);
    case 'removeDisk':
      return removeDisk(draft, edit.diskId);
  }
}

function applyHardwareEdit(draft: Draft, edit: ConfigEdit | HardwareEdit): XmlElement {
  switch (edit.type) {
    case 'setHardwareVersion':
      return setHardwareVersion(draft, edit);
    case 'setExtraConfig':
      return setConfig(draft, { ...edit, kind: 'ExtraConfig' });
    case 'removeExtraConfig':
      return removeConfig(draft, { ...edit, kind: 'ExtraConfig' });
    case 'setConfig':
      return setConfig(draft, { ...edit, kind: 'Config' });
    case 'removeConfig':
      return removeConfig(draft, { ...edit, kind: 'Config' });
    case 'addItem':
      return addItem(draft, edit);
    case 'setItem':
      return setItem(draft, edit);
    case 'removeItem':
      return removeItem(draft, edit);
  }
}

function applyEdit(draft: Draft, edit: DescriptorEdit): XmlElement {
  switch (edit.type) {
    case 'rename':
    case 'setAnnotation':
    case 'setEula':
    case 'removeEula':
    case 'setProduct':
    case 'setProperty':
    case 'removeProperty':
      return applyContentEdit(draft, edit);
    case 'setHardwareVersion':
    case 'setExtraConfig':
    case 'removeExtraConfig':
    case 'setConfig':
    case 'removeConfig':
    case 'addItem':
    case 'setItem':
    case 'removeItem':
      return applyHardwareEdit(draft, edit);
    default:
      return applyEnvelopeEdit(draft, edit);
  }
}

/**
 * The text of the descriptor after `edits`, one after the other, to be written in UTF-8. Whatever they do not touch stays
 * to the byte: elements and attributes nobody knows, prefixes, quotes, entities, comments, white space, a byte order
 * mark. Without edits it is the document as it was read.
 * @throws PackageError EDIT_REFUSED when the descriptor does not have what an edit is about, or needs what it would
 * remove; VALUE_INVALID for text that XML cannot hold
 */
export function editDescriptor(
  { root, text }: Pick<Descriptor, 'root' | 'text'>,
  edits: readonly DescriptorEdit[],
): string {
  const context = contextOf(root, { lax: true, report: () => {} });
  const edited = edits.reduce((current, edit) => applyEdit({ context, root: current }, edit), root);
  return spliceXml({ root, text }, edited);
}
