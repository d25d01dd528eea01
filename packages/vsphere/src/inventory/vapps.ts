import { type CallOptions, type InventoryServices, passes, SessionError } from '@ovfkit/domain';
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
  async start({ vapp }, options) {
    const machines = await powersOf(vim, { vapp, options });
    if (machines.length > 0 && machines.every(({ power }) => power === 'poweredOn'))
      throw new SessionError('ALREADY_IN_DESIRED_STATE', `All machines of ${vapp} run already.`);
    await runTask(vim, { method: 'PowerOnVApp_Task', type: 'VirtualApp', id: vapp, signal: options?.signal });
  },
  async delete({ vapp }, options) {
    const signal = options?.signal;
    const on = (await powersOf(vim, { vapp, options })).find(({ power }) => power !== 'poweredOff');
    // vSphere would delete those that are off before it comes to this one
    if (on !== undefined)
      throw new SessionError('NOT_ALLOWED_IN_CURRENT_STATE', `${on.vm} of ${vapp} is not switched off.`);
    await runTask(vim, { method: 'Destroy_Task', type: 'VirtualApp', id: vapp, signal });
  },
});

/** The machines of a vApp, and what vim25 calls their power. @throws SessionError NOT_FOUND */
async function powersOf(
  vim: VimClient,
  { vapp, options }: { readonly vapp: string; readonly options: CallOptions | undefined },
): Promise<readonly { readonly vm: string; readonly power: string }[]> {
  const all = await find(vim, { type: 'VirtualApp', properties, filter: {}, ids: undefined, options });
  const wanted = all.find(({ id }) => id === vapp);
  if (wanted === undefined) throw new SessionError('NOT_FOUND', `There is no vApp ${vapp}.`);
  const objects = machinesOf(wanted, all).map((id) => managedObject('VirtualMachine', id));
  const power = { 'runtime.powerState': text };
  const signal = options?.signal;
  const machines = await retrieve(vim, { type: 'VirtualMachine', objects, properties: power, signal });
  return machines.map(({ ref, properties: told }) => ({ vm: ref.value, power: told['runtime.powerState'] }));
}

function machinesOf({ id, properties: { vm } }: Vapp, all: readonly Vapp[]): string[] {
  const inner = all.filter(({ properties: { parent } }) => parent?.value === id);
  return [...vm.map(({ value }) => value), ...inner.flatMap((each) => machinesOf(each, all))];
}
