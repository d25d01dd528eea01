import type { Finding } from './finding.ts';
import type { SectionMeaning } from './ovf-section-types.ts';
import type { XmlElement, XmlPosition } from './xml-tree.ts';

/**
 * The family a descriptor belongs to, by its root namespace: `1.0` is all of 1.x, `2.0` all of 2.x; `0.9`, `draft`
 * (before 0.9) and `ovirt` are dialects.
 */
export type OvfVersion = '0.9' | '1.0' | '2.0' | 'draft' | 'ovirt';

/** A file of the package. `size` in bytes as packed, `chunkSize` in bytes; undefined when the descriptor does not say. */
export interface FileReference {
  readonly id: string;
  readonly href: string;
  readonly size?: number | undefined;
  /** `gzip` or another word; undefined for none (`identity` counts as none). */
  readonly compression?: string | undefined;
  readonly chunkSize?: number | undefined;
}

/** A disk. `capacity` is as written: a number of `capacityAllocationUnits` (bytes by default), or `${property}`. */
export interface Disk {
  readonly diskId: string;
  readonly capacity?: string | undefined;
  readonly capacityAllocationUnits?: string | undefined;
  readonly fileRef?: string | undefined;
  readonly format?: string | undefined;
  readonly parentRef?: string | undefined;
  /** In bytes. */
  readonly populatedSize?: number | undefined;
  /** From a SharedDiskSection: several systems use it at once. */
  readonly shared?: { readonly readOnly: boolean } | undefined;
}

/** A network the systems connect to. */
export interface Network {
  readonly name: string;
  readonly description?: string | undefined;
  readonly descriptionMsgid?: string | undefined;
  /** What ports on the network are to be like: undefined when nothing is said. */
  readonly portProfiles?: readonly PortProfile[] | undefined;
}

/** A network port profile (DSP8049), of OVF 2.x. */
export interface PortProfile {
  /** Where it is described; undefined when `element` describes it itself. */
  readonly uri?: string | undefined;
  readonly element: XmlElement;
}

/** One way to deploy the package. */
export interface DeploymentOption {
  readonly id: string;
  readonly label: string;
  readonly labelMsgid?: string | undefined;
  readonly description?: string | undefined;
  readonly descriptionMsgid?: string | undefined;
  /** Exactly one is, when there are any: the one marked, else the first. */
  readonly isDefault: boolean;
}

/** Texts by message id, in the descriptor or in a file of their own. */
export interface StringBundle {
  readonly locale?: string | undefined;
  /** The id of the file that holds the texts. */
  readonly fileRef?: string | undefined;
  readonly messages: ReadonlyMap<string, string>;
}

/** A vendor's key and value (`vmw:Config`, `vmw:ExtraConfig`). */
export interface ConfigEntry {
  readonly key: string;
  readonly value: string;
  readonly required?: boolean | undefined;
}

/** One device or resource, from `Item`, `StorageItem` or `EthernetPortItem`. Texts are as written. */
export interface HardwareItem {
  readonly instanceId: string;
  /** CIM's number: 3 CPU, 4 memory, 5 IDE, 6 SCSI, 10 Ethernet, 14 floppy, 15 CD, 17 disk, 20 other storage, 23 USB; 0 when it has none. */
  readonly resourceType: number;
  readonly resourceSubType?: string | undefined;
  readonly elementName?: string | undefined;
  readonly description?: string | undefined;
  readonly parent?: string | undefined;
  readonly addressOnParent?: string | undefined;
  readonly address?: string | undefined;
  readonly virtualQuantity?: number | undefined;
  readonly allocationUnits?: string | undefined;
  readonly reservation?: number | undefined;
  readonly limit?: number | undefined;
  readonly weight?: number | undefined;
  readonly hostResource: readonly string[];
  readonly connection: readonly string[];
  readonly automaticAllocation?: boolean | undefined;
  /** The deployment options the item belongs to; empty means all that have no item of their own. */
  readonly configurations: readonly string[];
  readonly bound?: 'min' | 'max' | 'normal' | undefined;
  readonly required: boolean;
  readonly config: readonly ConfigEntry[];
  /** All else that CIM's elements say of it: the VLAN of a port, the path of an extent. */
  readonly settings: readonly CimSetting[];
  readonly position: XmlPosition;
}

/** An element of CIM that has no field of its own, by its local name. */
export interface CimSetting {
  readonly name: string;
  readonly value: string;
}

/** What `System` says. `virtualSystemType` may hold several, separated by spaces. */
export interface HardwareFamily {
  readonly elementName?: string | undefined;
  readonly instanceId?: string | undefined;
  readonly virtualSystemIdentifier?: string | undefined;
  readonly virtualSystemType?: string | undefined;
  /** All else that CIM's elements say of it, such as `Notes`. */
  readonly settings: readonly CimSetting[];
}

/** A VirtualHardwareSection. */
export interface VirtualHardware {
  readonly info: string;
  readonly system?: HardwareFamily | undefined;
  readonly items: readonly HardwareItem[];
  /** How properties reach the guest: `iso`, `com.vmware.guestInfo`. */
  readonly transport?: readonly string[] | undefined;
  readonly config: readonly ConfigEntry[];
  readonly extraConfig: readonly ConfigEntry[];
}

/** An OVF property. `value` is as written; undefined means none, which differs from empty. */
export interface Property {
  readonly key: string;
  readonly type: string;
  readonly qualifiers?: string | undefined;
  /** VMware's own qualifiers, such as `Ip("network")`. */
  readonly vendorQualifiers?: string | undefined;
  readonly value?: string | undefined;
  /** Values of deployment options, by option id. */
  readonly valuesByConfiguration: ReadonlyMap<string, string>;
  readonly userConfigurable: boolean;
  readonly password: boolean;
  readonly label?: string | undefined;
  readonly labelMsgid?: string | undefined;
  readonly description?: string | undefined;
  readonly descriptionMsgid?: string | undefined;
  /** The deployment options in which the property exists; undefined means all. */
  readonly configurations?: readonly string[] | undefined;
  /** The `Category` that stands before it. */
  readonly category?: string | undefined;
}

/** A picture of the product, by the id of its file. */
export interface Icon {
  readonly fileRef: string;
  readonly mimeType?: string | undefined;
  readonly width?: number | undefined;
  readonly height?: number | undefined;
}

/** A ProductSection. The bare key of a property is unique only together with `class` and `instance`. */
export interface ProductSection {
  readonly class?: string | undefined;
  readonly instance?: string | undefined;
  readonly info: string;
  readonly product?: string | undefined;
  readonly vendor?: string | undefined;
  readonly version?: string | undefined;
  readonly fullVersion?: string | undefined;
  readonly productUrl?: string | undefined;
  readonly vendorUrl?: string | undefined;
  readonly appUrl?: string | undefined;
  readonly icons?: readonly Icon[] | undefined;
  readonly categories: readonly string[];
  readonly properties: readonly Property[];
}

/** A licence to agree to. */
export interface Eula {
  readonly info: string;
  readonly license: string;
  readonly licenseMsgid?: string | undefined;
}

/** A section that has no field of its own in the model. It is kept as it is, and `meaning` says what it says. */
export interface UnknownSection {
  readonly name: string;
  readonly namespace: string;
  readonly info?: string | undefined;
  readonly required: boolean;
  /** Undefined when nobody here understands the section. */
  readonly meaning?: SectionMeaning | undefined;
  readonly element: XmlElement;
}

/** The guest operating system. `id` is CIM's number; `osType` is VMware's name. */
export interface OperatingSystem {
  readonly id?: number | undefined;
  readonly version?: string | undefined;
  readonly description?: string | undefined;
  readonly osType?: string | undefined;
}

interface ContentBase {
  readonly id: string;
  readonly name?: string | undefined;
  readonly info: string;
  readonly products: readonly ProductSection[];
  readonly eulas: readonly Eula[];
  readonly annotation?: string | undefined;
  readonly annotationMsgid?: string | undefined;
  readonly sections: readonly UnknownSection[];
  readonly position: XmlPosition;
}

/** One virtual machine. */
export interface VirtualSystem extends ContentBase {
  readonly kind: 'VirtualSystem';
  readonly operatingSystem?: OperatingSystem | undefined;
  readonly hardware: readonly VirtualHardware[];
}

/** Several virtual machines or collections (a vApp). */
export interface VirtualSystemCollection extends ContentBase {
  readonly kind: 'VirtualSystemCollection';
  readonly children: readonly Content[];
}

/** What the package deploys. */
export type Content = VirtualSystem | VirtualSystemCollection;

/** A descriptor as read. Whatever was wrong is in `findings`, in document order; what could not be read is left out. */
export interface Descriptor {
  readonly version: OvfVersion;
  readonly files: readonly FileReference[];
  readonly disks: readonly Disk[];
  readonly networks: readonly Network[];
  readonly deploymentOptions: readonly DeploymentOption[];
  /** The first content element; an empty collection when there is none, which is a finding. */
  readonly content: Content;
  readonly bundles: readonly StringBundle[];
  readonly eulas: readonly Eula[];
  readonly products: readonly ProductSection[];
  readonly annotation?: string | undefined;
  readonly annotationMsgid?: string | undefined;
  readonly sections: readonly UnknownSection[];
  readonly findings: readonly Finding[];
  readonly root: XmlElement;
  /** The document as it was read. Offsets count in it. */
  readonly text: string;
}

/** Every virtual machine below `content`, in document order. */
export function systemsOf(content: Content): readonly VirtualSystem[] {
  return content.kind === 'VirtualSystem' ? [content] : content.children.flatMap(systemsOf);
}

/** `content` and everything below it, in document order. */
export function contentsOf(content: Content): readonly Content[] {
  return content.kind === 'VirtualSystem' ? [content] : [content, ...content.children.flatMap(contentsOf)];
}

/** Every product section of the descriptor, outer ones first. */
export function productsOf({ products, content }: Pick<Descriptor, 'products' | 'content'>): readonly ProductSection[] {
  return [...products, ...contentsOf(content).flatMap((part) => part.products)];
}

/** Every licence of the descriptor, outer ones first. */
export function eulasOf({ eulas, content }: Pick<Descriptor, 'eulas' | 'content'>): readonly Eula[] {
  return [...eulas, ...contentsOf(content).flatMap((part) => part.eulas)];
}
