import type { ManifestEntry } from '@ovfkit/package-format';

/** Lines of all manifests that are remembered, about 300 bytes each. */
const mostLines = 32_768;

/** The manifests that were read last, by their SHA-256 digest: every file of a package is looked up in its manifest, some of them twice. */
export interface ManifestMemory {
  find(sha256: string): readonly ManifestEntry[] | undefined;
  /** Forgets others for it; one that is too large is not kept at all. */
  keep(sha256: string, entries: readonly ManifestEntry[]): void;
}

/** A memory of one process. */
export function createManifestMemory(): ManifestMemory {
  const last = new Map<string, readonly ManifestEntry[]>();
  let lines = 0;
  return {
    find: (sha256) => last.get(sha256),
    keep(sha256, entries) {
      if (last.has(sha256) || entries.length > mostLines) return;
      last.set(sha256, entries);
      lines += entries.length;
      for (const [oldest, { length }] of last) {
        if (lines <= mostLines) return;
        last.delete(oldest);
        lines -= length;
      }
    },
  };
}
