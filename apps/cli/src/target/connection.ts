import { type Ref, type SessionBackend, SessionError } from '@ovfkit/domain';
import type { PackageReader } from '@ovfkit/package-format';
import type { RestBackend } from '@ovfkit/rest';
import type { ImportSettings } from '@ovfkit/transfer';
import type { UrlOrigin, VimClient } from '@ovfkit/vsphere';
import type { Context } from '../context.ts';
import { CliError } from '../errors.ts';
import type { ExportStaging } from '../export/export-staging.ts';
import { openTraces, type Traces } from '../journal/trace.ts';
import type { Report } from '../output/report.ts';
import { type Calling, connect } from './connect.ts';
import { chooseRung, type Need, type Rung, requireSessionApi, type Via } from './ladder.ts';
import { createLazyVim, type LazyVim } from './lazy-vim.ts';
import type { Claim } from './own-trace.ts';
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
  /** How often its sessions are asked how far they are. */
  readonly poll: NonNullable<ImportSettings['poll']>;
  /**
   * Where bytes of a package that is sent are read: a session in this process takes them from where they are. Where `origin` is told the
   * target may get them there itself.
   */
  lend(reader: PackageReader, origin?: UrlOrigin): void;
  /** Lets sessions know an item of the target's own content library. @throws CliError where none is deployed by this way */
  lendItem(libraryItemId: string): Promise<void>;
  /** vim25 of the target, opened when it is first asked for; nothing where the target does not speak it. */
  vim(): Promise<VimClient | undefined>;
  /**
   * Says which import the command is. Resolves to what an earlier process of the same import has made in sessions of its own, and was
   * killed before it could say so.
   */
  claim(job: Claim): Promise<Ref | undefined>;
  /** Everything of the import that was claimed is done, so that nobody has to go on with it. */
  settle(): void;
  /** Bytes that a session in this process has sent to the target, or has received from it; 0 for others, of which transfer knows. */
  bytesMoved(way?: 'sent' | 'received'): number;
  /** Ends sessions of this process before the connection does, and leaves what they have on this machine to others, or to nobody. */
  endSessions(what: 'gone' | 'left'): Promise<void>;
}

export interface Connecting {
  /** Name or URL. */
  readonly target: string;
  readonly options: TargetOptions & ViaOptions;
  readonly report: Report;
  /** What the way has to be able to do. */
  readonly need?: Need | undefined;
  /** The target, where the command has found it before. */
  readonly resolved?: Target | undefined;
  /** Where bytes rest on their way out of a target without sessions; a folder among the temporary files when absent. */
  readonly staging?: ExportStaging | undefined;
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
  const { target: word, options, resolved } = connecting;
  const target = resolved ?? (await resolveTarget(word, { config, options }));
  const traces = openTraces(config);
  const opened = await open(target, { ...connecting, traces, signal, stallTimeoutMs: config.stallTimeoutMs() });
  try {
    return await use(opened, target);
  } finally {
    // logging out is a courtesy: what happened before it counts
    await opened.close().catch(() => undefined);
  }
}

type Opening = Connecting & Calling & { readonly traces: Traces };

async function open(target: Target, opening: Opening): Promise<Opened> {
  const { options, report, signal, stallTimeoutMs } = opening;
  const { via: wanted = 'auto' } = options;
  const rest = wanted === 'lease' ? undefined : await connectRest(target, { wanted, signal, report, stallTimeoutMs });
  try {
    if (wanted === 'session' && rest !== undefined) requireSessionApi(rest);
    const rung: Rung =
      wanted === 'auto'
        ? await chooseRung(rest, { signal, need: opening.need })
        : { via: wanted, why: 'it was asked for' };
    if (rung.via === 'session' && rest !== undefined) return ofItsOwn(rest, createLazyVim(target, signal));
    const message = `By way of ${viaNames[rung.via]}, for ${rung.why}.`;
    if (wanted === 'auto') report.event({ type: 'information', message });
    return await besides(target, { ...opening, via: rung.via === 'library' ? 'library' : 'lease', rest });
  } catch (error) {
    await rest?.close().catch(() => undefined);
    throw error;
  }
}

/** Sessions of the target. */
const ofItsOwn = (rest: RestBackend, { vim, close }: LazyVim): Opened => ({
  backend: rest,
  rest,
  via: 'session',
  poll: { firstMs: 100 }, // a small package is there before half a second is over
  vim,
  lend: () => undefined,
  lendItem: async () => undefined,
  claim: async () => undefined,
  settle: () => undefined,
  bytesMoved: () => 0,
  endSessions: async () => undefined,
  async close() {
    await close();
    await rest.close();
  },
});

/** Sessions of this process; a target that has its own needs none of it. */
async function besides(
  target: Target,
  { via, rest, options, target: word, ...opening }: Opening & Beside,
): Promise<Opened> {
  const { openOwnSessions } = await import('./own-sessions.ts');
  const { library } = options;
  const own = await openOwnSessions({ ...opening, target, word, options, library, via, rest });
  return {
    ...own,
    via,
    rest,
    poll: { firstMs: 5, maxMs: 25 }, // costs no request
    async close() {
      await own.close();
      await rest?.close();
    },
  };
}

interface Beside {
  readonly via: Exclude<Via, 'session'>;
  readonly rest: RestBackend | undefined;
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
    if (!(error instanceof SessionError) || error.kind !== 'OPERATION_NOT_FOUND') throw error;
    if (wanted === 'auto') return undefined;
    throw new CliError(
      'targetRefused',
      `${target.label} has no REST API, as an ESXi host has none: no --via ${wanted}`,
      {
        hint: 'Leave --via out, or give --via lease. A vCenter or an ovfkitd has one: check the URL.',
        cause: error,
      },
    );
  }
}
