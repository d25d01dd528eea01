import { SessionError } from '@ovfkit/domain';

/** Lets one at a time work on a key; a second one is refused, not kept waiting. */
export interface KeyLock {
  /** @throws SessionError CONCURRENT_CHANGE */
  hold<Result>(key: string, work: () => Promise<Result>): Promise<Result>;
}

/** A lock within one process. */
export function createKeyLock(): KeyLock {
  const held = new Set<string>();
  return {
    async hold(key, work) {
      if (held.has(key)) throw new SessionError('CONCURRENT_CHANGE', 'Another transfer of this file is under way.');
      held.add(key);
      try {
        return await work();
      } finally {
        held.delete(key);
      }
    },
  };
}
