import { z } from 'zod';
import { Id } from '../structure.ts';
import { type PowerAction, PowerInfo } from '../vm-power.ts';
import { operation } from './route.ts';

const path = '/rest/vcenter/vm/{vm}/power';
const input = z.object({ vm: Id });

const facts = (action: PowerAction) =>
  ({
    service: 'power',
    operation: action,
    method: 'POST',
    input,
    errors: ['NOT_FOUND', 'ALREADY_IN_DESIRED_STATE', 'NOT_ALLOWED_IN_CURRENT_STATE'],
    call: (backend, given, options) => backend.inventory.power[action](given, options),
  }) satisfies Partial<Parameters<typeof operation<{ readonly vm: string }>>[0]>;

/** As `/rest` has it. */
const inPath = (action: PowerAction) => operation({ ...facts(action), path: `${path}/${action}` });
/** As `/api` has it. */
const inQuery = (action: PowerAction) => operation({ ...facts(action), path, action });

/** vCenter's power calls (public reference, `/rest/vcenter/vm/{vm}/power`): the action is in the path or in the query. */
export const vmPowerRoutes = {
  get: operation({
    service: 'power',
    operation: 'get',
    method: 'GET',
    path,
    input,
    output: PowerInfo,
    errors: ['NOT_FOUND'],
    call: (backend, given, options) => backend.inventory.power.get(given, options),
  }),
  start: inPath('start'),
  stop: inPath('stop'),
  suspend: inPath('suspend'),
  reset: inPath('reset'),
  startByAction: inQuery('start'),
  stopByAction: inQuery('stop'),
  suspendByAction: inQuery('suspend'),
  resetByAction: inQuery('reset'),
} as const;
