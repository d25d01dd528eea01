/** Bytes taken so far for entries that have no blob of their own, by key. Forgotten on a restart: such a part starts anew. */
export interface ByteCounts {
  get(key: string): number;
  set(key: string, size: number): void;
  delete(key: string): void;
}

/** Counts of one process. */
export function createByteCounts(): ByteCounts {
  const counts = new Map<string, number>();
  return {
    get: (key) => counts.get(key) ?? 0,
    set: (key, size) => void counts.set(key, size),
    delete: (key) => void counts.delete(key),
  };
}
