import {
  type CallOptions,
  type PowerAction,
  type PowerService,
  type PowerState,
  powerAfter,
  SessionError,
  VirtualMachine,
} from '@ovfkit/domain';
import { z } from 'zod';
import type { Database } from './database.ts';
import { readDocument } from './document.ts';

const VmRow = z.object({ id: z.string(), document: z.string() });

function machineOf(database: Database, vm: string): VirtualMachine {
  const [row] = z.array(VmRow).parse(database.all('SELECT id, document FROM vm WHERE id = ?', vm));
  if (row === undefined) throw new SessionError('NOT_FOUND', `There is no virtual machine ${vm}.`);
  return readDocument(VirtualMachine, { text: row.document, what: `virtual machine ${vm}` });
}

/** Of one machine. @throws SessionError NOT_FOUND */
export const powerOf = (database: Database, vm: string): PowerState =>
  machineOf(database, vm).powerState ?? 'POWERED_OFF';

/** Records what an action makes of a machine; in a transaction. @throws SessionError as `powerAfter`; NOT_FOUND */
export function changePower(
  database: Database,
  { vm, action }: { readonly vm: string; readonly action: PowerAction },
): void {
  const { powerState = 'POWERED_OFF', template = false } = machineOf(database, vm);
  if (template) throw new SessionError('NOT_ALLOWED_IN_CURRENT_STATE', `${vm} is a template and never runs.`);
  const after = powerAfter(action, powerState);
  database.run("UPDATE vm SET document = json_set(document, '$.powerState', ?) WHERE id = ?", after, vm);
}

/** Power as it is recorded: nothing runs here. A machine that was switched off by a call was so cleanly. */
export function createPowerService(database: Database): PowerService {
  const acting =
    (action: PowerAction) =>
    async ({ vm }: { readonly vm: string }, options?: CallOptions) => {
      options?.signal?.throwIfAborted();
      database.transaction(() => changePower(database, { vm, action }));
    };
  return {
    async get({ vm }, options) {
      options?.signal?.throwIfAborted();
      const state = powerOf(database, vm);
      return { state, ...(state === 'POWERED_OFF' ? { cleanPowerOff: true } : {}) };
    },
    start: acting('start'),
    stop: acting('stop'),
    suspend: acting('suspend'),
    reset: acting('reset'),
  };
}
