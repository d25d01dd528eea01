import type { SessionBackend } from '@ovfkit/domain';
import type { Context } from '../context.ts';
import type { Report } from '../output/report.ts';
import { requireSessionApi, withTarget } from '../target/connect.ts';
import type { Target } from '../target/resolve-target.ts';
import type { ImportOptions } from './import-options.ts';
import type { Looked } from './look-at.ts';

/** An import that has its target, and has not been looked into yet. */
export interface ImportScene {
  readonly context: Context;
  readonly backend: SessionBackend;
  readonly target: Target;
  readonly options: ImportOptions;
  readonly report: Report;
  readonly looked: Looked;
}

/** Runs `use` at the target that the options name, and leaves it in every ending. */
export function withImportScene<Result>(
  context: Context,
  { options, ...own }: Pick<ImportScene, 'options' | 'report' | 'looked'>,
  use: (scene: ImportScene) => Promise<Result>,
): Promise<Result> {
  return withTarget(context, { target: options.to, options }, async (backend, target) => {
    requireSessionApi(backend);
    return use({ context, backend, target, options, ...own });
  });
}
