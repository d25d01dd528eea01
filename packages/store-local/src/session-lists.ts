import { z } from 'zod';
import type { Database } from './database.ts';

// A session of a thousand files is a document of half a megabyte, and changes with each file that comes: its lists are kept entry by entry.

/** Fields that hold a list in sessions of some kind. */
const listNames = ['files', 'members'] as const;

const Entries = z.array(z.object({ list: z.enum(listNames), document: z.string() }));

/** A session as far as its lists go. */
export type Lists = Readonly<Partial<Record<(typeof listNames)[number], readonly unknown[]>>>;

/** Entries of the lists of sessions of one kind, beside their documents. */
export interface SessionLists {
  /** The texts of the entries, in their order; nothing of a list without any. */
  of(id: string): Readonly<Record<string, readonly string[]>>;
  /** Writes what is not the same entry as in `before`, which is what stands there; all of it when nobody knows that. */
  write(session: Lists & { readonly id: string }, before: Lists | undefined): void;
}

/** The session with all of its lists empty: what its document keeps. */
export function withoutLists<Session extends Lists>(session: Session): Session {
  const empty = listNames.filter((name) => session[name] !== undefined).map((name) => [name, []]);
  return { ...session, ...Object.fromEntries(empty) };
}

/** Lists in `database`; they go with their sessions. */
export function createSessionLists(database: Database, kind: string): SessionLists {
  const put = `INSERT INTO session_entry VALUES (?, ?, ?, ?, ?)
    ON CONFLICT (kind, id, list, position) DO UPDATE SET document = excluded.document`;
  const cut = 'DELETE FROM session_entry WHERE kind = ? AND id = ? AND list = ? AND position >= ?';
  return {
    of(id) {
      const found = database.all(
        'SELECT list, document FROM session_entry WHERE kind = ? AND id = ? ORDER BY list, position',
        ...[kind, id],
      );
      const entries = Entries.parse(found);
      const textsOf = (name: string) => entries.filter(({ list }) => list === name).map(({ document }) => document);
      const there = listNames.filter((name) => entries.some(({ list }) => list === name));
      return Object.fromEntries(there.map((name) => [name, textsOf(name)]));
    },
    write(session, before) {
      for (const list of listNames) {
        const entries = session[list] ?? [];
        const last = before?.[list] ?? [];
        if (entries === last) continue;
        entries.forEach((entry, position) => {
          if (entry !== last[position]) database.run(put, kind, session.id, list, position, JSON.stringify(entry));
        });
        if (before === undefined || last.length > entries.length)
          database.run(cut, kind, session.id, list, entries.length);
      }
    },
  };
}
