import { constants } from 'node:os';
import { CanceledError } from './errors.ts';

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** A terminal and a parent process may both pass on one Ctrl-C: within this time it is the same one. */
const togetherMs = 500;

/** Cleaning up that takes longer is told of. */
const patienceMs = 2_000;

/**
 * A signal that aborts on Ctrl-C and on being asked to end. Commands then clean up, and `onSlow` is called when that takes its time; a
 * second Ctrl-C ends at once. `release` gives the process signals back.
 */
export function catchInterrupts(onSlow: () => void): { readonly signal: AbortSignal; release(): void } {
  const controller = new AbortController();
  let firstAt = 0;
  let slow: ReturnType<typeof setTimeout> | undefined;
  const onSignal = (name: NodeJS.Signals): void => {
    const number = constants.signals[name];
    const isRepeated = controller.signal.aborted && performance.now() - firstAt > togetherMs;
    if (isRepeated) process.exit(128 + number);
    if (controller.signal.aborted) return;
    firstAt = performance.now();
    slow = setTimeout(onSlow, patienceMs);
    controller.abort(new CanceledError(name, number));
  };
  for (const name of signals) process.on(name, onSignal);
  return {
    signal: controller.signal,
    release: () => {
      clearTimeout(slow);
      for (const name of signals) process.off(name, onSignal);
    },
  };
}
