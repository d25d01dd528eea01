import { randomUUID } from 'node:crypto';
import {
  type BlobStore,
  exportFlags,
  type Inventory,
  importFlags,
  type Library,
  type PullSource,
  type SessionBackend,
  SessionError,
  type SessionStore,
} from '@ovfkit/domain';
import { createHashThread } from '@ovfkit/package-format/node';
import { createBorrowedBlobs } from './borrowed-blobs.ts';
import { createByteCounts } from './byte-counts.ts';
import { guarded } from './call-check.ts';
import type { Core, EngineLimits, Principal } from './core.ts';
import type { ImportFlow } from './effects/create-entity.ts';
import type { ExportFlow } from './effects/prepare-files.ts';
import { createDownloads } from './export/download.ts';
import { createExportFlow } from './export-flow.ts';
import { createExportSessions } from './export-session.ts';
import { createFiles } from './files.ts';
import { createHashMemory } from './hashing.ts';
import { createImportFlow } from './import-flow.ts';
import { createImportSessions } from './import-session.ts';
import { createInventoryServices } from './inventory.ts';
import { createJobs } from './jobs.ts';
import { createKeyLock } from './key-lock.ts';
import { createLeases } from './leases.ts';
import { createContentLibrary } from './library/content-library.ts';
import { createDownloadFlow, type DownloadFlow } from './library/download-flow.ts';
import { createItemDownloads } from './library/item-download.ts';
import { createLibraryItems } from './library/library-item.ts';
import { createUpdateFlow } from './library/update-flow.ts';
import { createUpdateUploads } from './library/update-upload.ts';
import type { UpdateFlow } from './library/updates.ts';
import { createParsedMemory } from './parsed-memory.ts';
import { createProbeFlow, type ProbeFlow } from './probe-flow.ts';
import { createProbeImportSessions } from './probe-import-session.ts';
import { recover } from './recover.ts';
import { sweep } from './sweep.ts';
import { createTurns, createTurnsByKey } from './turns.ts';
import { createUploads } from './upload/file-service.ts';

export interface EngineOptions {
  readonly sessions: SessionStore;
  readonly blobs: BlobStore;
  readonly inventory: Inventory;
  /** Its items name blobs of `blobs`. */
  readonly library: Library;
  readonly pull: PullSource;
  /** Milliseconds since 1970; when absent one that starts right and then does not jump when the machine's is set. */
  readonly clock?: () => number;
  /** How long an unfinished session lives without use; 300 s when absent. */
  readonly idleTimeoutMs?: number;
  /** How long a finished or failed session can be looked at; one hour when absent. */
  readonly terminalTimeoutMs?: number;
  /** After this long another engine on the same store takes over work in the background from one that is gone; 30 s when absent. */
  readonly leaseMs?: number;
  readonly limits?: Partial<EngineLimits>;
  /** What `capability.get` knows as this server; should outlive restarts. Made up when absent. */
  readonly serverGuid?: string;
  /** Certificates of who may sign packages, in PEM; those of the system when absent. */
  readonly signerRoots?: readonly string[];
  /**
   * Whether bytes that are here already are kept once only, and complete a file of whoever knows their digest and may read
   * them; true when absent.
   */
  readonly dedup?: boolean;
  /** Told of faults that are nobody's input, with the session or task they belong to; nothing when absent. */
  readonly onError?: (error: unknown, where: string) => void;
}

/**
 * The session service. Engines that share a store take turns with the work in the background, by leases; a store says itself
 * whether it can be shared.
 */
export interface Engine {
  readonly serverGuid: string;
  /** The service as one caller sees it. */
  backendFor(principal: Principal): SessionBackend;
  /** Goes on with every unfinished session and begins to remove idle ones. Resolves when clients may call. */
  start(): Promise<void>;
  /** Stops everything that moves, so that a next engine on the same store can go on. The store is not closed. */
  close(): Promise<void>;
}

const defaultLimits: EngineLimits = {
  textSize: 16 * 1024 ** 2,
  members: 10_000,
  pullAttempts: 12, // about a minute: a source that is started anew has it
  pullRetryDelayMs: 500,
};

/** An engine on its ports; it starts nothing until `start`. */
export function createEngine(options: EngineOptions): Engine {
  const core = createCore(options);
  const flows = {
    imports: createImportFlow(core),
    probes: createProbeFlow(core),
    exports: createExportFlow(core),
    updates: createUpdateFlow(core),
    downloads: createDownloadFlow(core),
  };
  let timer: ReturnType<typeof setInterval> | undefined;
  return {
    serverGuid: core.serverGuid,
    backendFor: (principal) => createBackend({ core, ...flows, principal }),
    async start() {
      await recover(core, flows);
      const everyMs = Math.max(10, Math.min(core.touchEveryMs, core.terminalTimeoutMs / 10));
      timer ??= setInterval(() => {
        if (!core.jobs.isBusy('sweep')) core.jobs.run('sweep', () => sweep(core, flows));
      }, everyMs);
      timer.unref();
    },
    async close() {
      clearInterval(timer);
      timer = undefined;
      await core.jobs.close(new SessionError('SERVICE_UNAVAILABLE', 'The server is being stopped.'));
      await core.hashThread.close();
    },
  };
}

function createCore(options: EngineOptions): Core {
  const { sessions, blobs, inventory, library, pull, onError = () => {} } = options;
  const { clock = steadyClock, leaseMs = 30_000, idleTimeoutMs = 300_000, terminalTimeoutMs = 3_600_000 } = options;
  return {
    sessions,
    blobs,
    inventory,
    library,
    pull,
    clock,
    idleTimeoutMs,
    terminalTimeoutMs,
    touchEveryMs: Math.min(10_000, idleTimeoutMs / 10),
    limits: { ...defaultLimits, ...options.limits },
    serverGuid: options.serverGuid ?? randomUUID(),
    signerRoots: options.signerRoots,
    onError,
    jobs: createJobs(onError),
    leases: createLeases({ table: sessions.leases, clock, holder: randomUUID(), lengthMs: leaseMs }),
    storeRetryMs: 2_000,
    writers: createKeyLock(),
    hashes: createHashMemory(),
    hashThread: createHashThread(),
    manifests: createParsedMemory(32_768), // about 300 bytes each
    descriptors: createParsedMemory(1024 ** 2), // about ten times that in memory
    counts: createByteCounts(),
    borrowed: createBorrowedBlobs(),
    isDedup: options.dedup ?? true,
    arrivals: createTurnsByKey(),
    references: createTurns(),
  };
}

/** Sessions must not end because the clock of the machine was set. */
const steadyClock = (): number => Math.floor(performance.timeOrigin + performance.now());

interface BackendParts {
  readonly core: Core;
  readonly imports: ImportFlow;
  readonly probes: ProbeFlow;
  readonly exports: ExportFlow;
  readonly updates: UpdateFlow;
  readonly downloads: DownloadFlow;
  readonly principal: Principal;
}

function createBackend(parts: BackendParts): SessionBackend {
  const { core, imports, probes, exports, updates, principal } = parts;
  const receivers = {
    import: { core, kind: 'import', flow: imports },
    probe: { core, kind: 'probe', flow: probes },
  } as const;
  const behind = { core, principal, behind: 'library_item' } as const;
  return {
    features: {
      sessionList: true,
      resumableUpload: true,
      contentLibrary: true,
      vappList: true,
      hardwareVersions: true,
      templates: true,
    },
    importSession: createImportSessions({ core, flow: imports, principal }),
    probeImportSession: createProbeImportSessions({ core, flow: probes, principal }),
    exportSession: createExportSessions({ core, flow: exports, principal }),
    exportFlag: { list: guarded(async () => exportFlags) },
    importFlag: {
      list: guarded(async ({ rp }) => {
        const pools = await core.inventory.resourcePool.list({ resourcePools: [rp] });
        if (pools.length === 0) throw new SessionError('NOT_FOUND', `There is no resource pool ${rp}.`);
        return importFlags;
      }),
    },
    capability: {
      get: guarded(async ({ serverGuid }) => {
        if (serverGuid.toLowerCase() !== core.serverGuid.toLowerCase())
          throw new SessionError('INVALID_ARGUMENT', `${serverGuid} is not the GUID of this server.`);
        return { importOva: true, exportOva: true };
      }),
    },
    libraryItem: createLibraryItems({
      core,
      imports: createImportSessions({ ...behind, flow: imports }),
      exports: createExportSessions({ ...behind, flow: exports }),
    }),
    contentLibrary: createContentLibrary(parts),
    inventory: createInventoryServices(core),
    files: createFiles({
      uploads: createUploads(receivers, principal),
      downloads: createDownloads({ core, flow: exports, principal }),
      updates: createUpdateUploads({ core, flow: updates }, principal),
      items: createItemDownloads(parts),
    }),
  };
}
