import { connectVim } from '@ovfkit/vsphere';
import type { Context } from '../context.ts';
import { accessOf, connect } from './connect.ts';
import type { Reached } from './left-over.ts';
import { resolveTarget, type TargetOptions } from './resolve-target.ts';

/** A target, and which of its ways to look at. */
export interface Reaching {
  readonly word: string;
  readonly options: TargetOptions;
  readonly via: 'library' | 'lease';
}

/** Runs `use` with the vim25 of a target, and its library where that was the way, and leaves it in every ending. */
export async function reach<Result>(
  { config, signal }: Context,
  { word, options, via }: Reaching,
  use: (reached: Reached) => Promise<Result>,
): Promise<Result> {
  const target = await resolveTarget(word, { config, options });
  const vim = await connectVim(accessOf(target), signal);
  try {
    const rest = via === 'library' ? await connect(target, { signal }) : undefined;
    try {
      return await use({ vim, rest });
    } finally {
      await rest?.close().catch(() => undefined);
    }
  } finally {
    await vim.close().catch(() => undefined);
  }
}
