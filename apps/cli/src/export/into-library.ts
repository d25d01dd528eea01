import type { CreateLibraryItem, Ref, SessionBackend } from '@ovfkit/domain';
import type { RestBackend } from '@ovfkit/rest';
import type { LibraryExportResult } from '@ovfkit/transfer';
import { failedInLibrary } from '@ovfkit/vsphere';
import { CliError } from '../errors.ts';
import type { Connection } from '../target/connection.ts';

/** What goes where. */
export interface IntoLibrary {
  readonly source: Ref;
  /** The item to overwrite; a new one when absent. */
  readonly item?: string | undefined;
  readonly library: string;
  readonly createSpec: CreateLibraryItem['createSpec'];
  /** Names the call: a server that has made the item of it makes no other. */
  readonly clientToken: string;
  readonly signal: AbortSignal;
}

/** The REST API that has a target's content library. @throws CliError for a target without */
export function librariesOf({ rest, via }: Pick<Connection, 'rest' | 'via'>): RestBackend {
  if (rest?.features.contentLibrary === true) return rest;
  throw via === 'lease' && rest === undefined
    ? new CliError('targetRefused', 'An export to a content library needs the REST API of the target', {
        hint: 'Leave --via lease out; an ESXi host has none.',
      })
    : new CliError('targetRefused', 'The target has no content library', { hint: 'Give -o PATH instead.' });
}

/**
 * Has a vCenter without sessions make a library item of a machine, in one call. It cannot be given up: what comes of it goes again.
 * @throws SessionError with the server's reasons; the signal's reason
 */
export async function exportIntoLibrary(
  { libraryItem, contentLibrary }: Pick<SessionBackend, 'libraryItem' | 'contentLibrary'>,
  { source, item, library, createSpec, clientToken, signal }: IntoLibrary,
): Promise<LibraryExportResult> {
  signal.throwIfAborted();
  const target = item === undefined ? { libraryId: library } : { libraryItemId: item };
  const { succeeded, ovfLibraryItemId, error } = await libraryItem.create({ clientToken, source, target, createSpec });
  if (!succeeded || ovfLibraryItemId === undefined) throw failedInLibrary('export to', error);
  if (signal.aborted && item === undefined) await contentLibrary.item.delete({ libraryItemId: ovfLibraryItemId });
  signal.throwIfAborted();
  const { warnings = [], information = [] } = error ?? {};
  return { libraryItemId: ovfLibraryItemId, warnings, information, sessionId: '' };
}
