import {
  DownloadSession,
  ExportSession,
  ImportSession,
  ProbeImportSession,
  SessionError,
  type SessionStore,
  type SessionTable,
  UpdateSession,
  type Versioned,
} from '@ovfkit/domain';
import { z } from 'zod';
import type { Database } from './database.ts';
import { type OnDamage, readAllReadable, readDocument } from './document.ts';
import { createKnownSessions, type KnownSessions } from './known-sessions.ts';
import { createLeaseTable } from './leases.ts';
import { createSessionLists, type Lists, type SessionLists, withoutLists } from './session-lists.ts';

const Row = z.object({ id: z.string(), version: z.int(), expires_at: z.int(), document: z.string() });
type Row = z.infer<typeof Row>;
const Head = Row.pick({ version: true, expires_at: true });

/** What a column is made from. */
interface Session extends Lists {
  readonly id: string;
  readonly owner: string;
  readonly clientToken: string;
  readonly createdAt: number;
  readonly expiresAt: number;
}

interface TableOptions<Kept> {
  readonly database: Database;
  readonly kind: 'import' | 'probe' | 'export' | 'update' | 'download';
  readonly schema: z.ZodType<Kept>;
  /** Told of each stored session that cannot be read. */
  readonly onDamage: OnDamage;
}

/**
 * Sessions as JSON documents in `database`, with their lists beside them (session-lists.ts), checked when they are read. A damaged one is refused by `get` with
 * INTERNAL_SERVER_ERROR and left out of `list` and `expired`, which tell `onDamage`: one bad document holds up no other.
 */
export function createSessionStore(database: Database, onDamage: OnDamage): SessionStore {
  return {
    imports: createTable({ database, kind: 'import', schema: ImportSession, onDamage }),
    probes: createTable({ database, kind: 'probe', schema: ProbeImportSession, onDamage }),
    exports: createTable({ database, kind: 'export', schema: ExportSession, onDamage }),
    updates: createTable({ database, kind: 'update', schema: UpdateSession, onDamage }),
    downloads: createTable({ database, kind: 'download', schema: DownloadSession, onDamage }),
    leases: createLeaseTable(database),
  };
}

const columns = 'SELECT id, version, expires_at, document FROM session';

interface Reader<Kept extends Session> {
  readonly lists: SessionLists;
  readonly known: KnownSessions<Kept>;
  rows(sql: string, ...values: readonly (string | number)[]): readonly Row[];
  versioned(row: Row): Versioned<Kept>;
  readable(found: readonly Row[]): readonly Kept[];
  get(id: string): Versioned<Kept> | undefined;
}

function createReader<Kept extends Session>({ database, kind, schema, onDamage }: TableOptions<Kept>): Reader<Kept> {
  const rows = (sql: string, ...values: readonly (string | number)[]): readonly Row[] =>
    z.array(Row).parse(database.all(sql, ...values));
  const lists = createSessionLists(database, kind);
  const read = ({ id, expires_at: expiresAt, document }: Row): Kept => ({
    ...readDocument(schema, { text: document, lists: lists.of(id), what: `${kind} session ${id}` }),
    expiresAt, // the document says what it was before the session was prolonged
  });
  const versioned = (row: Row) => ({ session: read(row), version: row.version });
  const readable = (found: readonly Row[]) => readAllReadable(found, { read, onDamage });
  const known = createKnownSessions<Kept>();
  const headOf = (id: string) =>
    z.array(Head).parse(database.all('SELECT version, expires_at FROM session WHERE kind = ? AND id = ?', kind, id))[0];
  const get = (id: string): Versioned<Kept> | undefined => {
    const last = known.find(id);
    const head = last === undefined ? undefined : headOf(id);
    if (last !== undefined && last.version === head?.version)
      return { version: last.version, session: { ...last.session, expiresAt: head.expires_at } };
    const [row] = rows(`${columns} WHERE kind = ? AND id = ?`, kind, id);
    return row === undefined ? undefined : known.keep(versioned(row));
  };
  return { rows, lists, versioned, readable, known, get };
}

/** Whether it was done: not where the session is there already, or not at that version. */
interface Writer<Kept> {
  insert(session: Kept): boolean;
  replace(session: Kept, version: number): boolean;
}

function createWriter<Kept extends Session>(
  { database, kind }: TableOptions<Kept>,
  reader: Reader<Kept>,
): Writer<Kept> {
  const { lists, known } = reader;
  const document = (session: Kept): string => JSON.stringify(withoutLists(session));
  return {
    insert: (session) =>
      database.transaction(() => {
        const added = database.run(
          'INSERT INTO session VALUES (?, ?, ?, ?, 1, ?, ?, ?) ON CONFLICT DO NOTHING',
          ...[kind, session.id, session.owner, session.clientToken],
          ...[session.createdAt, session.expiresAt, document(session)],
        );
        if (added === 1) lists.write(session, undefined);
        return added === 1;
      }),
    replace: (session, version) =>
      database.transaction(() => {
        const changed = database.run(
          'UPDATE session SET version = version + 1, expires_at = ?, document = ? WHERE kind = ? AND id = ? AND version = ?',
          ...[session.expiresAt, document(session), kind, session.id, version],
        );
        const last = known.find(session.id);
        if (changed === 1) lists.write(session, last?.version === version ? last.session : undefined);
        return changed === 1;
      }),
  };
}

function createTable<Kept extends Session>(options: TableOptions<Kept>): SessionTable<Kept> {
  const { database, kind } = options;
  const reader = createReader(options);
  const { rows, versioned, readable, known, get } = reader;
  const writer = createWriter(options, reader);
  return {
    async insert(session) {
      if (writer.insert(session)) return known.keep({ session, version: 1 });
      const byToken = `${columns} WHERE kind = ? AND owner = ? AND client_token = ?`;
      const [earlier] = rows(byToken, kind, session.owner, session.clientToken);
      if (earlier === undefined) throw new SessionError('ALREADY_EXISTS', `There is a ${kind} session ${session.id}.`);
      return versioned(earlier);
    },
    get: async (id) => get(id),
    async replace(session, version, keeping = 'lasting') {
      const change = () => writer.replace(session, version);
      if (keeping === 'lasting' ? change() : database.unflushed(change))
        return known.keep({ session, version: version + 1 });
      const found = rows(`${columns} WHERE kind = ? AND id = ?`, kind, session.id);
      throw found.length === 0 ? unknown(kind, session.id) : changedMeanwhile(kind, session.id);
    },
    async prolong(id, expiresAt) {
      database.unflushed(() =>
        database.run(
          'UPDATE session SET expires_at = max(expires_at, ?) WHERE kind = ? AND id = ?',
          ...[expiresAt, kind, id],
        ),
      );
    },
    async delete(id) {
      known.forget(id);
      database.run('DELETE FROM session WHERE kind = ? AND id = ?', kind, id);
    },
    async list({ owner }) {
      const found =
        owner === undefined
          ? rows(`${columns} WHERE kind = ? ORDER BY created_at, id`, kind)
          : rows(`${columns} WHERE kind = ? AND owner = ? ORDER BY created_at, id`, kind, owner);
      return readable(found);
    },
    async expired(time) {
      return readable(rows(`${columns} WHERE kind = ? AND expires_at < ? ORDER BY expires_at`, kind, time));
    },
  };
}

const unknown = (kind: string, id: string): SessionError =>
  new SessionError('NOT_FOUND', `The ${kind} session ${id} was not found. It may have been deleted or timed out.`);

const changedMeanwhile = (kind: string, id: string): SessionError =>
  new SessionError('CONCURRENT_CHANGE', `The ${kind} session ${id} was changed meanwhile.`);
