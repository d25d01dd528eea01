import {
  type CallOptions,
  type Entity,
  type EntityChild,
  type InventoryServices,
  type Ref,
  SessionError,
  type StoredFile,
  type VappSummary,
  type VirtualMachine,
  type VmInfo,
} from '@ovfkit/domain';

/** Of what an export makes; nothing of it is anywhere yet. */
const unknown = (vm: string, name: string): StoredFile => ({
  name,
  blob: `vsphere/${vm}/${name}`,
  size: 0,
  sha256: '',
});

/**
 * A machine or vApp as the inventory shows it: enough to tell what an export would hold. Its disks are files whose bytes only an
 * export fetches.
 * @throws SessionError NOT_FOUND
 */
export async function describeEntity(
  { vm, vapp }: Pick<InventoryServices, 'vm' | 'vapp'>,
  { ref, signal }: { readonly ref: Ref; readonly signal: AbortSignal | undefined },
): Promise<Entity> {
  const options = signal === undefined ? {} : { signal };
  const placement = { resourcePool: '', folder: '', datastore: '' };
  const frame = { placement, networks: [], products: [], eulas: [] };
  if (ref.type !== 'VirtualApp') {
    const machine = machineOf(ref.id, await vm.get({ vm: ref.id }, options));
    return { ...frame, type: 'VirtualMachine', name: machine.name, vms: [machine] };
  }
  const [found] = await vapp.list({ vapps: [ref.id] }, options);
  if (found === undefined) throw new SessionError('NOT_FOUND', `There is no vApp ${ref.id}.`);
  const vms = await Promise.all(found.vms.map(async (id) => machineOf(id, await vm.get({ vm: id }, options))));
  const children = await childrenOf(vapp, { found, options });
  const isNested = children.some((child) => 'collection' in child);
  return { ...frame, type: 'VirtualApp', name: found.name, vms, ...(isNested ? { children } : {}) };
}

/** The machines of a vApp itself, then the vApps inside; a vApp is listed with all machines below it. */
async function childrenOf(
  vapp: InventoryServices['vapp'],
  { found, options }: { readonly found: VappSummary; readonly options: CallOptions },
): Promise<EntityChild[]> {
  const inner = await vapp.list({ resourcePools: [found.vapp] }, options);
  const below = new Set(inner.flatMap(({ vms }) => vms));
  const inside = inner.map(async (each) => {
    const children = await childrenOf(vapp, { found: each, options });
    return { collection: { id: each.vapp, name: each.name, products: [], eulas: [], children } };
  });
  const own = found.vms.filter((id) => !below.has(id)).map((systemId) => ({ systemId }));
  return [...own, ...(await Promise.all(inside))];
}

const mebibyte = 1024 ** 2;

function machineOf(id: string, { name, cpu, memory, powerState, disks, cdroms = [] }: VmInfo): VirtualMachine {
  const images = cdroms.flatMap(({ key, value }) => (value.backing.type === 'ISO_FILE' ? [key] : []));
  return {
    name,
    systemId: id,
    cpuCount: cpu.count,
    memory: memory.sizeMib * mebibyte,
    powerState: powerState === 'POWERED_ON' || powerState === 'SUSPENDED' ? powerState : 'POWERED_OFF',
    disks: disks.map(({ key, value }) => ({
      diskId: key,
      instanceId: key,
      label: value.label,
      capacity: value.capacity ?? 0,
      datastore: '',
      file: unknown(id, `${key}.vmdk`),
    })),
    items: images.map((key) => ({
      instanceId: key,
      resourceType: 15,
      connection: [],
      hostResource: [`ovf:/file/${key}`],
      config: [],
      required: true,
    })),
    files: images.map((key) => ({ ...unknown(id, `${key}.iso`), fileRef: key, fileType: 'CONTENT' })),
    nics: [],
    products: [],
    eulas: [],
    extraConfig: [],
  };
}
