import { rm, stat } from 'node:fs/promises';
import type { Ref } from '@ovfkit/domain';
import type { RestBackend } from '@ovfkit/rest';
import type { LeftBehind, VimClient } from '@ovfkit/vsphere';
import type { Trace } from '../journal/trace.ts';

/** A target that sessions of this process run over. */
export interface Reached {
  readonly vim: VimClient;
  /** For its content library. */
  readonly rest: RestBackend | undefined;
}

/** What a trace leads to. */
export interface LeftOver {
  /** At the target, what nobody needs; what is whole is not among it. */
  readonly there: readonly LeftBehind[];
  /** What the process has made whole, and may not have said. */
  readonly whole: Ref | undefined;
  /** On this machine. */
  readonly folder: string | undefined;
}

/** Looks for what the process of a trace has left. */
export async function findLeftOver(
  { keys, folder, via }: Trace,
  { vim, rest, signal }: Reached & { readonly signal: AbortSignal },
): Promise<LeftOver> {
  const { findLeftBehind, madeWhole } = await import('@ovfkit/vsphere');
  const vcenter = via === 'library' ? rest : undefined;
  const there: LeftBehind[] = [];
  let whole: Ref | undefined;
  for (const key of keys) {
    there.push(...(await findLeftBehind({ vim, vcenter, key, signal })));
    whole ??= await madeWhole({ vim, key, signal });
  }
  return { there, whole, folder: folder !== undefined && (await isThere(folder)) ? folder : undefined };
}

const isThere = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

/** In words, for a list; empty when there is nothing. */
export const leftOverTexts = ({ there, folder }: LeftOver): readonly string[] => [
  ...there.map(({ text }) => text),
  ...(folder === undefined ? [] : [folder]),
];

export interface Removing {
  readonly withinMs: number;
  readonly signal: AbortSignal;
  /** Told of what a lease holds before it is waited for. */
  readonly onHeld: (text: string) => void;
}

/**
 * Removes it. What a lease of the dead process still holds is waited for as long as `withinMs`.
 * @throws SessionError for what cannot be removed at the target
 */
export async function removeLeftOver({ there, folder }: LeftOver, { onHeld, ...options }: Removing): Promise<void> {
  if (folder !== undefined) await rm(folder, { recursive: true, force: true });
  for (const { text, remove } of there)
    await remove({
      ...options,
      onHeld: () =>
        onHeld(`A lease still holds what was left (${text}): it goes when that ends, usually within five minutes.`),
    });
}

/** As long as a lease lives that nobody keeps alive: vSphere's usual timeout, and a little. */
export const deadLeaseMs = 310_000;
