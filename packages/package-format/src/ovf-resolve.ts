import { PackageError } from './errors.ts';
import {
  type Descriptor,
  type Disk,
  type FileReference,
  type HardwareItem,
  type ProductSection,
  productsOf,
  systemsOf,
  type VirtualSystem,
} from './ovf-types.ts';
import { readWhole, toBytes } from './units.ts';

/** A disk as a system uses it. `capacity` in bytes; undefined when the descriptor does not say. */
export interface ResolvedDisk {
  readonly diskId: string;
  readonly capacity?: number | undefined;
  readonly fileRef?: string | undefined;
  readonly format?: string | undefined;
  readonly item: HardwareItem;
}

/** A network adapter. `network` is a name from the descriptor, `type` the device kind. */
export interface ResolvedNic {
  readonly network?: string | undefined;
  readonly type?: string | undefined;
  readonly item: HardwareItem;
}

/** A system under one deployment option. `memory` in bytes; numbers are undefined when the descriptor does not say. */
export interface ResolvedSystem {
  readonly id: string;
  readonly name?: string | undefined;
  readonly system: VirtualSystem;
  /** Without those of other options, those replaced, and bounds. */
  readonly items: readonly HardwareItem[];
  readonly cpus?: number | undefined;
  readonly memory?: number | undefined;
  readonly disks: readonly ResolvedDisk[];
  readonly nics: readonly ResolvedNic[];
}

/** The package under one deployment option. */
export interface ResolvedPackage {
  /** The option in force; undefined when the package has none. */
  readonly option?: string | undefined;
  readonly systems: readonly ResolvedSystem[];
  /** What has to be transferred: all files but those of disks that no system uses now. */
  readonly files: readonly FileReference[];
}

/** Which option, and values in place of the properties' defaults, by `[class.]key[.instance]` or bare key. */
export interface ResolveOptions {
  readonly option?: string | undefined;
  readonly properties?: ReadonlyMap<string, string> | undefined;
}

/** 17 is CIM's disk, 19 a storage extent (what XenServer writes), 31 a logical disk (2.x). */
const diskTypes: ReadonlySet<number> = new Set([17, 19, 31]);
const ethernetType = 10;
const cpuType = 3;
const memoryType = 4;

/** Whether the item is a hard disk. */
export function isDiskItem({ resourceType }: HardwareItem): boolean {
  return diskTypes.has(resourceType);
}

/** What a HostResource points to: `ovf:/disk/ID`, `ovf:/file/ID`, both also without `ovf:`. */
export function hostResourceTarget(text: string): { readonly kind: 'disk' | 'file'; readonly id: string } | undefined {
  const [, kind, id] = /^(?:ovf:)?\/*(disk|file)\/(.+)$/.exec(text) ?? [];
  return id === undefined || (kind !== 'disk' && kind !== 'file') ? undefined : { kind, id };
}

/** First one wins, as a search in order would have it. */
function indexBy<T>(all: readonly T[], keyOf: (one: T) => string | undefined): ReadonlyMap<string | undefined, T> {
  return new Map(all.toReversed().map((one) => [keyOf(one), one]));
}

/**
 * Finds the disk an item is backed by. oVirt points to it by the href of its file. Indexed once, since a hostile
 * descriptor may have very many of both.
 */
export function createDiskLookup({
  disks,
  files,
}: Pick<Descriptor, 'disks' | 'files'>): (item: HardwareItem) => Disk | undefined {
  const byId = indexBy(disks, ({ diskId }) => diskId);
  const byFile = indexBy(
    disks.filter(({ fileRef }) => fileRef !== undefined),
    ({ fileRef }) => fileRef,
  );
  const byHref = indexBy(files, ({ href }) => href);
  const find = (text: string): Disk | undefined => {
    const target = hostResourceTarget(text);
    if (target?.kind === 'disk') return byId.get(target.id);
    const fileId = target?.kind === 'file' ? target.id : byHref.get(text)?.id;
    return fileId === undefined ? undefined : byFile.get(fileId);
  };
  return ({ hostResource }) => hostResource.map(find).find((disk) => disk !== undefined);
}

/** The disk an item is backed by. */
export function diskOf(descriptor: Pick<Descriptor, 'disks' | 'files'>, item: HardwareItem): Disk | undefined {
  return createDiskLookup(descriptor)(item);
}

function effectiveOption(
  { deploymentOptions }: Pick<Descriptor, 'deploymentOptions'>,
  option: string | undefined,
): string | undefined {
  if (option === undefined) return deploymentOptions.find(({ isDefault }) => isDefault)?.id;
  if (deploymentOptions.some(({ id }) => id === option)) return option;
  const known = deploymentOptions.map(({ id }) => id).join(', ') || 'none';
  throw new PackageError(
    'OPTION_UNKNOWN',
    `The package has no deployment option ${JSON.stringify(option)}; it has: ${known}`,
  );
}

/**
 * The items in force under `option`: one that names it replaces the one with the same InstanceID that names none (the
 * first wins when several do); bounds never count.
 */
export function effectiveItems(items: readonly HardwareItem[], option: string | undefined): readonly HardwareItem[] {
  const counted = items.filter(({ bound }) => bound !== 'min' && bound !== 'max');
  const isChosen = ({ configurations }: HardwareItem) => option !== undefined && configurations.includes(option);
  const chosen = new Map<string, HardwareItem>();
  for (const item of counted) if (isChosen(item) && !chosen.has(item.instanceId)) chosen.set(item.instanceId, item);
  const general = counted.filter(({ configurations }) => configurations.length === 0);
  const generalIds = new Set(general.map(({ instanceId }) => instanceId));
  return counted.flatMap((item) => {
    if (item.configurations.length === 0) return [chosen.get(item.instanceId) ?? item];
    // it stands where the item it replaces stood, so that devices keep their order
    return chosen.get(item.instanceId) === item && !generalIds.has(item.instanceId) ? [item] : [];
  });
}

/** Every property value by all the names it goes by; the first of two with one bare key counts. */
function propertyValues(
  products: readonly ProductSection[],
  { option, properties }: ResolveOptions,
): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  for (const product of products) {
    for (const property of product.properties) {
      const full = [product.class, property.key, product.instance]
        .filter((part) => part !== undefined && part !== '')
        .join('.');
      const given = properties?.get(full) ?? properties?.get(property.key);
      const value = given ?? property.valuesByConfiguration.get(option ?? '') ?? property.value;
      if (value === undefined) continue;
      if (!values.has(full)) values.set(full, value);
      if (!values.has(property.key)) values.set(property.key, value);
    }
  }
  return values;
}

/** The capacity of a disk in bytes; undefined when it is absent, not a number, or not exact. */
export function capacityOf(disk: Disk, properties: ReadonlyMap<string, string>): number | undefined {
  const reference = /^\$\{(.*)\}$/.exec(disk.capacity?.trim() ?? '')?.[1];
  const text = reference === undefined ? disk.capacity : properties.get(reference);
  const quantity = text === undefined ? undefined : readWhole(text);
  return quantity === undefined ? undefined : toBytes(quantity, disk.capacityAllocationUnits ?? 'byte');
}

/** Without a unit, an override means that of the item it replaces; a bare number means MiB, as vSphere takes it. */
function memoryOf(items: readonly HardwareItem[], all: readonly HardwareItem[]): number | undefined {
  const units = indexBy(
    all.filter(({ allocationUnits }) => allocationUnits !== undefined),
    ({ instanceId }) => instanceId,
  );
  const sizes = items
    .filter(({ resourceType }) => resourceType === memoryType)
    .map(({ instanceId, virtualQuantity, allocationUnits }) => {
      return virtualQuantity === undefined
        ? undefined
        : toBytes(virtualQuantity, allocationUnits ?? units.get(instanceId)?.allocationUnits ?? 'byte * 2^20');
    });
  return sum(sizes);
}

/** undefined when there is nothing to add, or something is not known. */
function sum(values: readonly (number | undefined)[]): number | undefined {
  if (values.length === 0) return undefined;
  return values.reduce((total, value) => (total === undefined || value === undefined ? undefined : total + value), 0);
}

function resolveSystem(
  system: VirtualSystem,
  {
    findDisk,
    option,
    values,
  }: {
    readonly findDisk: (item: HardwareItem) => Disk | undefined;
    readonly option: string | undefined;
    readonly values: ReadonlyMap<string, string>;
  },
): ResolvedSystem {
  const all = system.hardware[0]?.items ?? [];
  const items = effectiveItems(all, option);
  const cpus = items.filter(({ resourceType }) => resourceType === cpuType);
  return {
    id: system.id,
    name: system.name,
    system,
    items,
    cpus: sum(cpus.map(({ virtualQuantity }) => virtualQuantity)),
    memory: memoryOf(items, all),
    disks: items.filter(isDiskItem).flatMap((item) => {
      const disk = findDisk(item);
      if (disk === undefined) return [];
      return [
        { diskId: disk.diskId, capacity: capacityOf(disk, values), fileRef: disk.fileRef, format: disk.format, item },
      ];
    }),
    nics: items
      .filter(({ resourceType }) => resourceType === ethernetType)
      .map((item) => ({ network: item.connection[0], type: item.resourceSubType, item })),
  };
}

/** A delta disk needs the files of the disks it is based on. */
function withParents(disks: readonly Disk[], used: Iterable<string>): ReadonlySet<string> {
  const byId = indexBy(disks, ({ diskId }) => diskId);
  const all = new Set<string>();
  for (const diskId of used) {
    // ends at a disk that was met before, so a circle does, too
    for (let next: string | undefined = diskId; next !== undefined && !all.has(next); next = byId.get(next)?.parentRef)
      all.add(next);
  }
  return all;
}

/**
 * The package as it would be deployed under an option (its default one when none is named).
 * @throws PackageError OPTION_UNKNOWN
 */
export function resolveConfiguration(descriptor: Descriptor, options: ResolveOptions = {}): ResolvedPackage {
  const option = effectiveOption(descriptor, options.option);
  const values = propertyValues(productsOf(descriptor), { option, properties: options.properties });
  const findDisk = createDiskLookup(descriptor);
  const systems = systemsOf(descriptor.content).map((system) => resolveSystem(system, { findDisk, option, values }));
  const inUse = systems.flatMap(({ disks }) => disks.map(({ diskId }) => diskId));
  const used = withParents(descriptor.disks, inUse);
  const needed = new Set(descriptor.disks.filter(({ diskId }) => used.has(diskId)).map(({ fileRef }) => fileRef));
  const ofDisks = new Set(descriptor.disks.map(({ fileRef }) => fileRef));
  return { option, systems, files: descriptor.files.filter(({ id }) => needed.has(id) || !ofDisks.has(id)) };
}
