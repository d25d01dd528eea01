import type { CallOptions, InventoryServices, PowerAction } from '@ovfkit/domain';
import { retrieveOne } from '../vim/property-collector.ts';
import { taskResult } from '../vim/task.ts';
import type { VimClient } from '../vim/vim-client.ts';
import { flag, nothing, optional, reference, text } from '../vim/vim-shape.ts';
import { managedObject } from '../vim/vim-value.ts';
import { restName } from './find.ts';

const methods: Readonly<Record<PowerAction, string>> = {
  start: 'PowerOnVM_Task',
  stop: 'PowerOffVM_Task',
  suspend: 'SuspendVM_Task',
  reset: 'ResetVM_Task',
};

/** The power of machines, as vSphere switches it. */
export function powerService(vim: VimClient): InventoryServices['power'] {
  const act =
    (action: PowerAction) =>
    ({ vm }: { readonly vm: string }, options?: CallOptions): Promise<void> =>
      runTask(vim, { method: methods[action], type: 'VirtualMachine', id: vm, signal: options?.signal });
  return {
    async get({ vm }, options) {
      const properties = await retrieveOne(vim, {
        object: managedObject('VirtualMachine', vm),
        properties: { 'runtime.powerState': text, 'runtime.cleanPowerOff': optional(flag) },
        signal: options?.signal,
      });
      const { 'runtime.powerState': power, 'runtime.cleanPowerOff': cleanPowerOff } = properties;
      const state = restName(power);
      return { state, ...(state === 'POWERED_OFF' && cleanPowerOff !== undefined ? { cleanPowerOff } : {}) };
    },
    start: act('start'),
    stop: act('stop'),
    suspend: act('suspend'),
    reset: act('reset'),
  };
}

/**
 * Calls a method without parameters that is done by a task, and waits for its end.
 * @throws SessionError as the task failed
 */
export async function runTask(
  vim: VimClient,
  {
    method,
    type,
    id,
    signal,
  }: { readonly method: string; readonly type: string; readonly id: string; readonly signal: AbortSignal | undefined },
): Promise<void> {
  const call = { name: method, result: reference, isRepeatable: false };
  const task = await vim.call(call, { object: managedObject(type, id), signal });
  await taskResult(vim, { task, method, result: nothing, signal });
}
