import { type NearPool, type OvfError, type SessionBackend, SessionError } from '@ovfkit/domain';
import type { PackageReader } from '@ovfkit/package-format';
import { openPackage } from '@ovfkit/package-format/node';
import {
  type ImportResult,
  type ImportSettings,
  importLibraryItem,
  importPackage,
  importStream,
  importUrl,
  type PushSettings,
  type Replacing,
} from '@ovfkit/transfer';
import type { Context } from '../context.ts';
import { servedFingerprintOf } from '../journal/identity.ts';
import type { JobRun } from '../journal/job-run.ts';
import { progressTo } from '../output/progress.ts';
import type { Report } from '../output/report.ts';
import { knownSize } from '../plan/space.ts';
import type { SourceRetry } from '../source/http-client.ts';
import type { PackageAddress } from '../source/http-package.ts';
import { takeSourceItem } from '../source/library-item.ts';
import { shownPath } from '../source/url.ts';
import type { Connection } from '../target/connection.ts';
import type { Target } from '../target/resolve-target.ts';
import type { Choices, Offers } from './choices.ts';
import { makeRoom, provisionalName } from './existing.ts';
import { type ImportOptions, isAtTarget, sourceKindOf } from './import-options.ts';
import type { Looked } from './look-at.ts';
import { originOf } from './origin.ts';
import { askingWith, type Given, parametersFor } from './parameters.ts';
import { openPassing } from './passing-archive.ts';
import type { LocatedPlacement } from './placement.ts';
import { lastOf } from './places.ts';

/** What an import is made with. */
interface Making {
  readonly connection: Connection;
  readonly backend: SessionBackend;
  readonly target: Target;
  readonly options: ImportOptions;
  readonly report: Report;
  readonly looked: Looked;
  readonly placement: LocatedPlacement;
  /** In place of the one the options say. */
  readonly name?: string | undefined;
}

const choicesOf = ({ options, connection: { via } }: Pick<Making, 'options' | 'connection'>): Choices => ({
  name: options.name,
  annotation: options.annotation,
  networks: options.net ?? [],
  properties: options.prop ?? [],
  datastore: options.datastore,
  diskMode: options.diskMode,
  storagePolicy: options.storagePolicy,
  diskDatastores: options.diskDatastore,
  deploymentOption: options.deploymentOption,
  eula: options.acceptEula ? 'accepted' : 'open',
  via,
  environment: options.injectOvfEnv ? 'injected' : undefined,
  signer: options.anySigner ? 'any' : 'trusted',
});

async function offersOf(
  { inventory }: SessionBackend,
  { choices, near, signal }: { readonly choices: Choices; readonly near: NearPool; readonly signal: AbortSignal },
): Promise<Offers> {
  const [networks, datastores, policies] = await Promise.all([
    inventory.network.list(near, { signal }),
    inventory.datastore.list(near, { signal }),
    choices.storagePolicy === undefined ? [] : inventory.storagePolicy.list({}, { signal }),
  ]);
  return {
    networks: networks.map(({ network: id, name }) => ({ id, name })),
    datastores: datastores.map(({ datastore: id, name, freeSpace }) => ({ id, name, freeSpace: knownSize(freeSpace) })),
    storagePolicies: policies.map(({ policy: id, name }) => ({ id, name })),
  };
}

/** What is wanted, and what the target has of it. */
export async function askedFor(
  { signal }: Context,
  { connection, backend, target, options, looked, placement, name = options.name }: Making,
): Promise<Given> {
  const choices = { ...choicesOf({ options, connection }), name, otherNetworks: lastOf(target.places.network) };
  const offers = await offersOf(backend, { choices, near: placement.near, signal });
  return { choices, offers, descriptor: looked.descriptor };
}

/** What transfer needs to know of an import, whoever moves the bytes. */
export async function settingsFor(context: Context, making: Making): Promise<ImportSettings> {
  const { signal, config } = context;
  const { connection, backend, options, report, placement } = making;
  const asked = await askedFor(context, making);
  return {
    backend: askingWith(backend, asked.choices.deploymentOption),
    target: {
      resourcePool: placement.resourcePool.id,
      folder: placement.folder?.id,
      host: placement.host?.id,
    },
    parameters: ({ parameters }) => parametersFor(parameters, asked),
    flags: options.lax ? ['LAX'] : [],
    locale: config.locale,
    signal,
    onProgress: progressTo(report, connection),
    poll: connection.poll,
  };
}

/** A package to send: one that can be read anywhere, or an archive that goes by once. */
export type ToSend =
  | {
      readonly kind: 'package';
      readonly reader: PackageReader;
      readonly at?: PackageAddress;
      readonly versions?: readonly string[];
      close(): Promise<void>;
    }
  | { readonly kind: 'stream'; readonly bytes: AsyncIterable<Uint8Array>; close(): Promise<void> };

/** Opens a package that is sent from here. Standard input is none of these. The caller closes it. */
export async function openToSend(
  { signal, config }: Context,
  { options: { source, sourceCa }, report }: Pick<Making, 'options' | 'report'>,
): Promise<ToSend> {
  if (sourceKindOf(source) === 'local') {
    const reader = await openPackage(source);
    return { kind: 'package', reader, close: () => reader.close() };
  }
  const { openHttpSource } = await import('../source/http-package.ts');
  const onRetry = (notice: SourceRetry): void => report.event({ type: 'retry', ...notice });
  const found = await openHttpSource(source, {
    signal,
    ca: sourceCa,
    stallTimeoutMs: config.stallTimeoutMs(),
    onRetry,
  });
  return found.kind === 'stream' ? found : { ...found, close: () => found.reader.close() };
}

const worthSending = new Set([
  'RESOURCE_INACCESSIBLE',
  'SERVICE_UNAVAILABLE',
  'TIMED_OUT',
  'UNAUTHORIZED',
  'INVALID_ARGUMENT',
]);

const isServerError = (error: unknown): error is OvfError =>
  typeof error === 'object' && error !== null && 'error' in error && error.error !== undefined;

/**
 * Whether a target that should fetch a package may not, or does not get there. A session ends so with a server's error, where a
 * package that is no good has issues; a user without the privilege gets none.
 */
function isOutOfReach(error: unknown): error is SessionError {
  if (!(error instanceof SessionError) || !worthSending.has(error.kind)) return false;
  const { data } = error;
  if (typeof data !== 'object' || data === null || !('state' in data)) return error.kind === 'UNAUTHORIZED';
  return 'errors' in data && Array.isArray(data.errors) && data.errors.every(isServerError);
}

interface Moving extends Making {
  readonly context: Context;
  readonly run: JobRun;
}

async function replacingOf(moving: Moving): Promise<Replacing | undefined> {
  const { context, backend, run } = moving;
  const { id, name = '', replaces: existing } = run.job();
  if (existing === undefined) return undefined;
  const { signal } = context;
  const { parameters } = await settingsFor(context, { ...moving, name: provisionalName(name, id) });
  return { parameters, makeRoom: () => makeRoom(backend.inventory, { existing, signal }) };
}

async function send(moving: Moving, settings: ImportSettings): Promise<ImportResult> {
  const { context, options, run } = moving;
  const replacing = await replacingOf(moving);
  const pushing = (): PushSettings => ({
    ...settings,
    verifyManifest: options.verify,
    replacing,
    continuation: run.continuation(),
  });
  const { archive } = moving.looked;
  if (archive !== undefined) return importStream({ ...pushing(), archive });
  const opened = await openToSend(context, moving);
  try {
    if (opened.kind === 'stream') {
      const archive = await openPassing(opened.bytes, shownPath(run.job().options.source));
      return await importStream({ ...pushing(), archive });
    }
    if (opened.versions !== undefined) await run.sending(servedFingerprintOf(opened.versions));
    moving.connection.lend(opened.reader, await originOf(moving, opened));
    const result = await importPackage({
      ...pushing(),
      package: opened.reader,
      isLocal: opened.versions === undefined,
    });
    const { via, bytesMoved } = moving.connection;
    return via === 'session' ? result : { ...result, bytesSent: bytesMoved(), bytesThere: 0 };
  } finally {
    await opened.close();
  }
}

/** Sends the package of a job, or has the target get it; what a target cannot fetch itself is sent after all, unless it was told to. */
export async function move(moving: Moving): Promise<ImportResult> {
  const { context, connection, run, report, options } = moving;
  const { signal } = context;
  const { source, viaClient = options.viaClient } = run.job().options;
  const settings = await settingsFor(context, { ...moving, name: run.job().name ?? options.name });
  const continued = (): ImportSettings => ({ ...settings, continuation: run.continuation() });
  if (sourceKindOf(source) === 'library')
    return importLibraryItem({ ...continued(), item: await takeSourceItem(connection, source, { signal }) });
  if (connection.via !== 'session' || !isAtTarget({ source, viaClient })) return send(moving, settings);
  try {
    return await importUrl({ ...continued(), url: source, thumbprint: options.sourceThumbprint });
  } catch (error) {
    if (options.pull || signal.aborted || !isOutOfReach(error)) throw error;
    report.event({
      type: 'information',
      message: `The target does not fetch it, so it is sent from here: ${error.message}`,
    });
    await run.restartViaClient();
    return send(moving, settings);
  }
}
