import { constants } from 'node:os';
import { CanceledError } from './errors.ts';

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * A signal that aborts on Ctrl-C and on being asked to end. Commands then clean up; a second Ctrl-C ends at once.
 * `release` gives the process signals back.
 */
export function catchInterrupts(): { readonly signal: AbortSignal; release(): void } {
  const controller = new AbortController();
  const onSignal = (name: NodeJS.Signals): void => {
    const number = constants.signals[name];
    if (controller.signal.aborted) process.exit(128 + number);
    controller.abort(new CanceledError(name, number));
  };
  for (const name of signals) process.on(name, onSignal);
  return {
    signal: controller.signal,
    release: () => {
      for (const name of signals) process.off(name, onSignal);
    },
  };
}
