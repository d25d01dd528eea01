import { pause } from '@ovfkit/rest';
import { faultError } from './fault.ts';
import { retrieveOne } from './property-collector.ts';
import type { VimClient } from './vim-client.ts';
import { anything, object, optional, type Shape, text } from './vim-shape.ts';
import type { ManagedObject, VimValue } from './vim-value.ts';

/** A fault inside a result: that of a task, of a lease, of a descriptor. */
export const localizedFault = object('LocalizedMethodFault', { fault: anything, localizedMessage: optional(text) });

/** A {@link localizedFault} as an error. */
export function localizedError(
  { fault, localizedMessage }: { readonly fault: VimValue; readonly localizedMessage?: string | undefined },
  method: string,
): ReturnType<typeof faultError> {
  const detail = typeof fault === 'object' && !('length' in fault) ? fault : {};
  const { _typeName: type } = detail;
  return faultError(
    { type: typeof type === 'string' ? type : 'MethodFault', message: localizedMessage ?? '', detail },
    method,
  );
}

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
