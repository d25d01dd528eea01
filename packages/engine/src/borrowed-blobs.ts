import { type SessionAddress, sessionKey } from './blob-key.ts';

/**
 * Blobs of library items that sessions work with and do not own: imports of an item, and downloads. They outlive the item for
 * as long as such a session does. Known in this process only; a start finds them out again from the sessions.
 */
export interface BorrowedBlobs {
  take(session: SessionAddress, blobs: readonly string[]): void;
  /** What the session had borrowed. */
  giveBack(session: SessionAddress): readonly string[];
  has(blob: string): boolean;
}

/** Nothing is borrowed at first. */
export function createBorrowedBlobs(): BorrowedBlobs {
  const bySession = new Map<string, readonly string[]>();
  const counts = new Map<string, number>();
  const count = (blob: string, change: number) => {
    const left = (counts.get(blob) ?? 0) + change;
    if (left === 0) counts.delete(blob);
    else counts.set(blob, left);
  };
  const giveBack = (session: SessionAddress): readonly string[] => {
    const blobs = bySession.get(sessionKey(session)) ?? [];
    bySession.delete(sessionKey(session));
    for (const blob of blobs) count(blob, -1);
    return blobs;
  };
  return {
    take(session, blobs) {
      giveBack(session);
      bySession.set(sessionKey(session), blobs);
      for (const blob of blobs) count(blob, 1);
    },
    giveBack,
    has: (blob) => counts.has(blob),
  };
}
