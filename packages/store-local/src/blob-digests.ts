import { z } from 'zod';
import type { Database } from './database.ts';

/** Which sealed blob has which digest. A row may outlive its file, after a crash: whoever finds one looks for the file too. */
export interface BlobDigests {
  /** The blob is about to be sealed. */
  keep(key: string, sha256: string): void;
  keysOf(sha256: string): readonly string[];
  /** The blob is gone. */
  forget(key: string): void;
}

const Rows = z.array(z.object({ key: z.string() }));

/** Digests in `database`. */
export function createBlobDigests(database: Database): BlobDigests {
  return {
    keep(key, sha256) {
      database.run(
        'INSERT INTO blob_digest VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET sha256 = excluded.sha256',
        ...[storedKey(key), sha256],
      );
    },
    keysOf: (sha256) =>
      Rows.parse(database.all('SELECT key FROM blob_digest WHERE sha256 = ? ORDER BY key', sha256)).map(({ key }) =>
        z.string().parse(JSON.parse(key)),
      ),
    forget(key) {
      // most deletes only make sure that nothing is there: they cost no write
      if (database.all('SELECT 1 FROM blob_digest WHERE key = ?', storedKey(key)).length === 0) return;
      database.run('DELETE FROM blob_digest WHERE key = ?', storedKey(key));
    },
  };
}

/** SQLite's texts end at a zero character and hold no half surrogate pairs; keys may have both. */
const storedKey = (key: string): string => JSON.stringify(key);
