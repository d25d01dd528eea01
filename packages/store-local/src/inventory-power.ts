import {
  type CallOptions,
  type PowerAction,
  type PowerService,
  powerAfter,
  SessionError,
  VirtualMachine,
} from '@ovfkit/domain';
import { z } from 'zod';
import type { Database } from './database.ts';
import { readDocument } from './document.ts';

const VmRow = z.object({ id: z.string(), document: z.string() });

/** Power as it is recorded: nothing runs here. A machine that was switched off by a call was so cleanly. */
export function createPowerService(database: Database): PowerService {
  const machineOf = (vm: string): VirtualMachine => {
    const [row] = z.array(VmRow).parse(database.all('SELECT id, document FROM vm WHERE id = ?', vm));
    if (row === undefined) throw new SessionError('NOT_FOUND', `There is no virtual machine ${vm}.`);
    return readDocument(VirtualMachine, { text: row.document, what: `virtual machine ${vm}` });
  };
  const acting =
    (action: PowerAction) =>
    async ({ vm }: { readonly vm: string }, options?: CallOptions) => {
      options?.signal?.throwIfAborted();
      database.transaction(() => {
        const { powerState = 'POWERED_OFF', template = false } = machineOf(vm);
        if (template) throw new SessionError('NOT_ALLOWED_IN_CURRENT_STATE', `${vm} is a template and never runs.`);
        const after = powerAfter(action, powerState);
        database.run("UPDATE vm SET document = json_set(document, '$.powerState', ?) WHERE id = ?", after, vm);
      });
    };
  return {
    async get({ vm }, options) {
      options?.signal?.throwIfAborted();
      const { powerState: state = 'POWERED_OFF' } = machineOf(vm);
      return { state, ...(state === 'POWERED_OFF' ? { cleanPowerOff: true } : {}) };
    },
    start: acting('start'),
    stop: acting('stop'),
    suspend: acting('suspend'),
    reset: acting('reset'),
  };
}
