import { createHash, randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { SessionError } from '@ovfkit/domain';
import { z } from 'zod';
import { type Database, openDatabase } from './database.ts';
import { migrations } from './migrations.ts';

/** What a user may do: look, run sessions, or all of it. */
export const Role = z.enum(['viewer', 'operator', 'admin']);
export type Role = z.infer<typeof Role>;

export const User = z.object({ name: z.string(), role: Role });
export type User = z.infer<typeof User>;

/** A user as it stands. */
export interface StandingUser extends User {
  /** Another one for each password that was set, even the same again. Tells nothing of it. */
  readonly credential: string;
}

/** Who may log in. Passwords are kept as scrypt hashes only. */
export interface UserTable {
  /** The user when the password is right; takes as long for a name that does not exist. */
  verify(name: string, password: string): Promise<StandingUser | undefined>;
  /** Cheap enough to be asked at every request; sees at once what another process changed. */
  find(name: string): Promise<StandingUser | undefined>;
  /**
   * Makes the user, or changes its role and password.
   * @throws SessionError INVALID_ARGUMENT for an empty password, and for a name that HTTP Basic cannot say: one that is empty,
   *   longer than a hundred characters, or has a colon or a control character
   */
  put(user: User & { readonly password: string }): Promise<void>;
  /** By name. */
  list(): Promise<readonly User[]>;
  /** An unknown name is no error. */
  remove(name: string): Promise<void>;
}

interface Cost {
  readonly cost: number;
  readonly blockSize: number;
  readonly parallelization: number;
}

/**
 * As strong as the usual 128 MiB setting, in 8 MiB: several logins at once must not exhaust a small machine, and the C library keeps what
 * one took, once for each thread of the pool.
 */
const presentCost: Cost = { cost: 2 ** 13, blockSize: 8, parallelization: 10 };

const hashSize = 32;
const derive = promisify<string, Uint8Array, number, ScryptOptions, Uint8Array>(scrypt);

/** The file of the database in a store's folder. */
export const databaseFile = 'ovfkit.sqlite';

/**
 * The users of a store's folder, beside the process that has the folder: it sees each change at once. Whoever calls
 * closes it.
 * @throws SessionError as `openLocalStore` does, but never RESOURCE_IN_USE
 */
export function openUserTable(folder: string): { readonly users: UserTable; close(): void } {
  const database = openDatabase(join(folder, databaseFile), migrations);
  return { users: createUserTable(database), close: () => database.close() };
}

const Row = z.object({
  name: z.string(),
  role: Role,
  hash: z.instanceof(Uint8Array),
  salt: z.instanceof(Uint8Array),
  cost: z.int(),
  block_size: z.int(),
  parallelization: z.int(),
});
type Row = z.infer<typeof Row>;

/** Users in `database`. */
export function createUserTable(database: Database): UserTable {
  const rowOf = (name: string): Row | undefined =>
    z.array(Row).parse(database.all('SELECT * FROM user WHERE name = ?', name))[0];
  return {
    async find(name) {
      const row = rowOf(name);
      return row && standing(row);
    },
    async verify(name, password) {
      const row = rowOf(name);
      if (row === undefined) {
        await hashOf(password, { salt: new Uint8Array(16), cost: presentCost }); // or the time would tell who exists
        return undefined;
      }
      const cost = { cost: row.cost, blockSize: row.block_size, parallelization: row.parallelization };
      const hash = await hashOf(password, { salt: row.salt, cost });
      const isRight = hash.length === row.hash.length && timingSafeEqual(hash, row.hash);
      return isRight ? standing(row) : undefined;
    },
    async put({ name, role, password }) {
      if (!validName.test(name))
        throw new SessionError(
          'INVALID_ARGUMENT',
          'A user needs a name of at most 100 characters, without a colon and without control characters.',
        );
      if (password === '') throw new SessionError('INVALID_ARGUMENT', 'A user needs a password.');
      const salt = randomBytes(16);
      const { cost, blockSize, parallelization } = presentCost;
      const hash = await hashOf(password, { salt, cost: presentCost });
      database.run(
        'INSERT OR REPLACE INTO user (name, role, hash, salt, cost, block_size, parallelization) VALUES (?, ?, ?, ?, ?, ?, ?)',
        ...[name, role, hash, salt, cost, blockSize, parallelization],
      );
    },
    async list() {
      return z.array(User).parse(database.all('SELECT name, role FROM user ORDER BY name'));
    },
    async remove(name) {
      database.run('DELETE FROM user WHERE name = ?', name);
    },
  };
}

const validName = /^[^:\p{Cc}]{1,100}$/u;

const standing = ({ name, role, salt, hash }: Row): StandingUser => ({
  name,
  role,
  credential: createHash('sha256').update(salt).update(hash).digest('base64url').slice(0, 16),
});

interface Hashing {
  readonly salt: Uint8Array;
  readonly cost: Cost;
}

function hashOf(password: string, { salt, cost }: Hashing): Promise<Uint8Array> {
  const maxmem = 256 * cost.cost * cost.blockSize; // twice what the algorithm says it needs
  // NFKC: the same password typed on another keyboard may come as other code points
  return derive(password.normalize('NFKC'), salt, hashSize, { ...cost, maxmem });
}
