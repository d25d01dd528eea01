import { setTimeout as sleep } from 'node:timers/promises';
import { SessionError } from '@ovfkit/domain';
import { CliError } from '../errors.ts';
import type { ImportScene } from '../import/import-scene.ts';

const everyMs = 2_000;

/** A guest that starts, and a line that breaks, are no answers. */
const passing: ReadonlySet<string> = new Set(['SERVICE_UNAVAILABLE', 'RESOURCE_INACCESSIBLE', 'TIMED_OUT']);

interface Waiting {
  readonly vms: readonly string[];
  readonly seconds: number;
}

type Scene = Pick<ImportScene, 'backend' | 'report'> & {
  readonly context: Pick<ImportScene['context'], 'signal'>;
};

/**
 * The address of each guest, once VMware Tools tell it.
 * @throws CliError timedOut when one tells none in time; SessionError; the signal's reason
 */
export async function waitForAddress(
  { context: { signal }, backend, report }: Scene,
  { vms, seconds }: Waiting,
): Promise<readonly { readonly vm: string; readonly address: string }[]> {
  report.event({ type: 'information', message: `Waiting for the address of ${vms.join(', ')}, ${seconds} s at most` });
  const deadline = Date.now() + seconds * 1000;
  const found = new Map<string, string>();
  for (;;) {
    for (const vm of vms) {
      const address = found.get(vm) ?? (await addressOf(backend, { vm, signal }));
      if (address !== undefined) found.set(vm, address);
    }
    if (found.size === vms.length) return [...found].map(([vm, address]) => ({ vm, address }));
    const leftMs = deadline - Date.now();
    if (leftMs <= 0)
      throw noAddress(
        vms.filter((vm) => !found.has(vm)),
        seconds,
      );
    await sleep(Math.min(everyMs, leftMs), undefined, { signal }).catch((error: unknown) => {
      signal.throwIfAborted();
      throw error;
    });
  }
}

async function addressOf(
  { inventory }: Scene['backend'],
  { vm, signal }: { readonly vm: string; readonly signal: AbortSignal },
): Promise<string | undefined> {
  try {
    return (await inventory.guestIdentity.get({ vm }, { signal })).ipAddress || undefined;
  } catch (error) {
    if (error instanceof SessionError && passing.has(error.kind)) return undefined;
    throw error;
  }
}

const noAddress = (vms: readonly string[], seconds: number): CliError =>
  new CliError('timedOut', `${vms.join(', ')} told no address within ${seconds} s`, {
    hint: 'Addresses come from VMware Tools in the guest: look at its console, or wait longer with --wait-for-ip SECONDS.',
  });
