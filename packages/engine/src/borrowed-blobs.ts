import { type SessionAddress, sessionKey } from './blob-key.ts';

/**
 * Blobs that sessions work with and do not own: of library items, and of files with the same bytes. They outlive whoever owns
 * them for as long as such a session does. Known in this process only; a start finds them out again from the sessions.
 */
export interface BorrowedBlobs {
  /** Beside what the session has borrowed before. */
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
      if (blobs.length === 0) return;
      bySession.set(sessionKey(session), [...(bySession.get(sessionKey(session)) ?? []), ...blobs]);
      for (const blob of blobs) count(blob, 1);
    },
    giveBack,
    has: (blob) => counts.has(blob),
  };
}
