import { PowerAction, PowerState, powerAfter } from '@ovfkit/domain';
import { expect, test } from 'vitest';

const already = 'ALREADY_IN_DESIRED_STATE';
const refused = 'NOT_ALLOWED_IN_CURRENT_STATE';

/** What each action makes of each state, or why not. */
const table: Readonly<Record<PowerAction, readonly [off: string, on: string, suspended: string]>> = {
  start: ['POWERED_ON', already, 'POWERED_ON'],
  stop: [already, 'POWERED_OFF', 'POWERED_OFF'],
  suspend: [refused, 'SUSPENDED', already],
  reset: [refused, 'POWERED_ON', refused],
};

function outcome(action: PowerAction, state: PowerState): unknown {
  try {
    return powerAfter(action, state);
  } catch (error) {
    return error instanceof Error && 'kind' in error ? error.kind : error;
  }
}

test.each(PowerAction.options)(
  '%s changes the power as vCenter does, and is refused where vCenter refuses it',
  (action) => {
    expect(PowerState.options).toEqual(['POWERED_OFF', 'POWERED_ON', 'SUSPENDED']);
    expect(PowerState.options.map((state) => outcome(action, state))).toEqual(table[action]);
  },
);
