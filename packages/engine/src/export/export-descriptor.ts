import {
  collectionsIn,
  type Entity,
  type EntityChild,
  type EntityCollection,
  type HardwareItem,
  type KeptSection,
  type ProductInfo,
  type VirtualMachine,
  type VirtualMachineProperty,
} from '@ovfkit/domain';
import {
  type ConfigEntry,
  type OperatingSystem,
  type WritableCollection,
  type WritableContent,
  type WritableEnvelope,
  type WritableItem,
  type WritableProduct,
  type WritableSystem,
  writeDescriptor,
} from '@ovfkit/package-format';
import { defined } from '../defined.ts';
import { sectionElement } from '../kept-section.ts';
import { type ExportChoice, type ExportPackage, isSame } from './export-package.ts';

interface Export {
  readonly entity: Entity;
  readonly choice: ExportChoice;
  readonly parts: ExportPackage;
}

/** The descriptor of an entity; the same entity and choice always give the same text. */
export function exportDescriptor(given: Export): string {
  const { entity, choice, parts } = given;
  const isVapp = entity.type === 'VirtualApp';
  const products = entity.products.map((each) => product(each, choice));
  const eulas = entity.eulas.map((license) => ({ license }));
  const envelope: WritableEnvelope = {
    files: parts.files.map(({ id, name, size, compression }) => ({ id, href: name, size, compression })),
    disks: parts.disks.map(({ diskId, disk, file, parentRef }) => ({
      parentRef,
      diskId,
      capacity: String(disk.capacity),
      fileRef: file?.id,
      format: disk.format,
    })),
    networks: entity.networks.map(({ name, description }) => ({ name, description: description ?? `Network ${name}` })),
    content: content(given, { products, eulas }),
    sections: sections(given, entity.envelopeSections),
    ...(isVapp ? {} : { products, eulas }),
  };
  return writeDescriptor(envelope);
}

function content(given: Export, { products, eulas }: Pick<WritableSystem, 'products' | 'eulas'>): WritableContent {
  const { entity, choice } = given;
  const annotation = choice.description || entity.annotation;
  const name = choice.name || entity.name;
  const [only] = entity.vms;
  if (entity.type === 'VirtualMachine' && only !== undefined)
    return { ...system(given, only), name, annotation: choice.description || only.annotation };
  return {
    kind: 'VirtualSystemCollection',
    id: unusedId(name, entity),
    name,
    info: 'A collection of virtual machines',
    annotation,
    ...(products === undefined ? {} : { products }),
    ...(eulas === undefined ? {} : { eulas }),
    sections: sections(given, entity.sections),
    children: children(given, entity.children),
  };
}

/** What is inside may have the name that the entity got, and ids are unique. */
function unusedId(name: string, entity: Entity): string {
  const taken = new Set([...entity.vms.map(({ systemId }) => systemId), ...collectionsIn(entity).map(({ id }) => id)]);
  let id = name;
  while (taken.has(id)) id += '-vapp';
  return id;
}

function children(given: Export, inside: readonly EntityChild[] | undefined): readonly WritableContent[] {
  const { vms } = given.entity;
  if (inside === undefined) return vms.map((vm) => system(given, vm));
  return inside.flatMap((child): readonly WritableContent[] => {
    if ('collection' in child) return [collection(given, child.collection)];
    const vm = vms.find(({ systemId }) => systemId === child.systemId);
    return vm === undefined ? [] : [system(given, vm)];
  });
}

const collection = (given: Export, { id, name, annotation, ...own }: EntityCollection): WritableCollection => ({
  kind: 'VirtualSystemCollection',
  id,
  name,
  info: 'A collection of virtual machines',
  annotation,
  products: own.products.map((each) => product(each, given.choice)),
  eulas: own.eulas.map((license) => ({ license })),
  sections: sections(given, own.sections),
  children: children(given, own.children),
});

function system(given: Export, vm: VirtualMachine): WritableSystem {
  const { choice } = given;
  const { transport } = vm;
  return {
    kind: 'VirtualSystem',
    id: vm.systemId,
    name: vm.name,
    info: 'A virtual machine',
    annotation: vm.annotation,
    operatingSystem: operatingSystem(vm),
    products: vm.products.map((each) => product(each, choice)),
    eulas: vm.eulas.map((license) => ({ license })),
    sections: sections(given, vm.sections),
    hardware: [
      {
        system: { virtualSystemIdentifier: vm.name, virtualSystemType: vm.hardwareVersion },
        items: vm.items.map((each) => item(given, { vm, item: each })),
        config: vm.config ?? [],
        extraConfig: extraConfig(given, vm),
        ...(transport === undefined ? {} : { transport: transport.split(/\s+/) }),
      },
    ],
  };
}

/** As they were imported, but for the names of files. */
function sections(
  { entity, parts }: Export,
  kept: readonly KeptSection[] = [],
): NonNullable<WritableSystem['sections']> {
  const stored = entity.vms.flatMap(({ files }) => files);
  const fileIds = new Map(
    stored.flatMap(({ fileRef, blob }) =>
      parts.files.filter((file) => file.blob === blob).map(({ id }) => [fileRef, id]),
    ),
  );
  return kept.map((section) => ({ element: sectionElement(section, fileIds) }));
}

function operatingSystem({ operatingSystem: os }: VirtualMachine): OperatingSystem | undefined {
  if (os === undefined) return undefined;
  const { id, version, description, osType } = os;
  return { ...(id === undefined ? {} : { id: Number(id) }), version, description, osType };
}

const memoryType = 4;
const ethernetType = 10;

function item(
  { choice, parts }: Export,
  { vm, item: each }: { readonly vm: VirtualMachine; readonly item: HardwareItem },
): WritableItem {
  const { instanceId, resourceType, required, connection, config, virtualQuantity, automaticAllocation, address } =
    each;
  const disk = vm.disks.find((own) => own.instanceId === instanceId);
  const exported = disk === undefined ? undefined : parts.disks.find((own) => isSame(own.disk, disk));
  const isKept = resourceType !== ethernetType || choice.flags.has('PRESERVE_MAC');
  return {
    ...defined({ resourceSubType: each.resourceSubType, elementName: each.elementName, description: each.description }),
    ...defined({ parent: each.parent, addressOnParent: each.addressOnParent, allocationUnits: each.allocationUnits }),
    ...defined({ address: isKept ? address : undefined }),
    ...defined({ reservation: each.reservation, limit: each.limit, weight: each.weight }),
    ...(virtualQuantity === undefined ? {} : { virtualQuantity: Number(virtualQuantity) }),
    ...(automaticAllocation === undefined ? {} : { automaticAllocation: automaticAllocation === 'true' }),
    ...(resourceType === memoryType ? memory(vm) : {}),
    instanceId,
    resourceType,
    required,
    connection,
    config,
    hostResource: exported === undefined ? media(parts, { vm, item: each }) : [`ovf:/disk/${exported.diskId}`],
  };
}

/** In full, where one item has it all: a deployment option may have left the unit to the item it replaced. */
function memory({ items, memory: size }: VirtualMachine): Partial<WritableItem> {
  if (items.filter(({ resourceType }) => resourceType === memoryType).length !== 1) return {};
  const mebibyte = 1024 ** 2;
  if (size % mebibyte !== 0) return { virtualQuantity: size, allocationUnits: 'byte' };
  return { virtualQuantity: size / mebibyte, allocationUnits: 'byte * 2^20' };
}

/** A file in a drive that is not exported leaves the drive empty. */
function media(
  { files }: ExportPackage,
  { vm, item: each }: { readonly vm: VirtualMachine; readonly item: HardwareItem },
): readonly string[] {
  return each.hostResource.flatMap((resource) => {
    const id = /file\/(.+)$/.exec(resource)?.[1];
    const stored = vm.files.find(({ fileRef }) => fileRef === id);
    const file = files.find(({ blob }) => blob === stored?.blob);
    return file === undefined ? [] : [`ovf:/file/${file.id}`];
  });
}

/** `uuid.*` is what BIOS_UUID is about; the reference to firmware variables belongs to their file. */
function extraConfig({ choice: { flags }, parts }: Export, vm: VirtualMachine): readonly ConfigEntry[] {
  const nvram = vm.files.find(({ fileType }) => fileType === 'NVRAM');
  const file = parts.files.find(({ blob }) => blob === nvram?.blob);
  const own = vm.extraConfig.filter(({ key }) => {
    if (key === 'nvram') return false;
    return flags.has(key.startsWith('uuid.') ? 'BIOS_UUID' : 'EXTRA_CONFIG');
  });
  return [...own, ...(file === undefined ? [] : [{ key: 'nvram', value: `ovf:/file/${file.id}`, required: false }])];
}

/** Values in effect become the defaults, but for passwords, and for addresses unless they are asked for. */
function product({ classId, instanceId, properties, ...texts }: ProductInfo, { flags }: ExportChoice): WritableProduct {
  const isTold = ({ type, password }: VirtualMachineProperty) => !password && (!/^ip\b/i.test(type) || flags.has('IP'));
  return {
    ...texts,
    ...defined({ class: classId, instance: instanceId }),
    categories: [...new Set(properties.flatMap(({ category }) => category ?? []))],
    properties: properties.map((each) => ({
      key: each.id,
      type: each.type,
      userConfigurable: each.userConfigurable,
      password: each.password,
      ...defined({
        vendorQualifiers: each.vendorQualifiers,
        qualifiers: each.qualifiers,
        label: each.label,
        description: each.description,
      }),
      ...defined({ category: each.category, value: isTold(each) ? each.value : each.defaultValue }),
    })),
  };
}
