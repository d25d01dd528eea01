/** What was parsed last, by the digest of its text: the manifest and the descriptor of a package are asked for with each of its files and each of its calls. */
export interface ParsedMemory<Parsed> {
  find(key: string): Parsed | undefined;
  /** Forgets others for it; one that is too large is not kept at all. */
  keep(key: string, parsed: Parsed, size: number): void;
}

/** A memory of one process, of at most `mostSize` in all. Who keeps things decides what is counted. */
export function createParsedMemory<Parsed>(mostSize: number): ParsedMemory<Parsed> {
  const last = new Map<string, { readonly parsed: Parsed; readonly size: number }>();
  let sum = 0;
  return {
    find: (key) => last.get(key)?.parsed,
    keep(key, parsed, size) {
      if (last.has(key) || size > mostSize) return;
      last.set(key, { parsed, size });
      sum += size;
      for (const [oldest, { size: freed }] of last) {
        if (sum <= mostSize) return;
        last.delete(oldest);
        sum -= freed;
      }
    },
  };
}
