import { type Library, SessionError, StoredLibrary, StoredLibraryItem } from '@ovfkit/domain';
import { z } from 'zod';
import type { Database } from './database.ts';
import { type OnDamage, readAllReadable, readDocument } from './document.ts';

const Row = z.object({ id: z.string(), version: z.int(), document: z.string() });
type Row = z.infer<typeof Row>;

const libraryColumns = 'SELECT id, version, document FROM library';
const itemColumns = 'SELECT id, version, document FROM library_item';

/**
 * Content libraries in `database`: documents, with a row for each blob that an item names. One that cannot be read is left
 * out of lists, which tell `onDamage`.
 */
export function createLibrary(database: Database, onDamage: OnDamage): Library {
  const readable = <Kept>(rows: readonly Row[], read: (row: Row) => Kept) => readAllReadable(rows, { read, onDamage });
  return {
    insertLibrary: async (library) => insertLibrary(database, library),
    libraries: async () => readable(rowsOf(database, `${libraryColumns} ORDER BY created_at, id`), libraryOf),
    library: async (id) => libraryOf(found('library', id, rowsOf(database, `${libraryColumns} WHERE id = ?`, id))),
    replaceLibrary: async (library) => replaceLibrary(database, library),
    async deleteLibrary(id) {
      if (database.run('DELETE FROM library WHERE id = ?', id) === 0) throw missing('library', id);
    },
    insertItem: async (item) => database.transaction(() => insertItem(database, item)),
    async items({ libraryId }) {
      if (libraryId === undefined) return readable(rowsOf(database, `${itemColumns} ORDER BY created_at, id`), itemOf);
      return readable(rowsOf(database, `${itemColumns} WHERE library = ? ORDER BY created_at, id`, libraryId), itemOf);
    },
    item: async (id) => itemOf(found('library item', id, rowsOf(database, `${itemColumns} WHERE id = ?`, id))),
    replaceItem: async (item) => database.transaction(() => replaceItem(database, item)),
    async deleteItem(id) {
      if (database.run('DELETE FROM library_item WHERE id = ?', id) === 0) throw missing('library item', id);
    },
    async held(blobs) {
      const isHeld = (key: string) => database.all('SELECT 1 FROM library_blob WHERE key = ? LIMIT 1', key).length > 0;
      return new Set(blobs.filter(isHeld));
    },
  };
}

const rowsOf = (database: Database, sql: string, ...values: readonly string[]): readonly Row[] =>
  z.array(Row).parse(database.all(sql, ...values));

const libraryOf = ({ id, version, document }: Row): StoredLibrary => ({
  ...readDocument(StoredLibrary, { text: document, what: `library ${id}` }),
  version,
});

const itemOf = ({ id, version, document }: Row): StoredLibraryItem => ({
  ...readDocument(StoredLibraryItem, { text: document, what: `library item ${id}` }),
  version,
});

const missing = (what: string, id: string) => new SessionError('NOT_FOUND', `There is no ${what} ${id}.`);

function found(what: string, id: string, [row]: readonly Row[]): Row {
  if (row === undefined) throw missing(what, id);
  return row;
}

function insertLibrary(database: Database, library: StoredLibrary): StoredLibrary {
  const { id, owner, clientToken, version, createdAt } = library;
  const added = database.run(
    'INSERT INTO library VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING',
    ...[id, owner, clientToken, version, createdAt, JSON.stringify(library)],
  );
  if (added === 1) return library;
  const [known] = rowsOf(database, `${libraryColumns} WHERE owner = ? AND client_token = ?`, owner, clientToken);
  if (known === undefined) throw new SessionError('ALREADY_EXISTS', `There is a library ${id}.`);
  return libraryOf(known);
}

function replaceLibrary(database: Database, library: StoredLibrary): StoredLibrary {
  const { id, version } = library;
  const changed = database.run(
    'UPDATE library SET version = version + 1, document = ? WHERE id = ? AND version = ?',
    ...[JSON.stringify(library), id, version],
  );
  if (changed === 1) return { ...library, version: version + 1 };
  found('library', id, rowsOf(database, `${libraryColumns} WHERE id = ?`, id));
  throw new SessionError('CONCURRENT_CHANGE', `The library ${id} was changed meanwhile.`);
}

function insertItem(database: Database, item: StoredLibraryItem): StoredLibraryItem {
  const { id, libraryId, owner, clientToken, name, version, createdAt } = item;
  const byToken = rowsOf(database, `${itemColumns} WHERE owner = ? AND client_token = ?`, owner, clientToken);
  const [known] = byToken;
  if (known !== undefined) return itemOf(known);
  found('library', libraryId, rowsOf(database, `${libraryColumns} WHERE id = ?`, libraryId));
  checkName(database, item);
  database.run(
    'INSERT INTO library_item VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
    ...[id, libraryId, owner, clientToken, name, version, createdAt, JSON.stringify(item)],
  );
  insertBlobs(database, item);
  return item;
}

function replaceItem(database: Database, item: StoredLibraryItem): StoredLibraryItem {
  const { id, version } = item;
  const before = itemOf(found('library item', id, rowsOf(database, `${itemColumns} WHERE id = ?`, id)));
  if (before.version !== version)
    throw new SessionError('CONCURRENT_CHANGE', `The library item ${id} was changed meanwhile.`);
  const after = { ...item, libraryId: before.libraryId };
  checkName(database, after);
  database.run(
    'UPDATE library_item SET version = version + 1, name = ?, document = ? WHERE id = ?',
    ...[after.name, JSON.stringify(after), id],
  );
  database.run('DELETE FROM library_blob WHERE item = ?', id);
  insertBlobs(database, after);
  return { ...after, version: version + 1 };
}

function checkName(database: Database, { id, libraryId, name }: StoredLibraryItem): void {
  const sql = 'SELECT id FROM library_item WHERE library = ? AND name = ? AND id <> ?';
  const [taken] = database.all(sql, libraryId, name, id);
  if (taken === undefined) return;
  throw new SessionError('ALREADY_EXISTS', `The library has the item ${String(taken['id'])} with the name ${name}.`);
}

function insertBlobs(database: Database, { id, files }: StoredLibraryItem): void {
  for (const { blob } of files) database.run('INSERT OR IGNORE INTO library_blob (item, key) VALUES (?, ?)', id, blob);
}
