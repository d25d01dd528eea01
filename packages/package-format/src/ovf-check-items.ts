import type { ReadContext } from './ovf-element.ts';
import { diskOf, hostResourceTarget, isDiskItem } from './ovf-resolve.ts';
import type { Descriptor, HardwareItem } from './ovf-types.ts';
import { toBytes } from './units.ts';

interface ItemsCheck {
  readonly context: ReadContext;
  readonly descriptor: Omit<Descriptor, 'findings'>;
  readonly items: readonly HardwareItem[];
}

/** CPU, memory, Ethernet and displays: nothing can be attached to them. */
const leafTypes: ReadonlySet<number> = new Set([3, 4, 10, 24]);
/** CIM defines 0 to 35 and leaves 0x8000 and above to vendors. */
const lastType = 35;
const firstVendorType = 0x8000;

function label({ elementName, instanceId }: HardwareItem): string {
  return elementName === undefined ? `The Item ${instanceId}` : `The Item ${instanceId} (${elementName})`;
}

function checkHostResource({ context, descriptor }: ItemsCheck, item: HardwareItem): void {
  for (const text of item.hostResource) {
    const target = hostResourceTarget(text);
    const isKnown =
      target?.kind === 'file'
        ? descriptor.files.some(({ id }) => id === target.id)
        : diskOf(descriptor, { ...item, hostResource: [text] }) !== undefined;
    // other devices may name things of the host here
    if (isKnown || (target === undefined && !isDiskItem(item))) continue;
    context.report('HOST_RESOURCE_UNKNOWN', `${label(item)} refers to ${text}, which does not exist`, {
      position: item.position,
    });
  }
}

function checkParent({ context, items }: ItemsCheck, item: HardwareItem): void {
  if (item.parent === undefined) return;
  const parents = items.filter(({ instanceId }) => instanceId === item.parent);
  const [parent] = parents;
  const place = { position: item.position };
  if (parent === undefined)
    context.report('PARENT_UNKNOWN', `${label(item)} is attached to ${item.parent}, which does not exist`, place);
  else if (parents.every(({ resourceType }) => leafTypes.has(resourceType))) {
    context.report(
      'PARENT_NOT_CONTROLLER',
      `${label(item)} is attached to ${item.parent}, which is no controller`,
      place,
    );
  }
}

function checkMemory({ context }: ItemsCheck, item: HardwareItem): void {
  // a bound says how far the quantity may be moved, not what it is
  if (item.resourceType !== 4 || item.bound === 'min' || item.bound === 'max') return;
  const { virtualQuantity, allocationUnits } = item;
  const place = { position: item.position };
  if (virtualQuantity === undefined)
    context.report('MEMORY_QUANTITY_MISSING', `${label(item)} does not say how much memory`, place);
  if (allocationUnits !== undefined && toBytes(virtualQuantity ?? 0, allocationUnits) === undefined) {
    context.report(
      'UNIT_INVALID',
      `The unit ${JSON.stringify(allocationUnits)} of the memory is no number of bytes`,
      place,
    );
  }
  // an override without a unit means that of the item it replaces
  if (allocationUnits === undefined && item.configurations.length === 0) {
    context.report('MEMORY_UNIT_MISSING', `${label(item)} does not say in which unit memory is given`, place);
  }
}

function checkOne(check: ItemsCheck, item: HardwareItem): void {
  const { context, descriptor } = check;
  const place = { position: item.position };
  if (item.resourceType > lastType && item.resourceType < firstVendorType) {
    context.report('RESOURCE_TYPE_UNKNOWN', `${label(item)} has the unknown resource type ${item.resourceType}`, place);
  }
  if (item.elementName === undefined && context.version !== '0.9')
    context.report('ITEM_NAME_MISSING', `${label(item)} has no ElementName`, place);
  for (const network of item.resourceType === 10 ? item.connection : []) {
    if (!descriptor.networks.some(({ name }) => name === network)) {
      context.report(
        'NETWORK_UNKNOWN',
        `${label(item)} is on the network ${network}, which NetworkSection does not have`,
        place,
      );
    }
  }
  for (const option of item.configurations) {
    if (!descriptor.deploymentOptions.some(({ id }) => id === option)) {
      context.report(
        'CONFIGURATION_UNKNOWN',
        `${label(item)} belongs to the deployment option ${option}, which does not exist`,
        place,
      );
    }
  }
  checkHostResource(check, item);
  checkParent(check, item);
  checkMemory(check, item);
}

function overlap(a: HardwareItem, b: HardwareItem): boolean {
  if (a.configurations.length === 0 || b.configurations.length === 0)
    return a.configurations.length === b.configurations.length;
  return a.configurations.some((option) => b.configurations.includes(option));
}

/** Items may share an InstanceID when they are bounds of one another or belong to different options. */
function checkIdentity({ context, items }: ItemsCheck): void {
  const byIdentity = new Map<string, HardwareItem[]>();
  for (const item of items.filter(({ instanceId }) => instanceId !== '')) {
    const identity = JSON.stringify([item.instanceId, item.bound ?? 'normal']);
    const same = byIdentity.get(identity) ?? [];
    if (same.some((other) => overlap(other, item))) {
      const place = { position: item.position };
      if (item.bound === 'min' || item.bound === 'max')
        context.report('BOUND_DUPLICATE', `InstanceID ${item.instanceId} has two bounds ${item.bound}`, place);
      else if (item.configurations.length === 0)
        context.report('INSTANCE_ID_DUPLICATE', `Two Items have the InstanceID ${item.instanceId}`, place);
      else
        context.report(
          'CONFIGURATION_AMBIGUOUS',
          `Two Items replace InstanceID ${item.instanceId} under one option; the first is used`,
          place,
        );
    }
    same.push(item);
    byIdentity.set(identity, same);
  }
}

/** Checks the items of one hardware section against each other and the rest of the descriptor. */
export function checkItems(check: ItemsCheck): void {
  for (const item of check.items) checkOne(check, item);
  checkIdentity(check);
}
