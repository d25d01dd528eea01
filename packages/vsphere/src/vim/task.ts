import { localizedError, localizedFault } from './fault.ts';
import { retrieveOne } from './property-collector.ts';
import type { VimClient } from './vim-client.ts';
import { optional, type Shape, text } from './vim-shape.ts';
import type { ManagedObject } from './vim-value.ts';
import { waitFor } from './wait-for.ts';

const properties = {
  'info.state': text,
  'info.error': optional(localizedFault),
};

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
  const until = ({ 'info.state': state }: { readonly 'info.state': string }) =>
    state === 'success' || state === 'error';
  const ended = await waitFor(vim, { object: task, properties, until, signal });
  if (ended['info.state'] === 'error') throw localizedError(ended['info.error'] ?? { fault: {} }, method);
  const done = await retrieveOne(vim, { object: task, properties: { 'info.result': result }, signal });
  return done['info.result'];
}
