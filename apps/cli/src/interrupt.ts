import { constants } from 'node:os';
import { CanceledError } from './errors.ts';

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** A terminal and a parent process may both pass on one Ctrl-C: within this time it is the same one. */
const togetherMs = 500;

/**
 * A signal that aborts on Ctrl-C and on being asked to end. Commands then clean up; a second Ctrl-C ends at once.
 * `release` gives the process signals back.
 */
export function catchInterrupts(): { readonly signal: AbortSignal; release(): void } {
  const controller = new AbortController();
  let firstAt = 0;
  const onSignal = (name: NodeJS.Signals): void => {
    const number = constants.signals[name];
    const isRepeated = controller.signal.aborted && performance.now() - firstAt > togetherMs;
    if (isRepeated) process.exit(128 + number);
    if (controller.signal.aborted) return;
    firstAt = performance.now();
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
