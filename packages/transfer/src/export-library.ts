import { type OvfInfo, type OvfWarning, SessionError } from '@ovfkit/domain';
import { type ContinuedSettings, withExportSession } from './export-run.ts';

export interface ExportToLibraryOptions extends ContinuedSettings<LibraryExportResult> {
  /** Id of a content library of the server. */
  readonly library: string;
  /** Id of an item of it to overwrite; a new one is made when absent. */
  readonly item?: string | undefined;
}

/** What an export to a library came to. */
export interface LibraryExportResult {
  readonly libraryItemId: string;
  readonly warnings: readonly OvfWarning[];
  readonly information: readonly OvfInfo[];
  readonly sessionId: string;
}

/**
 * Makes a virtual machine or a vApp an item of the server's content library. No byte passes here; the session is deleted in
 * every ending but those it is kept for.
 * @throws SessionError, the signal's reason
 */
export function exportToLibrary(options: ExportToLibraryOptions): Promise<LibraryExportResult> {
  const { library, item } = options;
  const spec = {
    targetType: 'CONTENT_LIBRARY_TARGET',
    contentLibrary: library,
    ...(item === undefined ? {} : { contentLibraryItem: item }),
  } as const;
  return withExportSession(options, {
    spec,
    work: async (run) => {
      const { libraryItemId, warnings, information } = await run.untilReady();
      if (libraryItemId === undefined)
        throw new SessionError('INTERNAL_SERVER_ERROR', 'The export is complete, but the server names no item.');
      return { libraryItemId, warnings, information, sessionId: run.id };
    },
  });
}
