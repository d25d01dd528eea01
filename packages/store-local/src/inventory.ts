import {
  Entity,
  type Inventory,
  type Judgement,
  type NewEntity,
  type Ref,
  SessionError,
  VirtualMachine,
} from '@ovfkit/domain';
import { z } from 'zod';
import type { Database } from './database.ts';
import { type OnDamage, readDocument } from './document.ts';
import { createGuestService } from './inventory-guest.ts';
import { createPowerService } from './inventory-power.ts';
import { createInventoryVms } from './inventory-vms.ts';
import { checkPlaces, createTopology } from './topology.ts';

const EntityRow = z.object({ id: z.string(), type: Entity.shape.type, document: z.string() });
const RefRow = EntityRow.pick({ id: true, type: true });
const VmRow = z.object({ id: z.string(), entity: z.string(), document: z.string() });
const SequenceRow = z.object({ last: z.int() });

/** Everything of an entity but its virtual machines, which have rows of their own. */
const Frame = Entity.omit({ vms: true });

interface InventoryOptions {
  readonly database: Database;
  /** Where the blobs lie: the room of its volume is the datastore's. */
  readonly folder: string;
  readonly onDamage: OnDamage;
}

/**
 * One datacenter with one resource pool, folder, host, datastore and network, and the virtual machines and vApps that
 * imports made, in `database`. A machine that cannot be read is left out of lists, which tell `onDamage`.
 */
export function createInventory({ database, folder, onDamage }: InventoryOptions): Inventory {
  const vms = createInventoryVms(database, onDamage);
  return {
    ...createTopology(folder),
    ...vms,
    async judge({ entity }, options) {
      options?.signal?.throwIfAborted();
      return judge(database, entity);
    },
    guestIdentity: createGuestService(database),
    power: createPowerService(database),
    async create(request, options) {
      options?.signal?.throwIfAborted();
      return database.transaction(() => createEntity(database, request));
    },
    made: async (key) => entityOf(database, key),
    async discard(key) {
      const made = entityOf(database, key);
      if (made === undefined) return;
      await (made.type === 'VirtualApp' ? vms.vapp.delete({ vapp: made.id }) : vms.vm.delete({ vm: made.id }));
    },
    features: { exportRunning: false },
    outOfReach: async () => ({ datastores: new Map(), networks: new Map() }),
    async describe(ref, options) {
      options?.signal?.throwIfAborted();
      return describe(database, ref);
    },
    async stage({ ref }, options) {
      options?.signal?.throwIfAborted();
      return { entity: describe(database, ref) };
    },
    async held(blobs) {
      return new Set(blobs.filter((key) => database.all('SELECT 1 FROM blob WHERE key = ? LIMIT 1', key).length > 0));
    },
  };
}

function entityOf(database: Database, key: string): Ref | undefined {
  const [row] = z.array(RefRow).parse(database.all('SELECT id, type FROM entity WHERE key = ?', key));
  return row;
}

function createEntity(database: Database, { key, entity }: NewEntity): Ref {
  const known = entityOf(database, key);
  if (known !== undefined) return known;
  checkEntity(database, entity);
  const { vms, ...frame } = entity;
  const number = nextNumber(database);
  const id = frame.type === 'VirtualApp' ? `resgroup-v${number}` : `vm-${number}`;
  database.run(
    'INSERT INTO entity (id, key, type, name, folder, number, document) VALUES (?, ?, ?, ?, ?, ?, ?)',
    ...[id, key, frame.type, frame.name, frame.placement.folder, number, JSON.stringify(frame)],
  );
  for (const vm of vms) insertVm(database, { vm, entity: id, ...(frame.type === 'VirtualMachine' ? { number } : {}) });
  return { type: frame.type, id };
}

function judge(database: Database, entity: Entity): Judgement {
  try {
    checkEntity(database, entity);
    return { errors: [], warnings: [] };
  } catch (error) {
    if (!(error instanceof SessionError)) throw error;
    const about = error.kind === 'ALREADY_EXISTS' ? 'name' : 'place';
    return { errors: [{ about, text: error.message }], warnings: [] };
  }
}

/** @throws SessionError NOT_FOUND for places that are not there, ALREADY_EXISTS for a name that is taken */
function checkEntity(database: Database, { vms, ...frame }: Entity): void {
  const { resourcePool, folder, host, datastore, storageProfile } = frame.placement;
  checkPlaces({
    resourcePool,
    folder,
    hosts: host === undefined ? [] : [host],
    datastores: [datastore, ...vms.flatMap((vm) => vm.disks.map((disk) => disk.datastore))],
    networks: [
      ...frame.networks.map((network) => network.target),
      ...vms.flatMap((vm) => vm.nics.flatMap(({ network }) => network ?? [])),
    ],
    storagePolicies: [storageProfile, ...vms.flatMap((vm) => vm.disks.map((disk) => disk.storageProfile))].filter(
      (id) => id !== undefined,
    ),
  });
  checkName(database, frame);
}

function checkName(database: Database, { name, placement }: Pick<Entity, 'name' | 'placement'>): void {
  const [taken] = database.all('SELECT id FROM entity WHERE folder = ? AND name = ?', placement.folder, name);
  if (taken === undefined) return;
  throw new SessionError(
    'ALREADY_EXISTS',
    `There is ${String(taken['id'])} with the name ${name} in ${placement.folder}.`,
  );
}

interface NewVm {
  readonly vm: VirtualMachine;
  readonly entity: string;
  /** The entity's own, when the machine is the entity. */
  readonly number?: number;
}

function insertVm(database: Database, { vm, entity, number = nextNumber(database) }: NewVm): void {
  const id = `vm-${number}`;
  database.run(
    'INSERT INTO vm (id, entity, number, document) VALUES (?, ?, ?, ?)',
    ...[id, entity, number, JSON.stringify(vm)],
  );
  const files = [...vm.disks.flatMap(({ file }) => file ?? []), ...vm.files];
  for (const { blob } of files) database.run('INSERT OR IGNORE INTO blob (vm, key) VALUES (?, ?)', id, blob);
}

/** Counts on for ever: the identifier of a deleted machine never comes back with another one behind it. */
function nextNumber(database: Database): number {
  const rows = database.all("UPDATE sequence SET last = last + 1 WHERE name = 'entity' RETURNING last");
  return SequenceRow.parse(rows[0]).last;
}

const describe = (database: Database, ref: Ref): Entity =>
  ref.type === 'VirtualApp' ? describeVapp(database, ref) : describeVm(database, ref);

function describeVm(database: Database, { id }: Ref): Entity {
  const [row] = z.array(VmRow).parse(database.all('SELECT id, entity, document FROM vm WHERE id = ?', id));
  if (row === undefined) throw new SessionError('NOT_FOUND', `There is no virtual machine ${id}.`);
  const vm = readMachine(row);
  const frame = readFrame(database, row.entity);
  if (frame.type === 'VirtualMachine') return { ...frame, vms: [vm] };
  const { annotation: _annotation, sections: _sections, children: _children, ...rest } = frame; // the vApp's own; so are its products and EULAs
  return { ...rest, type: 'VirtualMachine', name: vm.name, products: [], eulas: [], vms: [vm] };
}

function describeVapp(database: Database, { id }: Ref): Entity {
  const frame = readFrame(database, id);
  if (frame.type !== 'VirtualApp') throw new SessionError('NOT_FOUND', `There is no vApp ${id}.`);
  const rows = database.all('SELECT id, entity, document FROM vm WHERE entity = ? ORDER BY number', id);
  return {
    ...frame,
    vms: z.array(VmRow).parse(rows).map(readMachine),
  };
}

function readFrame(database: Database, id: string): z.infer<typeof Frame> {
  const [row] = z.array(EntityRow).parse(database.all('SELECT id, type, document FROM entity WHERE id = ?', id));
  if (row === undefined) throw new SessionError('NOT_FOUND', `There is no vApp ${id}.`);
  return readDocument(Frame, { text: row.document, what: `entity ${id}` });
}

const readMachine = ({ id, document }: z.infer<typeof VmRow>): VirtualMachine =>
  readDocument(VirtualMachine, { text: document, what: `virtual machine ${id}` });
