import { itemsOf } from '../../src/vim/vim-shape.ts';
import { managedObject } from '../../src/vim/vim-value.ts';
import { type Model, sampleOf } from './vim-server/model.ts';
import { addMachine } from './vim-server/sample-vcenter.ts';

/**
 * Puts vApps into the vApp of the sample: `suite` with its machine then has `spare`, which is empty, and `tier` with a machine and `caches`,
 * which has one more.
 */
export function nestInSuite(model: Model): void {
  const suite = sampleOf(model, 'resgroup-v40');
  const addVapp = (value: string, name: string, parent: string) => {
    const around = sampleOf(model, parent);
    const vapp = model.add('VirtualApp', value, {
      name,
      parent: around.ref,
      owner: managedObject('ClusterComputeResource', 'domain-c10'),
      vm: [],
      resourcePool: [],
    });
    around.properties['resourcePool'] = [...itemsOf(around.properties['resourcePool']), vapp.ref];
    return vapp;
  };
  addVapp('resgroup-v60', 'spare', suite.ref.value);
  const tier = addVapp('resgroup-v61', 'tier', suite.ref.value);
  const caches = addVapp('resgroup-v62', 'caches', tier.ref.value);
  for (const [vapp, value, name] of [
    [tier, 'vm-63', 'tier-db'],
    [caches, 'vm-64', 'tier-cache'],
  ] as const)
    vapp.properties['vm'] = [addMachine(model, { value, name, parentVApp: vapp.ref, resourcePool: vapp.ref }).ref];
}
