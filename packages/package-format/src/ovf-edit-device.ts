import { hasDisk, hasFile, hasNetwork, removeUnused } from './ovf-edit-envelope.ts';
import { changeHardware, instanceIdOf, itemsOf } from './ovf-edit-hardware.ts';
import { adopt, type Draft, insertChild, mapChildren, refuse } from './ovf-edit-tree.ts';
import { itemNames } from './ovf-hardware.ts';
import { hostResourceTarget } from './ovf-resolve.ts';
import { itemElement, type WritableItem } from './ovf-write-item.ts';
import { elementsOf, textOf, type XmlElement } from './xml-tree.ts';

/** A device to add. */
export type NewItem = Omit<WritableItem, 'instanceId'> & { readonly instanceId?: string | undefined };

function hasField(item: XmlElement, { name, value }: { readonly name: string; readonly value: string }): boolean {
  return elementsOf(item).some((field) => field.name === name && textOf(field).trim() === value);
}

/** Removes a device: its item and those that replace or bound it. Nothing may be attached to it. */
export function removeItem(
  draft: Draft,
  { instanceId, system }: { readonly instanceId: string; readonly system?: string | undefined },
): XmlElement {
  const root = changeHardware(draft, {
    system,
    change: (section) => {
      const items = itemsOf(draft, section);
      const attached = items.filter((item) => hasField(item, { name: 'Parent', value: instanceId }));
      const names = attached.map(instanceIdOf).join(', ');
      if (attached.length > 0) refuse(`The items ${names} are attached to ${instanceId}`);
      const targets = new Set(items.filter((item) => instanceIdOf(item) === instanceId));
      return mapChildren(section, (child) => (targets.has(child) ? undefined : child));
    },
  });
  return root === draft.root ? refuse(`No item has the InstanceID ${JSON.stringify(instanceId)}`) : root;
}

/** The next number nobody has. */
function freeId(items: readonly XmlElement[]): string {
  const numbers = items.map((item) => Number(instanceIdOf(item))).filter((number) => Number.isSafeInteger(number));
  return String(numbers.reduce((highest, number) => Math.max(highest, number), 0) + 1);
}

/** What a new device is attached to, backed by or connected to has to be there. */
function checkReferences(
  draft: Draft,
  { item, items }: { readonly item: NewItem; readonly items: readonly XmlElement[] },
): void {
  const { parent, hostResource = [], connection = [] } = item;
  if (parent !== undefined && items.every((each) => instanceIdOf(each) !== parent))
    refuse(`No item has the InstanceID ${JSON.stringify(parent)}, to which the new one is to be attached`);
  for (const text of hostResource) {
    const target = hostResourceTarget(text);
    const isThere =
      target === undefined || (target.kind === 'disk' ? hasDisk(draft, target.id) : hasFile(draft, target.id));
    if (!isThere) refuse(`The descriptor has no ${target.kind} ${JSON.stringify(target.id)}`);
  }
  for (const name of item.resourceType === 10 ? connection : []) {
    if (!hasNetwork(draft, name)) refuse(`The descriptor has no network ${JSON.stringify(name)}`);
  }
}

/** Adds a device. Without an `instanceId` it gets the next free number. */
export function addItem(
  draft: Draft,
  { item, system }: { readonly item: NewItem; readonly system?: string | undefined },
): XmlElement {
  const { context } = draft;
  return changeHardware(draft, {
    system,
    change: (section) => {
      const items = itemsOf(draft, section);
      const { instanceId = freeId(items), configurations = [], bound } = item;
      const isPlain = configurations.length === 0 && bound === undefined;
      if (isPlain && items.some((each) => instanceIdOf(each) === instanceId))
        refuse(`An item has the InstanceID ${JSON.stringify(instanceId)} already`);
      checkReferences(draft, { item, items });
      const child = adopt(context, { parent: section, element: itemElement({ ...item, instanceId }) });
      const rank = ({ name }: XmlElement) => itemNames.indexOf(name);
      const goesBefore = (sibling: XmlElement) =>
        ['Info', 'System'].includes(sibling.name) || (rank(sibling) >= 0 && rank(sibling) <= rank(child));
      return insertChild(section, { child, goesBefore });
    },
  });
}

/** The items of a device, and of all that is attached to it, directly or not. */
function withAttached(items: readonly XmlElement[], instanceId: string): ReadonlySet<XmlElement> {
  const ids = new Set([instanceId]);
  const isAttached = (item: XmlElement) => [...ids].some((id) => hasField(item, { name: 'Parent', value: id }));
  for (let size = 0; size !== ids.size; ) {
    size = ids.size;
    for (const item of items.filter(isAttached)) ids.add(instanceIdOf(item) ?? instanceId);
  }
  return new Set(items.filter((item) => ids.has(instanceIdOf(item) ?? '')));
}

/** What an item is backed by. */
function backingsOf(item: XmlElement): readonly { readonly kind: 'disk' | 'file'; readonly id: string }[] {
  return elementsOf(item)
    .filter(({ name }) => name === 'HostResource')
    .flatMap((field) => hostResourceTarget(textOf(field).trim()) ?? []);
}

/**
 * Removes a device with all that is attached to it, and the disks and files that nothing is backed by any more. Disks that
 * others are based on stay.
 */
export function removeDevice(
  draft: Draft,
  { instanceId, system }: { readonly instanceId: string; readonly system?: string | undefined },
): XmlElement {
  const { context } = draft;
  const removed: XmlElement[] = [];
  const root = changeHardware(draft, {
    system,
    change: (section) => {
      const targets = withAttached(itemsOf(draft, section), instanceId);
      removed.push(...targets);
      return mapChildren(section, (child) => (targets.has(child) ? undefined : child));
    },
  });
  if (removed.length === 0) return refuse(`No item has the InstanceID ${JSON.stringify(instanceId)}`);
  return removed
    .flatMap(backingsOf)
    .reduce((left, { kind, id }) => removeUnused({ context, root: left }, { kind, id }), root);
}
