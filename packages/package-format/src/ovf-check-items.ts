import type { ReadContext } from './ovf-element.ts';
import { hostResourceTarget, isDiskItem } from './ovf-resolve.ts';
import type { Disk, HardwareItem } from './ovf-types.ts';
import { toBytes } from './units.ts';

/** What items may refer to; built once, since a hostile descriptor may have very many of everything. */
export interface References {
  readonly fileIds: ReadonlySet<string>;
  readonly networkNames: ReadonlySet<string>;
  readonly optionIds: ReadonlySet<string>;
  readonly findDisk: (item: HardwareItem) => Disk | undefined;
}

interface ItemsCheck {
  readonly context: ReadContext;
  readonly references: References;
  readonly items: readonly HardwareItem[];
}

interface ItemCheck extends ItemsCheck {
  readonly instanceIds: ReadonlySet<string>;
  readonly controllerIds: ReadonlySet<string>;
}

/** CPU, memory, Ethernet and displays: nothing can be attached to them. */
const leafTypes: ReadonlySet<number> = new Set([3, 4, 10, 24]);
/** CIM defines 0 to 35 and leaves 0x8000 and above to vendors. */
const lastType = 35;
const firstVendorType = 0x8000;

function label({ elementName, instanceId }: HardwareItem): string {
  return elementName === undefined ? `The Item ${instanceId}` : `The Item ${instanceId} (${elementName})`;
}

function checkHostResource({ context, references }: ItemCheck, item: HardwareItem): void {
  for (const text of item.hostResource) {
    const target = hostResourceTarget(text);
    const isKnown =
      target?.kind === 'file'
        ? references.fileIds.has(target.id)
        : references.findDisk({ ...item, hostResource: [text] }) !== undefined;
    // other devices may name things of the host here
    if (isKnown || (target === undefined && !isDiskItem(item))) continue;
    context.report('HOST_RESOURCE_UNKNOWN', `${label(item)} refers to ${text}, which does not exist`, {
      position: item.position,
    });
  }
}

function checkParent({ context, instanceIds, controllerIds }: ItemCheck, item: HardwareItem): void {
  const { parent, position } = item;
  if (parent === undefined || controllerIds.has(parent)) return;
  if (!instanceIds.has(parent)) {
    // oVirt attaches to a UUID of zeros what is attached to nothing
    if (context.version === 'ovirt') return;
    context.report('PARENT_UNKNOWN', `${label(item)} is attached to ${parent}, which does not exist`, { position });
  } else {
    context.report('PARENT_NOT_CONTROLLER', `${label(item)} is attached to ${parent}, which is no controller`, {
      position,
    });
  }
}

function checkMemory({ context }: ItemCheck, item: HardwareItem): void {
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

function checkOne(check: ItemCheck, item: HardwareItem): void {
  const { context, references } = check;
  const place = { position: item.position };
  if (item.resourceType > lastType && item.resourceType < firstVendorType) {
    context.report('RESOURCE_TYPE_UNKNOWN', `${label(item)} has the unknown resource type ${item.resourceType}`, place);
  }
  if (item.elementName === undefined && context.version !== '0.9' && context.version !== 'ovirt')
    context.report('ITEM_NAME_MISSING', `${label(item)} has no ElementName`, place);
  for (const network of item.resourceType === 10 ? item.connection : []) {
    if (!references.networkNames.has(network)) {
      context.report(
        'NETWORK_UNKNOWN',
        `${label(item)} is on the network ${network}, which NetworkSection does not have`,
        place,
      );
    }
  }
  for (const option of item.configurations) {
    if (!references.optionIds.has(option)) {
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

function reportIdentity(context: ReadContext, { instanceId, bound, configurations, position }: HardwareItem): void {
  if (bound === 'min' || bound === 'max') {
    context.report('BOUND_DUPLICATE', `InstanceID ${instanceId} has two bounds ${bound}`, { position });
  } else if (configurations.length === 0) {
    context.report('INSTANCE_ID_DUPLICATE', `Two Items have the InstanceID ${instanceId}`, { position });
  } else {
    context.report(
      'CONFIGURATION_AMBIGUOUS',
      `Two Items replace InstanceID ${instanceId} under one option; the first is used`,
      { position },
    );
  }
}

/** Items may share an InstanceID when they are bounds of one another or belong to different options. */
function checkIdentity({ context, items }: ItemsCheck): void {
  const seen = new Set<string>();
  for (const item of items.filter(({ instanceId }) => instanceId !== '')) {
    const { instanceId, bound = 'normal', configurations } = item;
    const options = configurations.length === 0 ? [''] : configurations;
    const identities = options.map((option) => JSON.stringify([instanceId, bound, option]));
    if (identities.some((identity) => seen.has(identity))) reportIdentity(context, item);
    for (const identity of identities) seen.add(identity);
  }
}

/** Checks the items of one hardware section against each other and the rest of the descriptor. */
export function checkItems(check: ItemsCheck): void {
  const instanceIds = new Set(check.items.map(({ instanceId }) => instanceId));
  const controllers = check.items.filter(({ resourceType }) => !leafTypes.has(resourceType));
  const controllerIds = new Set(controllers.map(({ instanceId }) => instanceId));
  for (const item of check.items) checkOne({ ...check, instanceIds, controllerIds }, item);
  checkIdentity(check);
}
