import type { Versioned } from '@ovfkit/domain';

/** A session with many files is large, and asked for several times with every request for one of them. */
const remembered = 16;

/** The sessions used last, as they were read or written: what one version says never changes. */
export interface KnownSessions<Kept> {
  keep(fresh: Versioned<Kept>): Versioned<Kept>;
  /** As it was then; a later version may have come since. */
  find(id: string): Versioned<Kept> | undefined;
  forget(id: string): void;
}

/** Knows none yet. */
export function createKnownSessions<Kept extends { readonly id: string }>(): KnownSessions<Kept> {
  const last = new Map<string, Versioned<Kept>>();
  return {
    keep(fresh) {
      const { id } = fresh.session;
      last.delete(id);
      last.set(id, fresh);
      const [oldest] = last.keys();
      if (last.size > remembered && oldest !== undefined) last.delete(oldest);
      return fresh;
    },
    find: (id) => last.get(id),
    forget: (id) => void last.delete(id),
  };
}
