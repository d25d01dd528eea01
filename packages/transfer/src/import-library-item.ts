import { importAtTarget, planAtTarget } from './import-at-target.ts';
import type { ImportPlan } from './import-package.ts';
import type { ImportResult, ImportSettings } from './import-run.ts';

export interface ImportLibraryItemOptions extends ImportSettings {
  /** Id of an item of a content library of the target. */
  readonly item: string;
}

/**
 * Imports an item of the target's content library. No byte passes here; the session is deleted in every ending.
 * @throws SessionError, the signal's reason
 */
export const importLibraryItem = (options: ImportLibraryItemOptions): Promise<ImportResult> =>
  importAtTarget(options, { sourceType: 'CONTENT_LIBRARY_SOURCE', contentLibraryItem: options.item });

/** The same up to the parameters: creates nothing. Errors as `importLibraryItem`, but what is wrong with the parameters is in the answer. */
export const planImportLibraryItem = (options: ImportLibraryItemOptions): Promise<ImportPlan> =>
  planAtTarget(options, { sourceType: 'CONTENT_LIBRARY_SOURCE', contentLibraryItem: options.item });
