import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type BlobStore, type Inventory, type Library, SessionError, type SessionStore } from '@ovfkit/domain';
import { createBlobDigests } from './blob-digests.ts';
import { blobPaths } from './blob-name.ts';
import { createBlobStore } from './blob-store.ts';
import { holdLock, inMemory, openDatabase } from './database.ts';
import { type Disk, directDisk, lastingDisk, passingDisk } from './disk.ts';
import type { OnDamage } from './document.ts';
import { fromFileError } from './errors.ts';
import { createInventory } from './inventory.ts';
import { endLeases } from './leases.ts';
import { createLibrary } from './library.ts';
import { migrations } from './migrations.ts';
import { readSecret } from './secrets.ts';
import { createSessionStore } from './session-store.ts';
import { createUserTable, databaseFile, type UserTable } from './users.ts';

// ovfkit.sqlite    sessions, inventory, libraries, users (with -wal and -shm beside it while it is open)
// blobs/           bytes of files, laid out as blob-store.ts says
// secrets/         keys of this installation, one file each
// ovfkit.lock      held while a process has the folder; ovfkit.pid says which

const disks = { lasting: lastingDisk, direct: directDisk, passing: passingDisk };

export interface LocalStoreOptions {
  /** Told of each stored session or machine that cannot be read and was passed over; nothing by default. */
  readonly onDamage?: OnDamage;
  /** `memory`: only blobs are in the folder, all else is gone with the process, and nothing waits until the disk has kept it. */
  readonly database?: 'file' | 'memory' | undefined;
  /**
   * `passing`: nothing waits until the disk has kept it, so that blobs outlast their process, and no loss of power; always so with `memory`.
   * `direct`: as `lasting`, and large files go to the disk without the system's cache where it lets them, for nobody reads them soon.
   * `lasting` when absent.
   */
  readonly disk?: keyof typeof disks | undefined;
}

/** Everything of one folder. Nothing of it may be called after `close`. */
export interface LocalStore {
  readonly sessions: SessionStore;
  readonly blobs: BlobStore;
  readonly inventory: Inventory;
  readonly library: Library;
  readonly users: UserTable;
  /** Where a sealed blob with this digest lies, for who may link it while the blob is there; nothing without one. */
  fileOf(sha256: string): Promise<string | undefined>;
  /** 32 random bytes, made at the first call for `name` and the same ever after. @throws SessionError INVALID_ARGUMENT */
  secret(name: string): Promise<Uint8Array>;
  /** Frees the folder; twice is no error. */
  close(): Promise<void>;
}

/**
 * Opens `folder`, making it (mode 700) when it is not there. One process has it at a time.
 * @throws SessionError RESOURCE_IN_USE when another has it; UNSUPPORTED when a newer version wrote it;
 *   INTERNAL_SERVER_ERROR when its database is damaged; RESOURCE_INACCESSIBLE
 */
export async function openLocalStore(folder: string, options: LocalStoreOptions = {}): Promise<LocalStore> {
  const {
    onDamage = () => {},
    database: kind = 'file',
    disk: wanted = kind === 'memory' ? 'passing' : 'lasting',
  } = options;
  const disk = disks[wanted];
  makeFolder(folder, disk);
  const unlock = lock(folder);
  try {
    const database = openDatabase(kind === 'memory' ? inMemory : join(folder, databaseFile), migrations);
    endLeases(database);
    const blobFolder = join(folder, 'blobs');
    const blobs = createBlobStore(blobFolder, { digests: createBlobDigests(database), disk });
    let isOpen = true;
    return {
      sessions: createSessionStore(database, onDamage),
      blobs,
      inventory: createInventory({ database, folder: blobFolder, onDamage }),
      library: createLibrary(database, onDamage),
      users: createUserTable(database),
      async fileOf(sha256) {
        const [key] = await blobs.sealed(sha256);
        return key === undefined ? undefined : join(blobFolder, blobPaths(key).sealed);
      },
      secret: (name) => readSecret(join(folder, 'secrets'), name),
      async close() {
        if (!isOpen) return;
        isOpen = false;
        database.close();
        unlock();
      },
    };
  } catch (error) {
    unlock();
    throw error;
  }
}

function makeFolder(folder: string, disk: Disk): void {
  try {
    disk.makeRoot(folder);
  } catch (error) {
    throw fromFileError(error, `Making the folder ${folder}`);
  }
}

function lock(folder: string): () => void {
  const note = join(folder, 'ovfkit.pid');
  try {
    const unlock = holdLock(join(folder, 'ovfkit.lock'));
    writeFileSync(note, `${process.pid}\n`);
    return unlock;
  } catch (cause) {
    if (!(cause instanceof SessionError)) throw fromFileError(cause, `Locking the folder ${folder}`);
    const pid = readFileSync(note, 'utf8').trim();
    throw new SessionError('RESOURCE_IN_USE', `The folder ${folder} is in use by process ${pid}; stop it first.`, {
      cause,
    });
  }
}
