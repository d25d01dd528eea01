import { type Inventory, type SessionBackend, SessionError } from '@ovfkit/domain';
import type { PackageReader } from '@ovfkit/package-format';
import type { RestBackend } from '@ovfkit/rest';
import type { ImportNotice } from '@ovfkit/vsphere';
import type { Context } from '../context.ts';
import type { Report } from '../output/report.ts';
import { accessOf, type Calling, connect } from './connect.ts';
import type { InProcess, InProcessOptions } from './in-process.ts';
import { chooseRung, type Rung, requireSessionApi, type Via } from './ladder.ts';
import { resolveTarget, type Target, type TargetOptions } from './resolve-target.ts';

/** How to get into a target. */
export interface ViaOptions {
  /** The best that the target has when absent or `auto`. */
  readonly via?: Via | 'auto' | undefined;
  /** Name or id of the content library that packages pass through, with `library`. */
  readonly library?: string | undefined;
}

/** A target that packages move to and from, by whatever way it has. */
export interface Connection {
  readonly backend: SessionBackend;
  readonly via: Via;
  /** The target's REST API, where it has one that is known by now. */
  readonly rest: RestBackend | undefined;
  /** Where bytes of a package that is sent are read: a session in this process takes them from where they are. */
  lend(reader: PackageReader): void;
  /** Bytes that a session in this process has moved to or from the target; 0 for others, of which transfer knows. */
  bytesMoved(): number;
}

export interface Connecting {
  /** Name or URL. */
  readonly target: string;
  readonly options: TargetOptions & ViaOptions;
  readonly report: Report;
  /** Where bytes rest on their way out of a target without sessions; the folder for temporary files when absent. */
  readonly folder?: string | undefined;
}

interface Opened extends Connection {
  close(): Promise<void>;
}

/** Runs `use` with the best way into the target a word means, says which it took and why, and closes it in every ending. */
export async function withConnection<Result>(
  { config, signal }: Context,
  connecting: Connecting,
  use: (connection: Connection, target: Target) => Promise<Result>,
): Promise<Result> {
  const { target: word, options } = connecting;
  const target = await resolveTarget(word, { config, options });
  const opened = await open(target, { ...connecting, signal, stallTimeoutMs: config.stallTimeoutMs() });
  try {
    return await use(opened, target);
  } finally {
    // logging out is a courtesy: what happened before it counts
    await opened.close().catch(() => undefined);
  }
}

type Opening = Connecting & Calling;

async function open(target: Target, opening: Opening): Promise<Opened> {
  const { options, report, signal, stallTimeoutMs } = opening;
  const { via: wanted = 'auto' } = options;
  const rest = wanted === 'lease' ? undefined : await connectRest(target, { wanted, signal, report, stallTimeoutMs });
  try {
    if (wanted === 'session' && rest !== undefined) requireSessionApi(rest);
    const rung: Rung =
      wanted === 'auto' ? await chooseRung(rest, { signal }) : { via: wanted, why: 'it was asked for' };
    if (rung.via === 'session' && rest !== undefined)
      return {
        backend: rest,
        rest,
        via: 'session',
        lend: () => undefined,
        bytesMoved: () => 0,
        close: () => rest.close(),
      };
    const message = `By way of ${viaNames[rung.via]}, for ${rung.why}.`;
    if (wanted === 'auto') report.event({ type: 'information', message });
    return await openOwnSessions(target, { ...opening, via: rung.via, rest });
  } catch (error) {
    await rest?.close().catch(() => undefined);
    throw error;
  }
}

const viaNames = { session: 'its sessions', library: 'its content library', lease: 'a lease' } as const;

/** An ESXi host has no REST API: only whoever did not ask for it may go on without. */
async function connectRest(
  target: Target,
  { wanted, ...calling }: Calling & { readonly wanted: Via | 'auto' },
): Promise<RestBackend | undefined> {
  try {
    return await connect(target, calling);
  } catch (error) {
    if (wanted !== 'auto' || !(error instanceof SessionError) || error.kind !== 'OPERATION_NOT_FOUND') throw error;
    return undefined;
  }
}

/** Sessions of this process over the target's vim25. */
async function openOwnSessions(
  target: Target,
  {
    via,
    rest,
    options,
    report,
    folder,
    signal,
  }: Opening & { readonly via: Via; readonly rest: RestBackend | undefined },
): Promise<Opened> {
  const [{ openInProcess }, vsphere] = await Promise.all([import('./in-process.ts'), import('@ovfkit/vsphere')]);
  const vim = await vsphere.connectVim(accessOf(target), signal);
  const moved = new Map<string, number>();
  const onNotice = ({ kind, text }: ImportNotice): void =>
    report.event({ type: kind === 'warning' ? 'warning' : 'information', message: text });
  const inventoryOver: InProcessOptions['inventoryOver'] = (blobs): Inventory => {
    const inventory = vsphere.createVsphereInventory({ vim, blobs, onNotice });
    if (via !== 'library' || rest === undefined) return inventory;
    return vsphere.createLibraryInventory({ inventory, vcenter: rest, blobs, library: options.library });
  };
  let own: InProcess;
  try {
    own = await openInProcess({
      inventoryOver,
      folder,
      onBytes: ({ name, passed, size }) => {
        moved.set(name, passed);
        report.event({ type: 'file', name, transferred: passed, size });
      },
    });
  } catch (error) {
    await vim.close();
    throw error;
  }
  return {
    backend: own.backend,
    via,
    rest,
    lend: own.lend,
    bytesMoved: () => [...moved.values()].reduce((sum, each) => sum + each, 0),
    async close() {
      await own.close();
      await vim.close();
      await rest?.close();
    },
  };
}
