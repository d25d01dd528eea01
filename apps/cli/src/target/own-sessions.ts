import { type BlobStore, type Inventory, SessionError } from '@ovfkit/domain';
import {
  connectVim,
  createLibraryInventory,
  createVsphereInventory,
  type ImportNotice,
  type ItemPackage,
  markMade,
  type Origin,
  readItemPackage,
  type VimClient,
} from '@ovfkit/vsphere';
import { accessOf } from './connect.ts';
import type { Connection } from './connection.ts';
import { type InProcessOptions, openInProcess } from './in-process.ts';
import { beginTrace, type OwnTrace, type TraceScene } from './own-trace.ts';

/** Sessions of this process, over a target that has none. */
export type OwnSessions = Omit<Connection, 'via' | 'rest'> & { close(): Promise<void> };

export interface OwnSessionsOptions extends Omit<TraceScene, 'vim'> {
  /** Name or id of the content library that packages pass through. */
  readonly library: string | undefined;
}

/** Opens sessions of this process over the target's vim25. Whoever opens them closes them, and `rest` afterwards. */
export async function openOwnSessions(options: OwnSessionsOptions): Promise<OwnSessions> {
  const vim = await connectVim(accessOf(options.target), options.signal);
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
  const moved = new Map<string, number>();
  const onBytes: InProcessOptions['onBytes'] = ({ name, passed, size }) => {
    moved.set(name, passed);
    report.event({ type: 'file', name, transferred: passed, size });
  };
  let origin: Origin | undefined;
  const inventoryOver = inventoryIn({ ...options, report }, { vim, origin: () => origin });
  const { folder, claim, settle } = trace;
  try {
    const own = await openInProcess({ inventoryOver: (blobs) => trace.tracing(inventoryOver(blobs)), folder, onBytes });
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
      bytesMoved: () => [...moved.values()].reduce((sum, each) => sum + each, 0),
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

function inventoryIn(
  { via, rest, library, report }: OwnSessionsOptions,
  { vim, origin }: VsphereParts,
): InProcessOptions['inventoryOver'] {
  const onNotice = ({ kind, text }: ImportNotice): void =>
    report.event({ type: kind === 'warning' ? 'warning' : 'information', message: text });
  return (blobs): Inventory => {
    const inventory = createVsphereInventory({ vim, blobs, origin, onNotice });
    if (via !== 'library' || rest === undefined) return inventory;
    return createLibraryInventory({
      inventory,
      vcenter: rest,
      blobs,
      library,
      origin,
      mark: (made, key) => markMade(vim, { made, key }),
      onFetched: ({ name, passed, size }) => report.event({ type: 'file', name, transferred: passed, size }),
      onNotice,
    });
  };
}
