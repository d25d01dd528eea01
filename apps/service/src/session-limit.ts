import { SessionError, type SessionStore, type SessionTable } from '@ovfkit/domain';

interface Kept {
  readonly id: string;
  readonly owner: string;
  readonly clientToken: string;
}

/** Sessions that are kept, by owner. */
interface Count {
  /** Throws when the owner has as many as it may. */
  check(owner: string): Promise<void>;
  add(session: Kept): void;
  remove(id: string): void;
}

/** The same store, which refuses new sessions of a user that has `perUser` of them, of whatever kind, ended or not. */
export function limitSessions(store: SessionStore, perUser: number): SessionStore {
  const count = createCount(store, perUser);
  return {
    imports: counted(store.imports, count),
    probes: counted(store.probes, count),
    exports: counted(store.exports, count),
    updates: counted(store.updates, count),
    downloads: counted(store.downloads, count),
    leases: store.leases,
  };
}

function counted<Session extends Kept>(table: SessionTable<Session>, count: Count): SessionTable<Session> {
  return {
    ...table,
    async insert(session) {
      try {
        await count.check(session.owner);
      } catch (error) {
        // asked again for a session that is there: it makes none
        const own = await table.list({ owner: session.owner });
        if (own.every(({ clientToken }) => clientToken !== session.clientToken)) throw error;
      }
      const kept = await table.insert(session);
      count.add(kept.session);
      return kept;
    },
    async delete(id) {
      await table.delete(id);
      count.remove(id);
    },
  };
}

function createCount(store: SessionStore, perUser: number): Count {
  const ownerOf = new Map<string, string>();
  const counts = new Map<string, number>();
  const add = ({ id, owner }: Kept): void => {
    if (ownerOf.has(id)) return;
    ownerOf.set(id, owner);
    counts.set(owner, (counts.get(owner) ?? 0) + 1);
  };
  // once, when the first session is made: every later change comes through here
  let counting: Promise<void> | undefined;
  const countAll = async (): Promise<void> => {
    const { leases: _, ...tables } = store;
    for (const table of Object.values(tables)) for (const session of await table.list({})) add(session);
  };
  return {
    add,
    async check(owner) {
      counting ??= countAll();
      await counting;
      if ((counts.get(owner) ?? 0) < perUser) return;
      throw new SessionError(
        'UNABLE_TO_ALLOCATE_RESOURCE',
        `${owner} has ${perUser} sessions, the most that one user may have. Delete some, or wait until they end.`,
      );
    },
    remove(id) {
      const owner = ownerOf.get(id);
      if (owner === undefined) return;
      ownerOf.delete(id);
      const left = (counts.get(owner) ?? 0) - 1;
      if (left > 0) counts.set(owner, left);
      else counts.delete(owner);
    },
  };
}
