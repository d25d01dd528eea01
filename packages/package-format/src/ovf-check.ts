import { nameProblem } from './name.ts';
import { checkItems } from './ovf-check-items.ts';
import { attribute, type ReadContext, readNumber } from './ovf-element.ts';
import type { Placed } from './ovf-envelope.ts';
import { capacityOf, effectiveItems } from './ovf-resolve.ts';
import { contentsOf, type Descriptor, type Disk, type FileReference, productsOf, systemsOf } from './ovf-types.ts';
import { readUnit } from './units.ts';
import { elementsOf, type XmlElement } from './xml.ts';

interface Check {
  readonly context: ReadContext;
  readonly descriptor: Omit<Descriptor, 'findings'>;
  readonly files: readonly Placed<FileReference>[];
  readonly disks: readonly Placed<Disk>[];
}

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
      context.report('FILE_HREF_OUTSIDE', `The href ${href} of file ${id} ${problem}, so the file will not be read`, {
        position,
      });
    }
    ids.add(id);
    hrefs.add(href);
  }
}

/** Whether `key` names a property, bare or with class and instance. */
function isProperty({ descriptor }: Check, key: string): boolean {
  return productsOf(descriptor).some((product) =>
    product.properties.some((property) => {
      const full = [product.class, property.key, product.instance]
        .filter((part) => part !== undefined && part !== '')
        .join('.');
      return property.key === key || full === key;
    }),
  );
}

function checkCapacity(check: Check, { value, position }: Placed<Disk>): void {
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
    if (!isProperty(check, key))
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

function checkDisks(check: Check): void {
  const { context, files, disks } = check;
  const ids = new Set<string>();
  for (const disk of disks) {
    const { diskId, fileRef, parentRef } = disk.value;
    const place = { position: disk.position };
    if (ids.has(diskId)) context.report('DISK_ID_DUPLICATE', `Two disks have the id ${diskId}`, place);
    ids.add(diskId);
    if (fileRef !== undefined && !files.some(({ value }) => value.id === fileRef)) {
      context.report(
        'DISK_FILE_UNKNOWN',
        `Disk ${diskId} refers to the file ${fileRef}, which References does not have`,
        place,
      );
    }
    if (parentRef !== undefined && !disks.some(({ value }) => value.diskId === parentRef)) {
      context.report(
        'DISK_PARENT_UNKNOWN',
        `Disk ${diskId} is based on the disk ${parentRef}, which does not exist`,
        place,
      );
    }
    checkCapacity(check, disk);
  }
}

function checkSystems({ context, descriptor }: Check): void {
  const ids = new Set<string>();
  for (const { id, position } of contentsOf(descriptor.content)) {
    if (id !== '' && ids.has(id)) context.report('SYSTEM_ID_DUPLICATE', `Two systems have the id ${id}`, { position });
    ids.add(id);
  }
  const options =
    descriptor.deploymentOptions.length === 0 ? [undefined] : descriptor.deploymentOptions.map(({ id }) => id);
  for (const { id, hardware, position } of systemsOf(descriptor.content)) {
    for (const { items } of hardware) {
      checkItems({ context, descriptor, items });
      for (const option of items.length === 0 ? [] : options) {
        const types = new Set(effectiveItems(items, option).map(({ resourceType }) => resourceType));
        const where = option === undefined ? '' : ` under the option ${option}`;
        if (!types.has(3)) context.report('CPU_MISSING', `System ${id} has no CPU${where}`, { position });
        if (!types.has(4)) context.report('MEMORY_MISSING', `System ${id} has no memory${where}`, { position });
      }
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
  const isComplete = bundles.every(({ fileRef }) => fileRef === undefined);
  const reported = new Set<string>();
  walk(root, (element) => {
    const msgid = element.name === 'Msg' ? undefined : attribute(context, element, 'msgid');
    if (
      !isComplete ||
      msgid === undefined ||
      reported.has(msgid) ||
      bundles.some(({ messages }) => messages.has(msgid))
    )
      return;
    reported.add(msgid);
    context.report('MESSAGE_UNKNOWN', `No bundle has the message ${msgid}`, { position: element.position });
  });
}

function checkReferences({ context, descriptor, files }: Check): void {
  const isFile = (id: string) => files.some(({ value }) => value.id === id);
  walk(descriptor.root, (element) => {
    if (element.name !== 'Strings' && element.name !== 'Icon') return;
    const fileRef = attribute(context, element, 'fileRef');
    if (fileRef === undefined || isFile(fileRef)) return;
    const code = element.name === 'Strings' ? 'BUNDLE_FILE_UNKNOWN' : 'PRODUCT_FILE_UNKNOWN';
    context.report(code, `${element.name} refers to the file ${fileRef}, which References does not have`, {
      position: element.position,
    });
  });
}

/** Checks what one element alone cannot tell: references, duplicates, figures that contradict each other. */
export function checkDescriptor(check: Check): void {
  checkFiles(check);
  checkDisks(check);
  checkSystems(check);
  checkReferences(check);
  checkMessages(check);
}
