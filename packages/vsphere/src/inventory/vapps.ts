import { type InventoryServices, passes, SessionError } from '@ovfkit/domain';
import { retrieve } from '../vim/property-collector.ts';
import type { VimClient } from '../vim/vim-client.ts';
import { list, optional, reference, text } from '../vim/vim-shape.ts';
import { managedObject } from '../vim/vim-value.ts';
import { type Found, find, isIn } from './find.ts';
import { runTask } from './power.ts';

const properties = {
  parent: optional(reference),
  parentFolder: optional(reference),
  vm: list(reference),
};
type Vapp = Found<typeof properties>;

/** vApps, each with its machines and those of vApps in it. */
export const vappService = (vim: VimClient): InventoryServices['vapp'] => ({
  async list(filter, options) {
    const all = await find(vim, { type: 'VirtualApp', properties, filter: {}, ids: undefined, options });
    return all
      .filter(
        ({ id, name, properties: { parent, parentFolder } }) =>
          passes(filter.vapps, id) &&
          passes(filter.names, name) &&
          isIn(filter.folders, parentFolder) &&
          isIn(filter.resourcePools, parent),
      )
      .map((vapp) => ({ vapp: vapp.id, name: vapp.name, vms: machinesOf(vapp, all) }));
  },
  async delete({ vapp }, options) {
    const signal = options?.signal;
    const all = await find(vim, { type: 'VirtualApp', properties, filter: {}, ids: undefined, options });
    const wanted = all.find(({ id }) => id === vapp);
    if (wanted === undefined) throw new SessionError('NOT_FOUND', `There is no vApp ${vapp}.`);
    const objects = machinesOf(wanted, all).map((id) => managedObject('VirtualMachine', id));
    const power = { 'runtime.powerState': text };
    const machines = await retrieve(vim, { type: 'VirtualMachine', objects, properties: power, signal });
    const on = machines.find(({ properties }) => properties['runtime.powerState'] !== 'poweredOff');
    // vSphere would delete those that are off before it comes to this one
    if (on !== undefined)
      throw new SessionError('NOT_ALLOWED_IN_CURRENT_STATE', `${on.ref.value} of ${vapp} is not switched off.`);
    await runTask(vim, { method: 'Destroy_Task', type: 'VirtualApp', id: vapp, signal });
  },
});

/**
 * Powers on a vApp as one: its machines in the order that the vApp has for them.
 * @throws SessionError NOT_FOUND; NOT_ALLOWED_IN_CURRENT_STATE when it runs
 */
export const startVapp = (
  vim: VimClient,
  { vapp, signal }: { readonly vapp: string; readonly signal?: AbortSignal | undefined },
): Promise<void> => runTask(vim, { method: 'PowerOnVApp_Task', type: 'VirtualApp', id: vapp, signal });

function machinesOf({ id, properties: { vm } }: Vapp, all: readonly Vapp[]): string[] {
  const inner = all.filter(({ properties: { parent } }) => parent?.value === id);
  return [...vm.map(({ value }) => value), ...inner.flatMap((each) => machinesOf(each, all))];
}
