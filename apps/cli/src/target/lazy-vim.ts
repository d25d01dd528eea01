import { SessionError } from '@ovfkit/domain';
import type { VimClient } from '@ovfkit/vsphere';
import { accessOf } from './connect.ts';
import type { Target } from './resolve-target.ts';

/** vim25 of a target that is reached otherwise. */
export interface LazyVim {
  /** Opened when it is first asked for; nothing where it does not answer, for everything has to go without. */
  vim(): Promise<VimClient | undefined>;
  close(): Promise<void>;
}

/** Whoever makes it closes it. */
export function createLazyVim(target: Target, signal: AbortSignal): LazyVim {
  let opened: Promise<VimClient | undefined> | undefined;
  return {
    vim() {
      opened ??= open(target, signal);
      return opened;
    },
    async close() {
      const vim = await opened?.catch(() => undefined);
      await vim?.close();
    },
  };
}

async function open(target: Target, signal: AbortSignal): Promise<VimClient | undefined> {
  const { connectVim } = await import('@ovfkit/vsphere');
  try {
    return await connectVim(accessOf(target), signal);
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof SessionError) return undefined;
    throw error;
  }
}
