import { nameProblem } from './name.ts';
import { checkItems, type References } from './ovf-check-items.ts';
import { checkSections, propertyNamesOf } from './ovf-check-sections.ts';
import { attribute, type ReadContext, readNumber } from './ovf-element.ts';
import type { Placed } from './ovf-envelope.ts';
import { capacityOf, createDiskLookup, effectiveItems } from './ovf-resolve.ts';
import {
  contentsOf,
  type Descriptor,
  type Disk,
  type FileReference,
  type HardwareItem,
  systemsOf,
} from './ovf-types.ts';
import { readUnit } from './units.ts';
import { elementsOf, type XmlElement, type XmlPosition } from './xml-tree.ts';

interface Check {
  readonly context: ReadContext;
  readonly descriptor: Omit<Descriptor, 'findings'>;
  readonly files: readonly Placed<FileReference>[];
  readonly disks: readonly Placed<Disk>[];
}

/** {@link Check} with its indexes: searching lists would take hours on a hostile descriptor. */
interface IndexedCheck extends Check {
  readonly references: References;
  readonly diskIds: ReadonlySet<string>;
  readonly propertyNames: ReadonlySet<string>;
}

/** More options than any package has; each costs a walk over all items. */
const maxOptions = 100;

const neededTypes = [
  { type: 3, code: 'CPU_MISSING', what: 'CPU' },
  { type: 4, code: 'MEMORY_MISSING', what: 'memory' },
] as const;

function checkFiles({ context, files }: Check): void {
  const ids = new Set<string>();
  const hrefs = new Set<string>();
  for (const { value, position } of files) {
    const { id, href } = value;
    const problem = href === '' ? undefined : nameProblem(href);
    if (ids.has(id)) context.report('FILE_ID_DUPLICATE', `Two files have the id ${id}`, { position });
    // one outside the package is not read, so it cannot clash
    if (href !== '' && problem === undefined && hrefs.has(href))
      context.report('FILE_HREF_DUPLICATE', `Two files have the href ${href}`, { position });
    if (problem !== undefined) {
      context.report(
        'FILE_HREF_OUTSIDE',
        `The href ${href} of file ${id} ${problem}, so the file is not one of the package`,
        {
          position,
        },
      );
    }
    ids.add(id);
    hrefs.add(href);
  }
}

function checkCapacity(check: IndexedCheck, { value, position }: Placed<Disk>): void {
  const { context } = check;
  const { diskId, capacity, capacityAllocationUnits } = value;
  const place = { position };
  if (capacity === undefined) {
    if (context.version !== 'ovirt') context.report('DISK_CAPACITY_MISSING', `Disk ${diskId} has no capacity`, place);
    return;
  }
  if (capacityAllocationUnits !== undefined && readUnit(capacityAllocationUnits)?.base !== 'byte') {
    context.report(
      'UNIT_INVALID',
      `The unit ${JSON.stringify(capacityAllocationUnits)} of disk ${diskId} is no number of bytes`,
      place,
    );
    return;
  }
  const key = /^\$\{(.*)\}$/.exec(capacity.trim())?.[1];
  if (key !== undefined) {
    if (!check.propertyNames.has(key))
      context.report(
        'DISK_CAPACITY_PROPERTY_UNKNOWN',
        `The capacity of disk ${diskId} is the unknown property ${key}`,
        place,
      );
    return;
  }
  checkFixedCapacity(check, { value, position });
}

function checkFixedCapacity({ context, descriptor }: Check, { value, position }: Placed<Disk>): void {
  const { diskId, capacity, populatedSize } = value;
  const element: XmlElement = { ...descriptor.root, position };
  if (readNumber(context, { text: capacity, what: `The capacity of disk ${diskId}`, element }) === undefined) return;
  const size = capacityOf(value, new Map());
  if (size === undefined) {
    context.report('NUMBER_OUT_OF_RANGE', `The capacity of disk ${diskId} is out of range`, { position });
  } else if (populatedSize !== undefined && size > 0 && populatedSize > size) {
    // a capacity of 0 means that the writer did not know it
    context.report(
      'DISK_POPULATED_EXCEEDS_CAPACITY',
      `Disk ${diskId} says it holds ${populatedSize} bytes of ${size}`,
      { position },
    );
  }
}

/** Each disk is looked at once, however long the chains are. */
function checkChains({ context, disks }: Check): void {
  const parents = new Map(disks.map(({ value }) => [value.diskId, value.parentRef]));
  const sound = new Set<string>();
  for (const { value, position } of disks) {
    const path = new Set<string>();
    let next: string | undefined = value.diskId;
    while (next !== undefined && !sound.has(next) && !path.has(next)) {
      path.add(next);
      next = parents.get(next);
    }
    if (next !== undefined && path.has(next))
      context.report('DISK_PARENT_CIRCULAR', `Disk ${next} is based on itself`, { position });
    for (const diskId of path) sound.add(diskId);
  }
}

function checkDisks(check: IndexedCheck): void {
  const { context, references, diskIds, disks } = check;
  checkChains(check);
  const ids = new Set<string>();
  for (const disk of disks) {
    const { diskId, fileRef, parentRef } = disk.value;
    const place = { position: disk.position };
    if (ids.has(diskId)) context.report('DISK_ID_DUPLICATE', `Two disks have the id ${diskId}`, place);
    ids.add(diskId);
    if (fileRef !== undefined && !references.fileIds.has(fileRef)) {
      context.report(
        'DISK_FILE_UNKNOWN',
        `Disk ${diskId} refers to the file ${fileRef}, which References does not have`,
        place,
      );
    }
    if (parentRef !== undefined && !diskIds.has(parentRef)) {
      context.report(
        'DISK_PARENT_UNKNOWN',
        `Disk ${diskId} is based on the disk ${parentRef}, which does not exist`,
        place,
      );
    }
    checkCapacity(check, disk);
  }
}

/** Reports a system that has no item of a type under some options, once for all of them. */
function checkPresence(
  { context, descriptor }: IndexedCheck,
  {
    id,
    position,
    items,
  }: { readonly id: string; readonly position: XmlPosition; readonly items: readonly HardwareItem[] },
): void {
  const ids = descriptor.deploymentOptions.slice(0, maxOptions).map((option) => option.id);
  const options = ids.length === 0 ? [undefined] : ids;
  const found = options.map((option) => ({
    option,
    types: new Set(effectiveItems(items, option).map(({ resourceType }) => resourceType)),
  }));
  for (const { type, code, what } of neededTypes) {
    const lacking = found.filter(({ types }) => !types.has(type));
    const names = lacking.flatMap(({ option }) => (option === undefined ? [] : [option]));
    const where = names.length === 0 ? '' : ` under the options ${names.join(', ')}`;
    if (lacking.length > 0) context.report(code, `System ${id} has no ${what}${where}`, { position });
  }
}

function checkSystems(check: IndexedCheck): void {
  const { context, descriptor, references } = check;
  const ids = new Set<string>();
  for (const { id, position } of contentsOf(descriptor.content)) {
    if (id !== '' && ids.has(id)) context.report('SYSTEM_ID_DUPLICATE', `Two systems have the id ${id}`, { position });
    ids.add(id);
  }
  for (const { id, hardware, position } of systemsOf(descriptor.content)) {
    for (const { items } of hardware) {
      checkItems({ context, references, items });
      if (items.length > 0) checkPresence(check, { id, position, items });
    }
  }
}

function walk(element: XmlElement, visit: (element: XmlElement) => void): void {
  visit(element);
  for (const child of elementsOf(element)) walk(child, visit);
}

/** Messages in files are not there yet, so an id is only unknown when all bundles are in the descriptor. */
function checkMessages({ context, descriptor }: Check): void {
  const { bundles, root } = descriptor;
  if (bundles.some(({ fileRef }) => fileRef !== undefined)) return;
  // what is reported counts as known, so that each id is reported once
  const known = new Set(bundles.flatMap(({ messages }) => [...messages.keys()]));
  walk(root, (element) => {
    const msgid = element.name === 'Msg' ? undefined : attribute(context, element, 'msgid');
    if (msgid === undefined || known.has(msgid)) return;
    known.add(msgid);
    context.report('MESSAGE_UNKNOWN', `No bundle has the message ${msgid}`, { position: element.position });
  });
}

function checkReferences({ context, descriptor, references }: IndexedCheck): void {
  walk(descriptor.root, (element) => {
    if (element.name !== 'Strings' && element.name !== 'Icon') return;
    const fileRef = attribute(context, element, 'fileRef');
    if (fileRef === undefined || references.fileIds.has(fileRef)) return;
    const code = element.name === 'Strings' ? 'BUNDLE_FILE_UNKNOWN' : 'PRODUCT_FILE_UNKNOWN';
    context.report(code, `${element.name} refers to the file ${fileRef}, which References does not have`, {
      position: element.position,
    });
  });
}

/** Checks what one element alone cannot tell: references, duplicates, figures that contradict each other. */
export function checkDescriptor(check: Check): void {
  const { descriptor, files, disks } = check;
  const references: References = {
    fileIds: new Set(files.map(({ value }) => value.id)),
    networkNames: new Set(descriptor.networks.map(({ name }) => name)),
    optionIds: new Set(descriptor.deploymentOptions.map(({ id }) => id)),
    findDisk: createDiskLookup(descriptor),
  };
  const diskIds = new Set(disks.map(({ value }) => value.diskId));
  const indexed: IndexedCheck = { ...check, references, diskIds, propertyNames: propertyNamesOf(descriptor) };
  checkFiles(check);
  checkDisks(indexed);
  checkSystems(indexed);
  checkReferences(indexed);
  checkMessages(check);
  checkSections({ context: check.context, descriptor, fileIds: references.fileIds, optionIds: references.optionIds });
}
