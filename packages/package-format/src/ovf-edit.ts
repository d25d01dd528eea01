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
import { addItem, type NewItem, removeDevice, removeItem } from './ovf-edit-device.ts';
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
  type ItemChange,
  removeConfig,
  setConfig,
  setHardwareVersion,
  setItem,
  setTransport,
} from './ovf-edit-hardware.ts';
import { type OptionChange, removeOption, setDefaultOption, setOption } from './ovf-edit-option.ts';
import { removeSection, type SectionChange, setOperatingSystem, setSection } from './ovf-edit-section.ts';
import type { Draft } from './ovf-edit-tree.ts';
import type { ConfigEntry, Descriptor, Disk, FileReference, OperatingSystem } from './ovf-types.ts';
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

type SectionEdit =
  | ({ readonly type: 'setSection' } & SectionChange)
  | ({ readonly type: 'removeSection'; readonly name: string; readonly id?: string | undefined } & InSystem)
  | ({ readonly type: 'setOperatingSystem' } & OperatingSystem & InSystem)
  | ({ readonly type: 'setOption' } & OptionChange)
  | { readonly type: 'setDefaultOption' | 'removeOption'; readonly id: string };

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
  | ({ readonly type: 'setTransport'; readonly transport: readonly string[] } & InSystem)
  | ({ readonly type: 'removeItem' | 'removeDevice'; readonly instanceId: string } & InSystem);

/**
 * One change to a descriptor. What is named `set…` changes what is there and mostly adds what is not; networks, files,
 * disks and devices that are still in use cannot be removed.
 */
export type DescriptorEdit = ContentEdit | SectionEdit | EnvelopeEdit | ConfigEdit | HardwareEdit;

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

function applySectionEdit(draft: Draft, edit: SectionEdit): XmlElement {
  switch (edit.type) {
    case 'setSection':
      return setSection(draft, edit);
    case 'removeSection':
      return removeSection(draft, edit);
    case 'setOperatingSystem':
      return setOperatingSystem(draft, edit);
    case 'setOption':
      return setOption(draft, edit);
    case 'setDefaultOption':
      return setDefaultOption(draft, edit.id);
    case 'removeOption':
      return removeOption(draft, edit.id);
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
    case 'setTransport':
      return setTransport(draft, edit);
    case 'removeItem':
      return removeItem(draft, edit);
    case 'removeDevice':
      return removeDevice(draft, edit);
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
    case 'setSection':
    case 'removeSection':
    case 'setOperatingSystem':
    case 'setOption':
    case 'setDefaultOption':
    case 'removeOption':
      return applySectionEdit(draft, edit);
    case 'setHardwareVersion':
    case 'setExtraConfig':
    case 'removeExtraConfig':
    case 'setConfig':
    case 'removeConfig':
    case 'addItem':
    case 'setItem':
    case 'setTransport':
    case 'removeItem':
    case 'removeDevice':
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
