import { type BlobStore, type Inventory, type Ref, SessionError } from '@ovfkit/domain';
import {
  connectVim,
  createLibraryInventory,
  createOvfsInventory,
  createVsphereInventory,
  type ImportNotice,
  type ItemPackage,
  type LibraryInventoryOptions,
  markMade,
  type Origin,
  readItemPackage,
  type VimClient,
} from '@ovfkit/vsphere';
import { accessOf } from './connect.ts';
import type { Connection } from './connection.ts';
import { impatientVim } from './impatient-vim.ts';
import { type InProcessOptions, openInProcess } from './in-process.ts';
import { beginTrace, type OwnTrace, type TraceScene } from './own-trace.ts';
import type { OnBytes, PassingBytes } from './watched-blobs.ts';

/** Sessions of this process, over a target that has none. */
export type OwnSessions = Omit<Connection, 'via' | 'rest' | 'poll'> & { close(): Promise<void> };

export type OwnSessionsOptions = Omit<TraceScene, 'vim'>;

/** Opens sessions of this process over the target's vim25. Whoever opens them closes them, and `rest` afterwards. */
export async function openOwnSessions(options: OwnSessionsOptions): Promise<OwnSessions> {
  const { target, signal } = options;
  const vim = impatientVim(await connectVim(accessOf(target), signal), { signal });
  try {
    const trace = await beginTrace({ ...options, vim });
    return await openOver(options, { vim, trace });
  } catch (error) {
    await vim.close();
    throw error;
  }
}

interface Over {
  readonly vim: VimClient;
  readonly trace: OwnTrace;
}

async function openOver({ report, ...options }: OwnSessionsOptions, { vim, trace }: Over): Promise<OwnSessions> {
  const parts = new Map<string, PassingBytes>();
  const onBytes: OnBytes = (part) => {
    const { name, way, from, passed, size } = part;
    parts.set(`${way} ${from} ${name}`, part);
    report.event({ type: 'file', name, transferred: passed, size });
  };
  let origin: Origin | undefined;
  const inventoryOver = inventoryIn({ ...options, report }, { vim, origin: () => origin });
  const { folder, claim, settle } = trace;
  try {
    const own = await openInProcess({
      inventoryOver: (blobs) => trace.tracing(inventoryOver(blobs)),
      folder,
      sessions: options.staging?.job === undefined ? 'passing' : 'kept',
      disk: options.staging?.disk,
      onBytes,
    });
    return {
      backend: own.backend,
      vim: async () => vim,
      lend(reader, from) {
        origin = from;
        own.lend(reader);
      },
      async lendItem(libraryItemId) {
        origin = { kind: 'item', libraryItemId };
        await own.lendItem(libraryItemId, (blobs) => readItem(options, { libraryItemId, blobs }));
      },
      claim,
      settle,
      bytesMoved: (wanted = 'sent') =>
        [...parts.values()].reduce((sum, { way, from, passed }) => (way === wanted ? sum + passed - from : sum), 0),
      endSessions: own.close,
      async close() {
        await own.close();
        await trace.close();
        await vim.close();
      },
    };
  } catch (error) {
    await trace.close();
    throw error;
  }
}

/** @throws SessionError UNSUPPORTED where there is no library */
async function readItem(
  { rest, signal }: Omit<OwnSessionsOptions, 'report'>,
  { libraryItemId, blobs }: { readonly libraryItemId: string; readonly blobs: BlobStore },
): Promise<ItemPackage> {
  if (rest === undefined) throw new SessionError('UNSUPPORTED', 'The target has no content library.');
  return readItemPackage({ vcenter: rest, blobs }, { libraryItemId, prefix: `item/${libraryItemId}`, signal });
}

interface VsphereParts {
  readonly vim: VimClient;
  readonly origin: () => Origin | undefined;
}

/** The first whose vCenter deploys from URLs itself. */
const ovfsSince = 9;

function inventoryIn(options: OwnSessionsOptions, parts: VsphereParts): InProcessOptions['inventoryOver'] {
  const { target, report } = options;
  const { vim, origin } = parts;
  const onNotice = ({ kind, text }: ImportNotice): void =>
    report.event({ type: kind === 'warning' ? 'warning' : 'information', message: text });
  const mark = (made: Ref, key: string): Promise<void> => markMade(vim, { made, key });
  const { apiType, version } = vim.about;
  const hasOvfs = apiType === 'VirtualCenter' && Number.parseInt(version, 10) >= ovfsSince;
  return (blobs): Inventory => {
    const inventory = inventoryBy(options, { ...parts, blobs, mark, onNotice });
    if (!hasOvfs) return inventory;
    return createOvfsInventory({ inventory, access: accessOf(target), origin, mark, onNotice });
  };
}

interface Way extends VsphereParts {
  readonly blobs: BlobStore;
  readonly mark: (made: Ref, key: string) => Promise<void>;
  readonly onNotice: (notice: ImportNotice) => void;
}

function inventoryBy({ via, rest, library, report }: OwnSessionsOptions, way: Way): Inventory {
  if (via !== 'library' || rest === undefined) return createVsphereInventory(way);
  const inventory = createVsphereInventory({ ...way, way: 'library' });
  const onFetched: LibraryInventoryOptions['onFetched'] = ({ name, passed, size }) =>
    report.event({ type: 'file', name, transferred: passed, size });
  return createLibraryInventory({ ...way, inventory, vcenter: rest, library, onFetched });
}
