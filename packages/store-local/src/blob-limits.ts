import { statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { type BlobStore, SessionError } from '@ovfkit/domain';
import { type BlobOwners, createBlobOwners, sessionOf } from './blob-owners.ts';
import { openDatabase } from './database.ts';
import { migrations } from './migrations.ts';
import { databaseFile } from './users.ts';

export interface BlobLimits {
  /** Bytes of blobs that one owner of sessions may have; infinite for no limit. */
  readonly quotaPerOwner: number;
  /** Bytes that blobs leave free on the volume: sessions, the log and the database need room too. */
  readonly reserve: number;
  /** Bytes that are free there; asked of the system when absent. */
  readonly freeBytes?: () => Promise<number>;
}

/** What an owner has, by key; a sum that is kept as bytes arrive. */
interface Account {
  readonly sizes: Map<string, number>;
  used: number;
}

// how much may be written between two looks at the volume, by all writers together
const lookEvery = 64 * 1024 * 1024;

/**
 * The blobs of the store at `folder`, refusing bytes beyond the limits with UNABLE_TO_ALLOCATE_RESOURCE: what fits
 * stays, and an append that goes on is taken again as soon as there is room. `close` when nothing writes any more; twice is no
 * error.
 */
export function limitBlobs(
  blobs: BlobStore,
  { folder, limits }: { readonly folder: string; readonly limits: BlobLimits },
): { readonly blobs: BlobStore; close(): void } {
  const database = openDatabase(join(folder, databaseFile), migrations);
  const owners = createBlobOwners(database);
  let isOpen = true;
  const accounts = createAccounts(blobs, owners);
  const takeRoom = createRoom(limits.reserve, limits.freeBytes ?? (() => freeBytesAt(folder)));

  async function* metered(bytes: AsyncIterable<Uint8Array>, metering: Metering): AsyncGenerator<Uint8Array> {
    for await (const chunk of bytes) {
      const piece = charge(chunk, { ...metering, quota: limits.quotaPerOwner });
      await takeRoom(piece.length);
      if (piece.length > 0) yield piece;
      if (piece.length < chunk.length)
        throw full(
          `The files kept for this user would exceed ${limits.quotaPerOwner} bytes. Delete sessions or machines.`,
        );
    }
  }

  return {
    blobs: {
      ...blobs,
      async append(key, offset, bytes) {
        const owner = owners.ownerOf(key);
        const account = owner === undefined ? undefined : await accounts.of(owner);
        if (owner !== undefined) owners.remember(key, owner);
        account && accounts.correct(account, { key, size: offset });
        try {
          return await blobs.append(key, offset, metered(bytes, { account, key }));
        } finally {
          account && accounts.correct(account, { key, size: await blobs.size(key) });
        }
      },
      async delete(key) {
        await blobs.delete(key);
        const owner = owners.ownerOf(key);
        if (owner === undefined) return;
        // most deletes only make sure that nothing is there: they cost no write
        if (!accounts.drop(await accounts.of(owner), key)) return;
        const session = sessionOf(key) ?? '';
        for await (const _ of blobs.keys(`${session}/`)) return;
        owners.forget(session);
      },
    },
    close() {
      if (isOpen) database.close();
      isOpen = false;
    },
  };
}

interface Metering {
  readonly account: Account | undefined;
  readonly key: string;
}

/** The part of the bytes that still is within the quota of their owner, counted from here on. */
function charge(bytes: Uint8Array, { account, key, quota }: Metering & { readonly quota: number }): Uint8Array {
  if (account === undefined) return bytes;
  const piece = bytes.subarray(0, Math.max(0, quota - account.used));
  account.used += piece.length;
  account.sizes.set(key, (account.sizes.get(key) ?? 0) + piece.length);
  return piece;
}

const full = (text: string): SessionError => new SessionError('UNABLE_TO_ALLOCATE_RESOURCE', text);

const freeBytesAt = async (folder: string): Promise<number> => {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
};

/** Gives room away chunk by chunk, and looks at the volume whenever what it saw there is used up. */
function createRoom(reserve: number, freeBytes: () => Promise<number>): (size: number) => Promise<void> {
  let left = 0;
  return async (size) => {
    if (left < size) left = Math.min(lookEvery, (await freeBytes()) - reserve);
    if (left < size)
      throw full(
        'There is no room left on the volume of the service. Free some there, then send the rest of the file.',
      );
    left -= size;
  };
}

/** Each owner's blobs are counted once, when they are first asked for. */
function createAccounts(blobs: BlobStore, owners: BlobOwners) {
  const accounts = new Map<string, Promise<Account>>();
  const correct = (account: Account, { key, size }: { readonly key: string; readonly size: number }): void => {
    account.used += size - (account.sizes.get(key) ?? 0);
    account.sizes.set(key, size);
  };
  async function count(owner: string): Promise<Account> {
    const account: Account = { sizes: new Map(), used: 0 };
    for (const session of owners.sessionsOf(owner))
      for await (const key of blobs.keys(`${session}/`)) correct(account, { key, size: await blobs.size(key) });
    return account;
  }
  return {
    correct,
    /** Whether the key was there. */
    drop(account: Account, key: string): boolean {
      account.used -= account.sizes.get(key) ?? 0;
      return account.sizes.delete(key);
    },
    of(owner: string): Promise<Account> {
      const known = accounts.get(owner) ?? count(owner);
      accounts.set(owner, known);
      return known;
    },
  };
}
