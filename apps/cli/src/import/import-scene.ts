import type { InventoryServices, SessionBackend } from '@ovfkit/domain';
import type { Context } from '../context.ts';
import { CliError } from '../errors.ts';
import type { Report } from '../output/report.ts';
import { type Connection, withConnection } from '../target/connection.ts';
import type { Target } from '../target/resolve-target.ts';
import { type ImportOptions, sourceKindOf } from './import-options.ts';
import type { Looked } from './look-at.ts';
import { withPlaces } from './places.ts';

/** An import that has its target, and has not been looked into yet. */
export interface ImportScene {
  readonly context: Context;
  readonly connection: Connection;
  readonly backend: SessionBackend;
  readonly target: Target;
  readonly options: ImportOptions;
  readonly report: Report;
  readonly looked: Looked;
  /** Why a path of the options, or of the target, leads to no place; the options are as they were given then. */
  readonly misplaced?: CliError | undefined;
}

/** Runs `use` at the target that the options name, and leaves it in every ending. */
export function withImportScene<Result>(
  context: Context,
  { options: given, report, looked }: Pick<ImportScene, 'options' | 'report' | 'looked'>,
  use: (scene: ImportScene) => Promise<Result>,
): Promise<Result> {
  const need = sourceKindOf(given.source) === 'library' ? 'item' : undefined;
  return withConnection(context, { target: given.to, options: given, report, need }, async (connection, target) => {
    const { backend } = connection;
    const { signal } = context;
    const placed = await placedOrNot(backend.inventory, { options: given, target, call: { signal } });
    return use({ context, connection, backend, target, report, looked, ...placed });
  });
}

/** A path that leads nowhere is one of the things that may be wrong: the others are looked at all the same. */
async function placedOrNot(
  inventory: InventoryServices,
  asked: Parameters<typeof withPlaces<ImportOptions>>[1],
): Promise<Pick<ImportScene, 'options' | 'misplaced'>> {
  try {
    return { options: await withPlaces(inventory, asked) };
  } catch (error) {
    if (error instanceof CliError) return { options: asked.options, misplaced: error };
    throw error;
  }
}
