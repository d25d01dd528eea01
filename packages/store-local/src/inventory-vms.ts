import {
  Entity,
  type Inventory,
  passes,
  SessionError,
  VirtualMachine,
  type VmFilter,
  type VmSummary,
} from '@ovfkit/domain';
import { z } from 'zod';
import type { Database } from './database.ts';
import { type OnDamage, readAllReadable, readDocument } from './document.ts';
import { changePower, powerOf } from './inventory-power.ts';
import { topology } from './topology.ts';
import { vmInfoOf } from './vm-info.ts';

/** A virtual machine with the entity it belongs to: itself, or its vApp. */
const Row = z.object({
  id: z.string(),
  entity: z.string(),
  type: Entity.shape.type,
  machine: z.string(),
  frame: z.string(),
});
type Row = z.infer<typeof Row>;

const Frame = Entity.omit({ vms: true });

interface Machine extends Omit<Row, 'machine' | 'frame'> {
  readonly machine: VirtualMachine;
  readonly frame: z.infer<typeof Frame>;
}

const machineOf = (row: Row): Machine => ({
  ...row,
  machine: readDocument(VirtualMachine, { text: row.machine, what: `virtual machine ${row.id}` }),
  frame: readDocument(Frame, { text: row.frame, what: `entity ${row.entity}` }),
});

const VappRow = z.object({ id: z.string(), name: z.string(), folder: z.string() });
const IdRow = z.object({ id: z.string(), entity: z.string() });
const RunningRow = z.object({ id: z.string() });

const selection = `
  SELECT vm.id, vm.entity, entity.type, vm.document AS machine, entity.document AS frame
  FROM vm JOIN entity ON entity.id = vm.entity`;

/** The calls on virtual machines and vApps. A vApp outlives its last machine, as in vSphere. */
export function createInventoryVms(database: Database, onDamage: OnDamage): Pick<Inventory, 'vm' | 'vapp'> {
  return {
    vm: {
      async list(filter, options) {
        options?.signal?.throwIfAborted();
        const rows = z.array(Row).parse(database.all(`${selection} ORDER BY vm.number`));
        const machines = readAllReadable(rows, { read: machineOf, onDamage });
        return machines.filter((machine) => isListed(machine, filter)).map(summaryOf);
      },
      async get({ vm }, options) {
        options?.signal?.throwIfAborted();
        const [row] = z.array(Row).parse(database.all(`${selection} WHERE vm.id = ?`, vm));
        if (row === undefined) throw new SessionError('NOT_FOUND', `There is no virtual machine ${vm}.`);
        const { machine, frame, type, entity } = machineOf(row);
        return vmInfoOf(machine, { entity: frame, ...(type === 'VirtualApp' ? { vapp: entity } : {}) });
      },
      async delete({ vm }, options) {
        options?.signal?.throwIfAborted();
        database.transaction(() => deleteVm(database, vm));
      },
      async markAsTemplate({ vm }, options) {
        options?.signal?.throwIfAborted();
        database.transaction(() => markAsTemplate(database, vm));
      },
    },
    vapp: {
      async list(filter, options) {
        options?.signal?.throwIfAborted();
        return listVapps(database)
          .filter(
            ({ id, name, folder }) =>
              passes(filter.vapps, id) &&
              passes(filter.names, name) &&
              passes(filter.folders, folder) &&
              passes(filter.resourcePools, topology.resourcePool.id),
          )
          .map(({ id, name, vms }) => ({ vapp: id, name, vms }));
      },
      async start({ vapp }, options) {
        options?.signal?.throwIfAborted();
        database.transaction(() => startVapp(database, vapp));
      },
      async delete({ vapp }, options) {
        options?.signal?.throwIfAborted();
        database.transaction(() => deleteVapp(database, vapp));
      },
    },
  };
}

function isListed(row: Machine, filter: z.infer<typeof VmFilter>): boolean {
  const { placement } = row.frame;
  const pools = row.type === 'VirtualApp' ? [row.entity, placement.resourcePool] : [placement.resourcePool];
  return (
    passes(filter.vms, row.id) &&
    passes(filter.names, row.machine.name) &&
    passes(filter.folders, placement.folder) &&
    passes(filter.datacenters, topology.datacenter.id) &&
    passes(filter.hosts, placement.host ?? topology.host.id) &&
    passes(filter.clusters) &&
    passes(filter.resourcePools, ...pools) &&
    passes(filter.powerStates, row.machine.powerState ?? 'POWERED_OFF')
  );
}

const summaryOf = ({ id, machine }: Machine): VmSummary => ({
  vm: id,
  name: machine.name,
  powerState: machine.powerState ?? 'POWERED_OFF',
  cpuCount: machine.cpuCount,
  memorySizeMib: Math.floor(machine.memory / (1024 * 1024)),
});

/** Of a machine, or of a vApp's. A document that cannot be read says nothing of its power and can always be deleted. */
function refuseRunning(database: Database, id: string): void {
  const running = database.all(
    `SELECT id FROM vm WHERE (id = ? OR entity = ?) AND json_valid(document)
      AND json_extract(document, '$.powerState') = 'POWERED_ON'`,
    ...[id, id],
  );
  const [first] = z.array(RunningRow).parse(running);
  if (first !== undefined)
    throw new SessionError('NOT_ALLOWED_IN_CURRENT_STATE', `${first.id} is powered on. Stop it, then delete it.`);
}

function markAsTemplate(database: Database, vm: string): void {
  const [row] = z.array(Row).parse(database.all(`${selection} WHERE vm.id = ?`, vm));
  if (row === undefined) throw new SessionError('NOT_FOUND', `There is no virtual machine ${vm}.`);
  const { powerState = 'POWERED_OFF', template = false } = machineOf(row).machine;
  if (template) throw new SessionError('ALREADY_IN_DESIRED_STATE', `${vm} is a template already.`);
  if (powerState !== 'POWERED_OFF')
    throw new SessionError('NOT_ALLOWED_IN_CURRENT_STATE', `${vm} is ${powerState}. Stop it first.`);
  database.run("UPDATE vm SET document = json_set(document, '$.template', json('true')) WHERE id = ?", vm);
}

function startVapp(database: Database, vapp: string): void {
  const wanted = listVapps(database).find(({ id }) => id === vapp);
  if (wanted === undefined) throw new SessionError('NOT_FOUND', `There is no vApp ${vapp}.`);
  const off = wanted.vms.filter((vm) => powerOf(database, vm) !== 'POWERED_ON');
  if (off.length === 0) throw new SessionError('ALREADY_IN_DESIRED_STATE', `All machines of ${vapp} run already.`);
  for (const vm of off) changePower(database, { vm, action: 'start' });
}

function deleteVapp(database: Database, vapp: string): void {
  refuseRunning(database, vapp);
  const deleted = database.run("DELETE FROM entity WHERE id = ? AND type = 'VirtualApp'", vapp);
  if (deleted === 0) throw new SessionError('NOT_FOUND', `There is no vApp ${vapp}.`);
}

function deleteVm(database: Database, vm: string): void {
  const [row] = z.array(IdRow).parse(database.all('SELECT id, entity FROM vm WHERE id = ?', vm));
  if (row === undefined) throw new SessionError('NOT_FOUND', `There is no virtual machine ${vm}.`);
  refuseRunning(database, vm);
  database.run('DELETE FROM vm WHERE id = ?', vm);
  database.run("DELETE FROM entity WHERE id = ? AND type = 'VirtualMachine'", row.entity);
}

function listVapps(database: Database): readonly (z.infer<typeof VappRow> & { readonly vms: string[] })[] {
  const rows = database.all("SELECT id, name, folder FROM entity WHERE type = 'VirtualApp' ORDER BY number");
  const vms = z.array(IdRow).parse(database.all('SELECT id, entity FROM vm ORDER BY number'));
  return z
    .array(VappRow)
    .parse(rows)
    .map((vapp) => ({ ...vapp, vms: vms.filter((vm) => vm.entity === vapp.id).map((vm) => vm.id) }));
}
