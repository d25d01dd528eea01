import type { Inventory } from '@ovfkit/domain';
import {
  connectVim,
  createLibraryInventory,
  createVsphereInventory,
  type ImportNotice,
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
  const inventoryOver = inventoryIn({ ...options, report }, vim);
  const { folder, claim, settle } = trace;
  try {
    const own = await openInProcess({ inventoryOver: (blobs) => trace.tracing(inventoryOver(blobs)), folder, onBytes });
    return {
      backend: own.backend,
      lend: own.lend,
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

function inventoryIn(
  { via, rest, library, report }: OwnSessionsOptions,
  vim: VimClient,
): InProcessOptions['inventoryOver'] {
  const onNotice = ({ kind, text }: ImportNotice): void =>
    report.event({ type: kind === 'warning' ? 'warning' : 'information', message: text });
  return (blobs): Inventory => {
    const inventory = createVsphereInventory({ vim, blobs, onNotice });
    if (via !== 'library' || rest === undefined) return inventory;
    return createLibraryInventory({ inventory, vcenter: rest, blobs, library });
  };
}
