import { SessionError } from '@ovfkit/domain';
import { isPassing, pause } from '@ovfkit/rest';
import { faultOf, localizedError, localizedFault } from './fault.ts';
import { retrieveOne } from './property-collector.ts';
import type { VimClient, VimMethod } from './vim-client.ts';
import { flag, list, nothing, object, optional, reference, text, type ValueOf, whole } from './vim-shape.ts';
import type { ManagedObject } from './vim-value.ts';
import { waitFor } from './wait-for.ts';

const DeviceUrl = object('HttpNfcLeaseDeviceUrl', {
  /** Of the device while the lease lasts; manifests and descriptors name it by this. */
  key: text,
  /** `deviceId` of the file of an import. */
  importKey: optional(text),
  url: text,
  /** SHA-1, of the host's certificate. */
  sslThumbprint: optional(text),
  /** PEM; 9.0 and newer. */
  sslCertificate: optional(text),
  disk: optional(flag),
  /** The name of the file, in an export. */
  targetId: optional(text),
  fileSize: optional(whole),
});
export type DeviceUrl = ValueOf<typeof DeviceUrl>;

const LeaseInfo = object('HttpNfcLeaseInfo', {
  entity: reference,
  deviceUrl: list(DeviceUrl),
  totalDiskCapacityInKB: optional(whole),
  /** Seconds after which a lease ends that nobody renews. */
  leaseTimeout: whole,
});
export type LeaseInfo = ValueOf<typeof LeaseInfo>;

const Capabilities = object('HttpNfcLeaseCapabilities', { pullModeSupported: optional(flag) });

const properties = {
  state: text,
  info: optional(LeaseInfo),
  error: optional(localizedFault),
  capabilities: optional(Capabilities),
};

const progress: VimMethod<void> = { name: 'HttpNfcLeaseProgress', result: nothing, isRepeatable: true };
const complete: VimMethod<void> = { name: 'HttpNfcLeaseComplete', result: nothing, isRepeatable: false };
const abort: VimMethod<void> = { name: 'HttpNfcLeaseAbort', result: nothing, isRepeatable: true };

const ManifestEntry = object('HttpNfcLeaseManifestEntry', {
  key: text,
  sha1: optional(text),
  checksum: optional(text),
  /** Of `checksum`: `sha1`, `sha256`. */
  checksumType: optional(text),
  size: optional(whole),
});
export type ManifestEntry = ValueOf<typeof ManifestEntry>;

const getManifest: VimMethod<readonly ManifestEntry[]> = {
  name: 'HttpNfcLeaseGetManifest',
  result: list(ManifestEntry),
  isRepeatable: true,
};
const setChecksumType: VimMethod<void> = {
  name: 'HttpNfcLeaseSetManifestChecksumType',
  result: nothing,
  isRepeatable: true,
};

/** A lease that is ready, and renewed on a timer of its own until it is completed or aborted. */
export interface HeldLease {
  readonly lease: ManagedObject;
  readonly info: LeaseInfo;
  /** Whether hosts fetch files from URLs themselves. */
  readonly canPull: boolean;
  /** Aborts when the lease is lost, with why, and as the signal it was held with. */
  readonly signal: AbortSignal;
  /** 0 to 100: what the next renewal says. */
  report(percent: number): void;
  /**
   * Asks for SHA-256 in the manifest. Servers before 6.7 do not know how; then it has SHA-1.
   */
  wantSha256(): Promise<void>;
  /** What the hosts have received; nothing from a server that does not tell. */
  manifest(): Promise<readonly ManifestEntry[]>;
  /** Ends it well: what it made is there to stay. An answer that got lost is asked for again. */
  complete(): Promise<void>;
  /** Ends it: whatever it made goes. One that is over is no error. */
  abort(reason: unknown): Promise<void>;
}

export interface LeaseHolding {
  readonly vim: VimClient;
  readonly lease: ManagedObject;
  readonly signal: AbortSignal;
}

/**
 * Waits until a lease is ready, and holds it. On failure it is aborted.
 * @throws SessionError as the lease's own error says; TIMED_OUT when it ended; the signal's reason
 */
export async function holdLease(holding: LeaseHolding): Promise<HeldLease> {
  try {
    const { info, capabilities } = await untilReady(holding);
    return held(holding, { info, canPull: capabilities?.pullModeSupported ?? false });
  } catch (error) {
    await untilSettled(holding);
    await abortLease(holding, error);
    throw error;
  }
}

/** How long a lease that is not wanted any more may take to begin. */
const settlingMs = 20_000;

/** What an import makes comes all the same when the lease is aborted before it is there, and nobody would know of it then. */
async function untilSettled({ vim, lease }: LeaseHolding): Promise<void> {
  const until = ({ state }: { readonly state: string }) => state !== 'initializing';
  const signal = AbortSignal.timeout(settlingMs);
  await waitFor(vim, { object: lease, properties: { state: text }, until, signal }).catch(() => undefined); // it is over, or aborted as it is
}

async function untilReady({ vim, lease, signal }: LeaseHolding) {
  const { state, info, error, capabilities } = await waitFor(vim, {
    object: lease,
    properties,
    until: (now) =>
      now.error !== undefined || (now.state === 'ready' ? now.info !== undefined : now.state !== 'initializing'),
    signal,
  });
  if (state === 'ready' && info !== undefined) return { info, capabilities };
  if (error !== undefined || state === 'error') throw leaseError(error);
  throw new SessionError('TIMED_OUT', `The lease ended before anything was transferred: it is ${state}.`);
}

function leaseError(error: ValueOf<typeof localizedFault> | undefined): SessionError {
  const { kind, message, data } = localizedError(error ?? { fault: {} }, 'HttpNfcLease');
  return new SessionError(kind, `The lease failed: ${message}`, { data });
}

function held(
  { vim, lease, signal: given }: LeaseHolding,
  { info, canPull }: Pick<HeldLease, 'info' | 'canPull'>,
): HeldLease {
  const lost = new AbortController();
  const signal = AbortSignal.any([given, lost.signal]);
  const renewal = renewals({ vim, lease, timeoutMs: info.leaseTimeout * 1000, onLost: (why) => lost.abort(why) });
  return {
    lease,
    info,
    canPull,
    signal,
    report: renewal.report,
    async wantSha256() {
      const value = info.deviceUrl.map(({ key }) => ({ _typeName: 'KeyValue', key, value: 'sha256' }));
      await unlessUnknown(
        vim.call(setChecksumType, { object: lease, args: { deviceUrlsToChecksumTypes: value }, signal }),
      );
    },
    async manifest() {
      const asked = unlessUnknown(vim.call(getManifest, { object: lease, signal }));
      return (await orWhyLost({ vim, lease }, asked)) ?? [];
    },
    async complete() {
      renewal.report(100);
      await orWhyLost({ vim, lease }, completeLease({ vim, lease, signal }));
      renewal.stop();
    },
    async abort(reason) {
      renewal.stop();
      await abortLease({ vim, lease }, reason);
    },
  };
}

/** The result, or nothing from a server that has no such method. */
async function unlessUnknown<Result>(call: Promise<Result>): Promise<Result | undefined> {
  try {
    return await call;
  } catch (error) {
    if (error instanceof SessionError && ['OPERATION_NOT_FOUND', 'UNSUPPORTED'].includes(error.kind)) return undefined;
    throw error;
  }
}

interface Renewals {
  readonly report: (percent: number) => void;
  readonly stop: () => void;
}

/** Every renewal counts, whatever it says; well within the timeout, so that a few may get lost. */
function renewals({
  vim,
  lease,
  timeoutMs,
  onLost,
}: Pick<LeaseHolding, 'vim' | 'lease'> & {
  readonly timeoutMs: number;
  readonly onLost: (why: SessionError) => void;
}): Renewals {
  const everyMs = Math.max(20, Math.min(10_000, timeoutMs / 6));
  const stopped = new AbortController();
  let percent = 0;
  let last = performance.now();
  const renew = async (): Promise<void> => {
    try {
      await vim.call(progress, { object: lease, args: { percent }, signal: stopped.signal });
      last = performance.now();
    } catch (error) {
      if (stopped.signal.aborted) return;
      const isOver = faultOf(error) !== undefined || performance.now() - last > timeoutMs;
      if (!isOver) return; // the next one may come through
      onLost(await whyLost({ vim, lease }, error));
      clearInterval(timer);
    }
  };
  let isRenewing = false;
  const timer = setInterval(() => {
    if (isRenewing) return;
    isRenewing = true;
    void renew().finally(() => {
      isRenewing = false;
    });
  }, everyMs);
  return {
    report(value) {
      percent = Math.max(percent, Math.min(100, Math.floor(value)));
    },
    stop() {
      clearInterval(timer);
      stopped.abort();
    },
  };
}

/** A call on a lease that is over is refused in words that do not say why it is. */
async function orWhyLost<Result>(held: Pick<LeaseHolding, 'vim' | 'lease'>, call: Promise<Result>): Promise<Result> {
  try {
    return await call;
  } catch (error) {
    const isOver = ['InvalidState', 'ManagedObjectNotFound'].includes(faultOf(error) ?? '');
    throw isOver ? await whyLost(held, error) : error;
  }
}

/** What the lease says itself, where it is still there to be asked. */
async function whyLost({ vim, lease }: Pick<LeaseHolding, 'vim' | 'lease'>, cause: unknown): Promise<SessionError> {
  const found = await retrieveOne(vim, { object: lease, properties }).catch(() => undefined);
  if (found?.error !== undefined) return leaseError(found.error);
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new SessionError(
    'TIMED_OUT',
    `The lease ended while files were transferred, and vSphere has removed what it made: ${reason} Check the connection to it, then begin again.`,
    { cause },
  );
}

const completeAttempts = 5;

/** A lease that is gone after an answer got lost was completed: nobody else ends it. */
async function completeLease({ vim, lease, signal }: LeaseHolding): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await vim.call(complete, { object: lease, signal });
    } catch (error) {
      if (attempt > 1 && (await isDone({ vim, lease }, error))) return;
      if (!isPassing(error) || attempt === completeAttempts) throw error;
      await pause(attempt * 200, signal);
    }
  }
}

async function isDone({ vim, lease }: Pick<LeaseHolding, 'vim' | 'lease'>, error: unknown): Promise<boolean> {
  if (faultOf(error) === 'ManagedObjectNotFound') return true;
  if (faultOf(error) === undefined) return false;
  const found = await retrieveOne(vim, { object: lease, properties }).catch(() => undefined);
  return found?.state === 'done';
}

/** Not ended by any signal, for it is what a signal leads to. */
async function abortLease({ vim, lease }: Pick<LeaseHolding, 'vim' | 'lease'>, reason: unknown): Promise<void> {
  const localizedMessage = reason instanceof Error ? reason.message : String(reason);
  const fault = { _typeName: 'LocalizedMethodFault', fault: { _typeName: 'RequestCanceled' }, localizedMessage };
  try {
    await vim.call(abort, { object: lease, args: { fault } });
  } catch (error) {
    // it is over, or its timeout ends it: whoever held it looks at what is left
    if (!(error instanceof SessionError)) throw error;
  }
}
