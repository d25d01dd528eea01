import type { SessionBackend } from '@ovfkit/domain';
import { CliError } from '../errors.ts';
import { choose } from '../import/candidate.ts';
import type { Connection } from '../target/connection.ts';

const scheme = /^library:/i;

/** Whether a package is an item of the target's content library, `library:LIBRARY/ITEM`. */
export const isLibraryItem = (source: string): boolean => scheme.test(source);

interface Lookup {
  readonly signal: AbortSignal;
}

/** Id of the library of a name or an id. @throws CliError when there is none, or several of the name */
export async function findLibrary({ contentLibrary }: SessionBackend, wanted: string, { signal }: Lookup) {
  const { library } = contentLibrary;
  const ids = await library.list({}, { signal });
  const models = await Promise.all(ids.map((libraryId) => library.get({ libraryId }, { signal })));
  const candidates = models.map(({ id = '', name = '' }) => ({ id, name }));
  return choose(wanted, { what: 'content library', flag: 'its id in place of the name', candidates }).id;
}

/** Id of the item of a library. Errors as `findLibrary`. */
export async function findItem(
  { contentLibrary }: SessionBackend,
  { libraryId, wanted }: { readonly libraryId: string; readonly wanted: string },
  { signal }: Lookup,
): Promise<string> {
  const { item } = contentLibrary;
  const ids = await item.list({ libraryId }, { signal });
  const models = await Promise.all(ids.map((libraryItemId) => item.get({ libraryItemId }, { signal })));
  const candidates = models.map(({ id = '', name = '' }) => ({ id, name }));
  return choose(wanted, { what: 'library item', flag: 'its id in place of the name', candidates }).id;
}

/**
 * Id of the item that `library:LIBRARY/ITEM` names, both by name or id, as sessions of the connection know it.
 * @throws CliError, SessionError
 */
export async function takeSourceItem(
  { backend, rest, via, lendItem }: Pick<Connection, 'backend' | 'rest' | 'via' | 'lendItem'>,
  source: string,
  lookup: Lookup,
): Promise<string> {
  const { library, item } = partsOf(source);
  if (via === 'lease') throw notByLease();
  const libraries = rest ?? backend;
  const libraryId = await findLibrary(libraries, library, lookup);
  const id = await findItem(libraries, { libraryId, wanted: item }, lookup);
  await lendItem(id);
  return id;
}

const notByLease = (): CliError =>
  new CliError('targetRefused', 'Items of a content library are deployed by the library itself, and by no lease', {
    hint: 'Choose --via library where the target has one, or import the package from a file or a URL.',
  });

/** An item's name may have slashes, a library's may not here. @throws CliError */
export function partsOf(source: string): { readonly library: string; readonly item: string } {
  const [, library = '', item = ''] = /^library:([^/]+)\/(.+)$/i.exec(source) ?? [];
  if (item === '')
    throw new CliError('usage', `${source} does not say which item of which content library`, {
      hint: 'Write library:LIBRARY/ITEM, each by name or id.',
    });
  return { library, item };
}
