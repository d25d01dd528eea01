import { type CallOptions, guestOsOf, type InventoryServices, SessionError, type VmFilter } from '@ovfkit/domain';
import { retrieveAll, retrieveOne } from '../vim/property-collector.ts';
import type { VimClient, VimMethod } from '../vim/vim-client.ts';
import { flag, nothing, optional, reference, text, whole } from '../vim/vim-shape.ts';
import { type ManagedObject, managedObject } from '../vim/vim-value.ts';
import { find, isIn, restName } from './find.ts';
import { findChild } from './look-up.ts';
import { shownName } from './name.ts';
import { runTask } from './power.ts';
import { vmInfo } from './vm-info.ts';

const properties = {
  parent: optional(reference),
  resourcePool: optional(reference),
  'runtime.host': optional(reference),
  'runtime.powerState': text,
  'summary.config.numCpu': optional(whole),
  'summary.config.memorySizeMB': optional(whole),
};

const markAsTemplate: VimMethod<void> = { name: 'MarkAsTemplate', result: nothing, isRepeatable: false };

/** Virtual machines and templates. */
export const vmService = (vim: VimClient): InventoryServices['vm'] => ({
  async list(filter, options) {
    const among = await candidatesOf(vim, filter, options);
    const found = await find(vim, { type: 'VirtualMachine', properties, filter, ids: filter.vms, among, options });
    const { clusters = [] } = filter;
    const hosts = clusters.length === 0 ? undefined : await hostsOf(vim, { clusters, signal: options?.signal });
    return found
      .filter(({ properties: { parent, resourcePool, 'runtime.host': host } }) => {
        const isInPlace = isIn(filter.folders, parent) && isIn(filter.resourcePools, resourcePool);
        return isInPlace && isIn(filter.hosts, host) && (hosts?.includes(host?.value ?? '') ?? true);
      })
      .map(({ id, name, properties: found }) => ({
        vm: id,
        name,
        powerState: restName(found['runtime.powerState']),
        ...(found['summary.config.numCpu'] === undefined ? {} : { cpuCount: found['summary.config.numCpu'] }),
        ...(found['summary.config.memorySizeMB'] === undefined
          ? {}
          : { memorySizeMib: found['summary.config.memorySizeMB'] }),
      }))
      .filter(({ powerState }) => {
        const { powerStates = [] } = filter;
        return powerStates.length === 0 || powerStates.some((each) => each === powerState);
      });
  },
  get: ({ vm }, options) => vmInfo(vim, { vm, signal: options?.signal }),
  delete: ({ vm }, options) =>
    runTask(vim, { method: 'Destroy_Task', type: 'VirtualMachine', id: vm, signal: options?.signal }),
  async markAsTemplate({ vm }, options) {
    const object = managedObject('VirtualMachine', vm);
    const signal = options?.signal;
    const { 'config.template': isTemplate } = await retrieveOne(vim, {
      object,
      properties: { 'config.template': optional(flag) },
      signal,
    });
    if (isTemplate === true) throw new SessionError('ALREADY_IN_DESIRED_STATE', `${vm} is a template already.`);
    await vim.call(markAsTemplate, { object, signal });
  },
});

/**
 * The machines that a filter can mean, where it names them: there may be thousands of others. Nothing where all have to be looked at.
 */
async function candidatesOf(
  vim: VimClient,
  { vms = [], names = [], folders = [], datacenters = [] }: VmFilter,
  options: CallOptions | undefined,
): Promise<readonly ManagedObject[] | undefined> {
  if (datacenters.length > 0) return undefined;
  if (vms.length > 0) return vms.map((id) => managedObject('VirtualMachine', id));
  if (names.length === 0) return undefined;
  if (folders.length === 0) return machinesNamed(vim, { names, signal: options?.signal });
  const places = folders.flatMap((id) => names.map((name) => ({ folder: managedObject('Folder', id), name })));
  const found = await Promise.all(places.map((place) => findChild(vim, place, options)));
  return found.filter((each) => each !== undefined).filter(({ type }) => type === 'VirtualMachine');
}

/** Wherever they are: of the others only the names are read. */
async function machinesNamed(
  vim: VimClient,
  { names, signal }: { readonly names: readonly string[]; readonly signal: AbortSignal | undefined },
): Promise<readonly ManagedObject[]> {
  const found = await retrieveAll(vim, {
    type: 'VirtualMachine',
    properties: { name: text },
    where: (each) => names.includes(shownName(each.properties.name)),
    signal,
  });
  return found.map(({ ref }) => ref);
}

/** The hosts of clusters. */
async function hostsOf(
  vim: VimClient,
  { clusters, signal }: { readonly clusters: readonly string[]; readonly signal: AbortSignal | undefined },
): Promise<readonly string[]> {
  const hosts = await retrieveAll(vim, { type: 'HostSystem', properties: { parent: optional(reference) }, signal });
  return hosts.filter(({ properties }) => isIn(clusters, properties.parent)).map(({ ref }) => ref.value);
}

const running = 'guestToolsRunning';

/** What VMware Tools tell, while they run. */
export const guestService = (vim: VimClient): InventoryServices['guestIdentity'] => ({
  async get({ vm }, options) {
    const guest = await retrieveOne(vim, {
      object: managedObject('VirtualMachine', vm),
      properties: {
        'guest.toolsRunningStatus': optional(text),
        'guest.guestId': optional(text),
        'guest.guestFamily': optional(text),
        'guest.hostName': optional(text),
        'guest.ipAddress': optional(text),
      },
      signal: options?.signal,
    });
    if (guest['guest.toolsRunningStatus'] !== running)
      throw new SessionError(
        'SERVICE_UNAVAILABLE',
        `No VMware Tools run in ${vm}. Start the machine, or install them in its guest.`,
      );
    const {
      'guest.guestId': name,
      'guest.guestFamily': family,
      'guest.hostName': hostName,
      'guest.ipAddress': ip,
    } = guest;
    return {
      ...(name === undefined ? {} : { name: guestOsOf(name) }),
      ...(family === undefined ? {} : { family: guestOsOf(family.replace(/Family$/, '')) }),
      ...(hostName === undefined ? {} : { hostName }),
      ...(ip === undefined ? {} : { ipAddress: ip }),
    };
  },
});
