import { closeSync, openSync } from 'node:fs';
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import { SessionError } from '@ovfkit/domain';
import { fromDatabaseError } from './errors.ts';

type Row = Readonly<Record<string, unknown>>;

/** One SQLite file. Calls block for as long as the disk needs; what `run` and `transaction` changed is durable. */
export interface Database {
  /** Rows that were changed. */
  run(sql: string, ...values: readonly SQLInputValue[]): number;
  all(sql: string, ...values: readonly SQLInputValue[]): readonly Row[];
  /** All of what `work` does, or nothing when it throws. `work` starts no transaction of its own. */
  transaction<Result>(work: () => Result): Result;
  /** Does `work`, whose changes wait for no disk: a power cut may take them back until something else is made durable. */
  unflushed<Result>(work: () => Result): Result;
  close(): void;
}

const busyTimeoutMs = 5000;

/** SQLite's name for a database that is no file, and ends when it is closed. */
export const inMemory = ':memory:';

/**
 * Opens `path`, making it when it is not there (mode 600), and brings it to the last of `migrations`. Of {@link inMemory} each one
 * opened is another.
 * @throws SessionError UNSUPPORTED when a newer version wrote it; INTERNAL_SERVER_ERROR when it is damaged
 */
export function openDatabase(path: string, migrations: readonly string[]): Database {
  if (path !== inMemory) closeSync(openSync(path, 'a', 0o600)); // SQLite would make it readable by all
  const connection = connect(path);
  try {
    connection.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;');
    const database = wrap(connection, path);
    migrate(database, { path, migrations });
    return database;
  } catch (error) {
    connection.close();
    throw fromDatabaseError(error, path);
  }
}

/**
 * Holds `path` until the function that comes back is called, or the process ends, however it ends: the lock is the
 * kernel's, so none is left behind by a process that was killed.
 * @throws SessionError RESOURCE_IN_USE when another process, or this one, holds it already
 */
export function holdLock(path: string): () => void {
  closeSync(openSync(path, 'a', 0o600));
  const connection = new DatabaseSync(path, { timeout: 0 });
  try {
    connection.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    connection.close();
    throw new SessionError('RESOURCE_IN_USE', `${path} is held.`, { cause: error });
  }
  return () => connection.close();
}

function connect(path: string): DatabaseSync {
  try {
    return new DatabaseSync(path, { timeout: busyTimeoutMs });
  } catch (error) {
    throw fromDatabaseError(error, path);
  }
}

function wrap(connection: DatabaseSync, path: string): Database {
  const statements = new Map<string, StatementSync>();
  const prepare = (sql: string): StatementSync => {
    const known = statements.get(sql);
    if (known !== undefined) return known;
    const fresh = connection.prepare(sql);
    statements.set(sql, fresh);
    return fresh;
  };
  const translated = <Result>(work: () => Result): Result => {
    try {
      return work();
    } catch (error) {
      throw fromDatabaseError(error, path);
    }
  };
  return {
    run: (sql, ...values) => translated(() => Number(prepare(sql).run(...values).changes)),
    unflushed(work) {
      connection.exec('PRAGMA synchronous = NORMAL');
      try {
        return work();
      } finally {
        connection.exec('PRAGMA synchronous = FULL');
      }
    },
    all: (sql, ...values) => translated(() => prepare(sql).all(...values)),
    transaction: (work) => {
      translated(() => connection.exec('BEGIN IMMEDIATE'));
      try {
        const result = work();
        translated(() => connection.exec('COMMIT'));
        return result;
      } catch (error) {
        if (connection.isTransaction) connection.exec('ROLLBACK'); // SQLite ends it by itself when the disk is full
        throw error;
      }
    },
    close: () => connection.close(),
  };
}

interface Migration {
  readonly path: string;
  readonly migrations: readonly string[];
}

function migrate(database: Database, { path, migrations }: Migration): void {
  const done = Number(database.all('PRAGMA user_version')[0]?.['user_version'] ?? 0);
  if (done > migrations.length) {
    throw new SessionError(
      'UNSUPPORTED',
      `${path} has format ${done}; this version reads up to ${migrations.length}. Use the version that wrote it.`,
    );
  }
  for (const [index, sql] of migrations.entries()) {
    if (index < done) continue;
    database.transaction(() => {
      for (const statement of sql.split(';').filter((each) => each.trim() !== '')) database.run(statement);
      database.run(`PRAGMA user_version = ${index + 1}`);
    });
  }
}
