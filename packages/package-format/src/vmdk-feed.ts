import { concat } from './bytes.ts';

/** Takes exactly `need` bytes and says what comes next; undefined when no more is of interest. */
export interface Step {
  readonly need: number;
  readonly isSkipped?: boolean | undefined;
  take(bytes: Uint8Array, offset: number): Step | undefined;
}

/** Cuts what comes into what each step needs; what is skipped is not copied. */
export function createFeed(first: Step): { push(bytes: Uint8Array): void; position(): number } {
  let step: Step | undefined = first;
  let parts: Uint8Array[] = [];
  let held = 0;
  let position = 0;
  const finish = (current: Step): void => {
    const bytes =
      current.isSkipped === true ? new Uint8Array(0) : parts.length === 1 && parts[0] ? parts[0] : concat(parts);
    const offset = position - current.need;
    parts = [];
    held = 0;
    step = current.take(bytes, offset);
  };
  const settle = (): void => {
    while (step !== undefined && step.need === held) finish(step);
  };
  return {
    push(bytes: Uint8Array): void {
      settle();
      for (let at = 0; at < bytes.length; ) {
        if (step === undefined) {
          position += bytes.length - at;
          return;
        }
        const part = bytes.subarray(at, at + Math.min(step.need - held, bytes.length - at));
        if (step.isSkipped !== true) parts.push(part.length === step.need ? part : part.slice());
        held += part.length;
        position += part.length;
        at += part.length;
        settle();
      }
    },
    position: () => position,
  };
}
