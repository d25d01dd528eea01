import { type Ref, SessionError } from '@ovfkit/domain';
import { pause } from '@ovfkit/rest';
import { importDoneKey, importKey, importLevelKey } from '../import-mark.ts';
import { type Retrieved, retrieveAll, retrieveOne, retrieveThere } from '../vim/property-collector.ts';
import { taskResult } from '../vim/task.ts';
import type { VimClient, VimMethod } from '../vim/vim-client.ts';
import { anything, list, nothing, object, optional, reference, text } from '../vim/vim-shape.ts';
import { type ManagedObject, managedObject, type VimValue } from '../vim/vim-value.ts';
import { machinesNear, type Whereabouts } from './whereabouts.ts';

/** What an import has made, by the marks on its machines. */
export interface Made {
  /** The virtual machine, or the vApp with all of them. */
  readonly entity: ManagedObject;
  /** Whether everything of it is there. */
  readonly isDone: boolean;
}

const properties = { 'config.extraConfig': list(object('OptionValue', { key: text, value: anything })) };
type Machine = Retrieved<typeof properties>;

/** Which import. */
export interface MadeQuery {
  readonly key: string;
  /** Every machine of the inventory is looked at when absent, which takes seconds where there are thousands. */
  readonly near?: Whereabouts | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What an import has made, whole or not; nothing when there is nothing. */
export async function findMade(vim: VimClient, query: MadeQuery): Promise<Made | undefined> {
  const { key, signal } = query;
  const machines = await markedMachines(vim, query);
  const [first] = machines;
  if (first === undefined) return undefined;
  const level = Number(valuesOf(first).get(importLevelKey) ?? 0);
  return {
    entity: await vappAround(vim, { machine: first.ref, level, signal }),
    isDone: machines.some((each) => valuesOf(each).get(importDoneKey) === key),
  };
}

/** The extra configuration of a machine has tens of kilobytes. */
const machinesPerPage = 100;

async function markedMachines(vim: VimClient, { key, near, signal }: MadeQuery): Promise<readonly Machine[]> {
  const query = { type: 'VirtualMachine', properties, signal };
  const where = (each: Machine): boolean => valuesOf(each).get(importKey) === key;
  if (near === undefined) return retrieveAll(vim, { ...query, perPage: machinesPerPage, where });
  const objects = await machinesNear(vim, { near, signal });
  return (await retrieveThere(vim, { ...query, objects })).filter(where);
}

const valuesOf = ({ properties: { 'config.extraConfig': options } }: Machine): ReadonlyMap<string, string> =>
  new Map(options.map(({ key, value }) => [key, textIn(value)]));

/** In a place for any type text is wrapped, or not. */
function textIn(value: VimValue): string {
  const inner = typeof value === 'object' && !('length' in value) ? value['_value'] : value;
  return String(inner ?? '');
}

/** The outermost vApp of the import, which may itself be in one that was there before. */
async function vappAround(
  vim: VimClient,
  {
    machine,
    level,
    signal,
  }: { readonly machine: ManagedObject; readonly level: number; readonly signal: AbortSignal | undefined },
): Promise<ManagedObject> {
  let entity = machine;
  for (let up = 0; up < level; up += 1) {
    const path = entity.type === 'VirtualMachine' ? 'parentVApp' : 'parent';
    const asked = { [path]: optional(reference) };
    const parent = (await retrieveOne(vim, { object: entity, properties: asked, signal }))[path];
    if (parent?.type !== 'VirtualApp') return entity; // it was moved out since
    entity = parent;
  }
  return entity;
}

/** An entity as the ports name it. */
export const refOf = ({ type, value }: ManagedObject): Ref => ({
  type: type === 'VirtualApp' ? 'VirtualApp' : 'VirtualMachine',
  id: value,
});

const destroy: VimMethod<ManagedObject> = { name: 'Destroy_Task', result: reference, isRepeatable: false };

/** What keeps an object from being removed for now: the lease that makes it, or a task. */
const passingKinds: ReadonlySet<string> = new Set(['RESOURCE_BUSY', 'RESOURCE_IN_USE', 'NOT_ALLOWED_IN_CURRENT_STATE']);

const retryMs = 500;

/** How long what a dead process has left may be held by its lease: vSphere's usual timeout. */
export const abandonedLeaseMs = 300_000;

/**
 * Removes what an unfinished import has made. A lease of somebody who is gone holds it until it ends; `onHeld` is told of that, once.
 * @throws SessionError when it cannot be removed within that time; the signal's reason
 */
export async function removeMade(
  vim: VimClient,
  {
    entity,
    withinMs,
    signal,
    onHeld = () => {},
  }: {
    readonly entity: ManagedObject;
    readonly withinMs: number;
    readonly signal?: AbortSignal | undefined;
    readonly onHeld?: (() => void) | undefined;
  },
): Promise<void> {
  const end = performance.now() + withinMs;
  for (let tried = 1; ; tried += 1) {
    try {
      const task = await vim.call(destroy, { object: entity, signal });
      return await taskResult(vim, { task, method: destroy.name, result: nothing, signal });
    } catch (error) {
      if (!(error instanceof SessionError)) throw error;
      if (error.kind === 'NOT_FOUND') return;
      if (!passingKinds.has(error.kind) || performance.now() > end) throw error;
      if (tried === 1) onHeld();
      await pause(retryMs, signal);
    }
  }
}

const reconfigure: VimMethod<ManagedObject> = { name: 'ReconfigVM_Task', result: reference, isRepeatable: true };

/** Marks what an import has made as whole. */
export async function markDone(
  vim: VimClient,
  { entity, key }: { readonly entity: ManagedObject; readonly key: string },
): Promise<void> {
  const { machine } = await firstMachine(vim, entity);
  await setExtraConfig(vim, { machine, values: [[importDoneKey, key]] });
}

/** Marks what was made of a descriptor that is not ours to mark: whole, and by which import. */
export async function markMade(
  vim: VimClient,
  { made, key }: { readonly made: Ref; readonly key: string },
): Promise<void> {
  const { machine, level } = await firstMachine(vim, managedObject(made.type, made.id));
  await setExtraConfig(vim, {
    machine,
    values: [
      [importKey, key],
      [importLevelKey, String(level)],
      [importDoneKey, key],
    ],
  });
}

async function setExtraConfig(
  vim: VimClient,
  { machine, values }: { readonly machine: ManagedObject; readonly values: readonly (readonly [string, string])[] },
): Promise<void> {
  const extraConfig = values.map(([key, value]) => ({
    _typeName: 'OptionValue',
    key,
    value: { _typeName: 'string', _value: value },
  }));
  const task = await vim.call(reconfigure, {
    object: machine,
    args: { spec: { _typeName: 'VirtualMachineConfigSpec', extraConfig } },
  });
  await taskResult(vim, { task, method: reconfigure.name, result: nothing });
}

interface InVapps {
  readonly machine: ManagedObject;
  /** How many vApps of the entity are around it. */
  readonly level: number;
}

/** @throws SessionError NOT_FOUND for a vApp without machines */
async function firstMachine(vim: VimClient, entity: ManagedObject): Promise<InVapps> {
  const found = await machineIn(vim, { entity, level: 0 });
  if (found !== undefined) return found;
  throw new SessionError('NOT_FOUND', `The vApp ${entity.value} has no machine any more.`);
}

/** The first of several; vApps inside may have none. */
async function machineIn(
  vim: VimClient,
  { entity, level }: { readonly entity: ManagedObject; readonly level: number },
): Promise<InVapps | undefined> {
  if (entity.type !== 'VirtualApp') return { machine: entity, level };
  const inside = { vm: list(reference), resourcePool: list(reference) };
  const { vm, resourcePool } = await retrieveOne(vim, { object: entity, properties: inside });
  for (const child of [...vm, ...resourcePool.filter(({ type }) => type === 'VirtualApp')]) {
    const found = await machineIn(vim, { entity: child, level: level + 1 });
    if (found !== undefined) return found;
  }
  return undefined;
}
