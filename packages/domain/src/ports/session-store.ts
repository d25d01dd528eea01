import type { DownloadSession } from '../download-session.ts';
import type { ExportSession } from '../export-session.ts';
import type { ImportSession } from '../import-session.ts';
import type { ProbeImportSession } from '../probe-import-session.ts';
import type { UpdateSession } from '../update-session.ts';

/** A document with the version it was read at; every change raises it by one. */
export interface Versioned<Session> {
  readonly session: Session;
  readonly version: number;
}

/**
 * How long a change is certain to last. `lasting`: for ever. `passing`: whoever opens the store sees it, after a process that was killed
 * too, but a power cut may take it back, until something else is made to last; so it waits for no disk.
 */
export type Keeping = 'lasting' | 'passing';

/** Sessions of one kind. What resolves is durable, but for `prolong` and what is `passing`. */
export interface SessionTable<Session> {
  /** Keeps a new session, unless its owner has one with the same client token: then that one is given and nothing changes. */
  insert(session: Session): Promise<Versioned<Session>>;
  get(id: string): Promise<Versioned<Session> | undefined>;
  /** `lasting` when nothing is said. @throws SessionError CONCURRENT_CHANGE when `version` is not the current one; NOT_FOUND */
  replace(session: Session, version: number, keeping?: Keeping): Promise<Versioned<Session>>;
  /**
   * Lets a session live until `expiresAt`, milliseconds since 1970, if that is later than its own; its version stays. It is `passing`, so
   * sessions that are asked for often wait for no disk. An unknown id is no error.
   */
  prolong(id: string, expiresAt: number): Promise<void>;
  /** An unknown id is no error. */
  delete(id: string): Promise<void>;
  /** Of one owner, or of all; oldest first. */
  list(filter: { readonly owner?: string }): Promise<readonly Session[]>;
  /** Those with `expiresAt` before `time`, milliseconds since 1970. */
  expired(time: number): Promise<readonly Session[]>;
}

/** The right to do the work of something, for a time. */
export interface Lease {
  /** Of what. */
  readonly key: string;
  /** Who has it: one process, and no other. */
  readonly holder: string;
  /** Milliseconds since 1970, by the holder's clock. */
  readonly now: number;
  /** How long it lasts without being taken again; the same for all of a store. */
  readonly lengthMs: number;
}

/**
 * Who works on what, where several processes have one store. What resolves is durable. A lease is over when its time is, and
 * also when that lies further away than any lease lasts: then a clock was set back.
 */
export interface LeaseTable {
  /** Takes a lease that nobody has or that is over, or makes one's own last longer; whether the holder has it now. */
  take(lease: Lease): Promise<boolean>;
  /** Gives a lease back. What another has stays. */
  release(lease: Pick<Lease, 'key' | 'holder'>): Promise<void>;
  /** The keys of leases that are over and were not given back: their holders died, or were cut off. */
  ended(time: Pick<Lease, 'now' | 'lengthMs'>): Promise<readonly string[]>;
}

/** Keeps our own session documents, never a library's snapshot of them. */
export interface SessionStore {
  readonly imports: SessionTable<ImportSession>;
  readonly probes: SessionTable<ProbeImportSession>;
  readonly exports: SessionTable<ExportSession>;
  /** Of the content library. */
  readonly updates: SessionTable<UpdateSession>;
  readonly downloads: SessionTable<DownloadSession>;
  /** Of the work in the background for sessions. */
  readonly leases: LeaseTable;
}
