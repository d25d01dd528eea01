import type { BlobStore, Inventory, Library, Privilege, PullSource, SessionStore } from '@ovfkit/domain';
import type { Descriptor, ManifestEntry } from '@ovfkit/package-format';
import type { HashThread } from '@ovfkit/package-format/node';
import type { BorrowedBlobs } from './borrowed-blobs.ts';
import type { ByteCounts } from './byte-counts.ts';
import type { HashMemory } from './hashing.ts';
import type { Jobs } from './jobs.ts';
import type { KeyLock } from './key-lock.ts';
import type { Leases } from './leases.ts';
import type { ParsedMemory } from './parsed-memory.ts';
import type { Turns, TurnsByKey } from './turns.ts';

/** Who calls. */
export interface Principal {
  /** Sessions belong to it. */
  readonly user: string;
  /** Sees the sessions of everyone. */
  readonly isAdmin: boolean;
  /** All when absent. */
  readonly privileges?: ReadonlySet<Privilege>;
}

/** Sizes are bytes. */
export interface EngineLimits {
  /** Of a descriptor, a manifest, a certificate and a message bundle each: these are read whole. */
  readonly textSize: number;
  /** Files of one package, the pieces of chunked ones counted each. */
  readonly members: number;
  /** How often one file of a pull source that gives nothing more is tried before the import fails; the source itself five times at most. */
  readonly pullAttempts: number;
  /** Before the second attempt; doubled for each further one. */
  readonly pullRetryDelayMs: number;
}

/** What every part of the engine works with. */
export interface Core {
  readonly sessions: SessionStore;
  readonly blobs: BlobStore;
  readonly inventory: Inventory;
  readonly library: Library;
  readonly pull: PullSource;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  readonly idleTimeoutMs: number;
  readonly terminalTimeoutMs: number;
  /** A session that is used is written at most this often. */
  readonly touchEveryMs: number;
  readonly limits: EngineLimits;
  readonly serverGuid: string;
  /** Certificates of who may sign packages, in PEM; those of the system when absent. */
  readonly signerRoots: readonly string[] | undefined;
  readonly onError: (error: unknown, where: string) => void;
  readonly jobs: Jobs;
  /** Held per session by whoever does its work in the background. */
  readonly leases: Leases;
  /** Before work is done again whose outcome the store could not keep. */
  readonly storeRetryMs: number;
  /** Held per blob by whoever writes it. */
  readonly writers: KeyLock;
  readonly hashes: HashMemory;
  readonly hashThread: HashThread;
  /** Their size is lines. */
  readonly manifests: ParsedMemory<readonly ManifestEntry[]>;
  /** Their size is bytes of text. */
  readonly descriptors: ParsedMemory<Descriptor>;
  readonly counts: ByteCounts;
  readonly borrowed: BorrowedBlobs;
  /** Whether bytes that are here are kept and sent once only. */
  readonly isDedup: boolean;
  /** Taken by digest by whoever looks for the same bytes and then says that it has them. */
  readonly arrivals: TurnsByKey;
  /** Taken by whoever makes a blob needed by more than one, or deletes one that nobody needs. */
  readonly references: Turns;
}
