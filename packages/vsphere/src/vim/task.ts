import { pause } from '@ovfkit/rest';
import { localizedError, localizedFault } from './fault.ts';
import { retrieveOne } from './property-collector.ts';
import type { VimClient } from './vim-client.ts';
import { optional, type Shape, text } from './vim-shape.ts';
import type { ManagedObject } from './vim-value.ts';

const properties = {
  'info.state': text,
  'info.error': optional(localizedFault),
};

/** Most tasks end at once, some take minutes. */
const firstWaitMs = 50;
const maxWaitMs = 1_000;

/**
 * Waits until a task has ended, and reads its result.
 * @throws SessionError as the task failed; the signal's reason, and the task then goes on
 */
export async function taskResult<Result>(
  vim: VimClient,
  {
    task,
    method,
    result,
    signal,
  }: {
    readonly task: ManagedObject;
    /** That began it, for messages. */
    readonly method: string;
    readonly result: Shape<Result>;
    readonly signal?: AbortSignal | undefined;
  },
): Promise<Result> {
  for (let waitMs = firstWaitMs; ; waitMs = Math.min(waitMs * 2, maxWaitMs)) {
    const { 'info.state': state, 'info.error': error } = await retrieveOne(vim, { object: task, properties, signal });
    if (state === 'error') throw localizedError(error ?? { fault: {} }, method);
    if (state === 'success') {
      const done = await retrieveOne(vim, { object: task, properties: { 'info.result': result }, signal });
      return done['info.result'];
    }
    await pause(waitMs, signal);
  }
}
