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

const change = (action: PowerAction) =>
  operation({ ...facts(action), path: `${path}/${action}`, inApi: { path, action } });

/** vCenter's power calls (public reference, `/rest/vcenter/vm/{vm}/power`): the action is in the path, in `/api` in the query. */
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
  start: change('start'),
  stop: change('stop'),
  suspend: change('suspend'),
  reset: change('reset'),
} as const;
