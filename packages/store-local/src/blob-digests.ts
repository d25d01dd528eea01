import { z } from 'zod';
import type { Database } from './database.ts';

/** Which sealed blob has which digest and size. A row may outlive its file, after a crash: whoever finds one looks for the file too. */
export interface BlobDigests {
  /** The blob is about to be sealed. It waits for no disk, so a power cut may take it back. */
  keep(key: string, bytes: { readonly sha256: string; readonly size: number }): void;
  isKept(key: string): boolean;
  keysOf(sha256: string): readonly string[];
  keysOfSize(size: number): readonly string[];
  /** The blob is gone. */
  forget(key: string): void;
}

const Rows = z.array(z.object({ key: z.string() }));
const keysIn = (rows: unknown): readonly string[] =>
  Rows.parse(rows).map(({ key }) => z.string().parse(JSON.parse(key)));

/** Digests in `database`. */
export function createBlobDigests(database: Database): BlobDigests {
  const isKept = (key: string) => database.all('SELECT 1 FROM blob_digest WHERE key = ?', storedKey(key)).length > 0;
  return {
    isKept,
    keep(key, { sha256, size }) {
      const values = [storedKey(key), sha256, size];
      database.unflushed(() =>
        database.run(
          'INSERT INTO blob_digest VALUES (?, ?, ?) ON CONFLICT (key) DO UPDATE SET sha256 = excluded.sha256, size = excluded.size',
          ...values,
        ),
      );
    },
    keysOf: (sha256) => keysIn(database.all('SELECT key FROM blob_digest WHERE sha256 = ? ORDER BY key', sha256)),
    keysOfSize: (size) => keysIn(database.all('SELECT key FROM blob_digest WHERE size = ? ORDER BY key', size)),
    forget(key) {
      // most deletes only make sure that nothing is there: they cost no write
      if (!isKept(key)) return;
      database.run('DELETE FROM blob_digest WHERE key = ?', storedKey(key));
    },
  };
}

/** SQLite's texts end at a zero character and hold no half surrogate pairs; keys may have both. */
const storedKey = (key: string): string => JSON.stringify(key);
