import { z } from 'zod';
import type { Database } from './database.ts';

/** Whose the blobs of a session are. Known for as long as there are any, which may be long after the session. */
export interface BlobOwners {
  /** Of the session that `key` begins with, `import/5f3a`; nothing for a key of no session. */
  ownerOf(key: string): string | undefined;
  /** A blob of the owner's is about to be made. */
  remember(key: string, owner: string): void;
  /** The sessions of an owner that may have blobs, as keys begin with them. */
  sessionsOf(owner: string): readonly string[];
  /** The last blob of a session is gone. */
  forget(session: string): void;
}

const Owners = z.array(z.object({ owner: z.string() }));
const Sessions = z.array(z.object({ session: z.string() }));

/** What keys of one session begin with, without its last slash; nothing for other keys. */
export const sessionOf = (key: string): string | undefined => /^[^/]+\/[^/]+(?=\/)/.exec(key)?.[0];

/** Owners in `database`, from its sessions for as long as those are there. */
export function createBlobOwners(database: Database): BlobOwners {
  return {
    ownerOf(key) {
      const session = sessionOf(key);
      if (session === undefined) return undefined;
      const [kind = '', id = ''] = session.split('/');
      const [kept] = Owners.parse(database.all('SELECT owner FROM blob_owner WHERE session = ?', session));
      if (kept) return kept.owner;
      const [own] = Owners.parse(database.all('SELECT owner FROM session WHERE kind = ? AND id = ?', kind, id));
      return own?.owner;
    },
    remember(key, owner) {
      database.run('INSERT INTO blob_owner VALUES (?, ?) ON CONFLICT DO NOTHING', sessionOf(key) ?? '', owner);
    },
    sessionsOf: (owner) =>
      Sessions.parse(database.all('SELECT session FROM blob_owner WHERE owner = ?', owner)).map(
        ({ session }) => session,
      ),
    forget: (session) => void database.run('DELETE FROM blob_owner WHERE session = ?', session),
  };
}
