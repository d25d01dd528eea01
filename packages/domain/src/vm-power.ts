import { z } from 'zod';
import { SessionError } from './errors.ts';
import { PowerState } from './inventory.ts';
import { openEnum, structure } from './structure.ts';

export const PowerInfo = structure({
  state: openEnum(PowerState),
  /** Whether it was switched off, and did not break down; only while it is off. */
  cleanPowerOff: z.exactOptional(z.boolean()),
});
export type PowerInfo = z.infer<typeof PowerInfo>;

export const PowerAction = z.enum(['start', 'stop', 'suspend', 'reset']);
export type PowerAction = z.infer<typeof PowerAction>;

/**
 * The power state of a virtual machine after an action.
 * @throws SessionError ALREADY_IN_DESIRED_STATE, NOT_ALLOWED_IN_CURRENT_STATE
 */
export function powerAfter(action: PowerAction, state: PowerState): PowerState {
  const wanted = { start: 'POWERED_ON', stop: 'POWERED_OFF', suspend: 'SUSPENDED', reset: 'POWERED_ON' } as const;
  const after = wanted[action];
  if (after === state && action !== 'reset')
    throw new SessionError('ALREADY_IN_DESIRED_STATE', `The virtual machine is ${state} already.`);
  const needsPower = action === 'suspend' || action === 'reset';
  if (needsPower && state !== 'POWERED_ON')
    throw new SessionError(
      'NOT_ALLOWED_IN_CURRENT_STATE',
      `${action} needs a machine that runs; this one is ${state}.`,
    );
  return after;
}
