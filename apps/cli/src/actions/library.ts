import type { ItemFileInfo, LibraryItemModel, LibraryModel, SessionBackend } from '@ovfkit/domain';
import type { Context } from '../context.ts';
import { formatSize } from '../output/format.ts';
import type { Style } from '../output/style.ts';
import { facts, table } from '../output/table.ts';
import { findItem, findLibrary } from '../source/library-item.ts';
import { withTarget } from '../target/connect.ts';
import type { TargetOptions } from '../target/resolve-target.ts';

export interface LibraryOptions extends TargetOptions {
  readonly on: string;
  readonly json?: true | undefined;
}

/** One with its items, in the order of their names. */
interface Shelf extends LibraryModel {
  readonly items: readonly LibraryItemModel[];
}

interface Call {
  readonly backend: SessionBackend;
  readonly signal: AbortSignal;
}

const byName = (one: { readonly name?: string }, other: { readonly name?: string }): number =>
  (one.name ?? '').localeCompare(other.name ?? '');

async function shelfOf({ backend, signal }: Call, libraryId: string): Promise<Shelf> {
  const { library, item } = backend.contentLibrary;
  const model = await library.get({ libraryId }, { signal });
  const ids = await item.list({ libraryId }, { signal });
  const items = await Promise.all(ids.map((libraryItemId) => item.get({ libraryItemId }, { signal })));
  return { ...model, items: items.toSorted(byName) };
}

const columns = [
  { title: 'Name' },
  { title: 'Type' },
  { title: 'Size', align: 'right' },
  { title: 'Changed' },
  { title: 'Id' },
] as const;

const itemRow = ({ name = '', type = '', size, lastModifiedTime = '', id = '' }: LibraryItemModel) => [
  name,
  type,
  size === undefined ? '' : formatSize(size),
  lastModifiedTime,
  id,
];

const shelfRows = ({ name = '', type = '', id = '', items }: Shelf): readonly (readonly string[])[] => [
  [name, type, '', '', id],
  ...items.map(itemRow).map(([first = '', ...rest]) => [`  ${first}`, ...rest]),
];

/** Lists the libraries of a target, each with its items under it. */
export async function listLibraries(context: Context, options: LibraryOptions): Promise<void> {
  const { output, signal } = context;
  await withTarget(context, { target: options.on, options }, async (backend, { label }) => {
    const ids = await backend.contentLibrary.library.list({}, { signal });
    const shelves = (await Promise.all(ids.map((id) => shelfOf({ backend, signal }, id)))).toSorted(byName);
    if (options.json) return output.json(shelves);
    if (shelves.length === 0) return output.line(`No content libraries at ${label}.`);
    const rows = shelves.flatMap(shelfRows);
    for (const line of table(columns, { rows, style: output.style })) output.line(line);
  });
}

function shelfPage({ items, ...library }: Shelf, style: Style): readonly string[] {
  const head = facts(
    [
      ['Library', library.name],
      ['Id', library.id],
      ['Type', library.type],
      ['Description', library.description],
      ['Created', library.creationTime],
      ['Changed', library.lastModifiedTime],
    ],
    { style },
  );
  return items.length === 0 ? head : [...head, '', ...table(columns, { rows: items.map(itemRow), style })];
}

const fileColumns = [{ title: 'File' }, { title: 'Size', align: 'right' }, { title: 'Digest' }] as const;

function itemPage(
  { item, files }: { readonly item: LibraryItemModel; readonly files: readonly ItemFileInfo[] },
  style: Style,
): readonly string[] {
  const head = facts(
    [
      ['Item', item.name],
      ['Id', item.id],
      ['Type', item.type],
      ['Description', item.description],
      ['Version', item.contentVersion],
      ['Size', item.size === undefined ? undefined : formatSize(item.size)],
      ['Created', item.creationTime],
      ['Changed', item.lastModifiedTime],
    ],
    { style },
  );
  const rows = files.map(({ name, size, checksumInfo: sum }) => [
    name,
    size === undefined ? '' : formatSize(size),
    sum === undefined ? '' : `${sum.algorithm ?? 'SHA1'} ${sum.checksum}`,
  ]);
  return rows.length === 0 ? head : [...head, '', ...table(fileColumns, { rows, style })];
}

/** Shows a library, or one of its items: `LIBRARY/ITEM`. @throws CliError when there is none of the name, or several */
export async function showLibrary(
  context: Context,
  { wanted, ...options }: LibraryOptions & { readonly wanted: string },
): Promise<void> {
  const { output, signal } = context;
  const [, library = wanted, itemName] = /^(?:library:)?([^/]+)(?:\/(.+))?$/i.exec(wanted) ?? [];
  await withTarget(context, { target: options.on, options }, async (backend) => {
    const libraryId = await findLibrary(backend, library, { signal });
    if (itemName === undefined) {
      const shelf = await shelfOf({ backend, signal }, libraryId);
      if (options.json) return output.json(shelf);
      for (const line of shelfPage(shelf, output.style)) output.line(line);
      return;
    }
    const libraryItemId = await findItem(backend, { libraryId, wanted: itemName }, { signal });
    const item = await backend.contentLibrary.item.get({ libraryItemId }, { signal });
    const files = await backend.contentLibrary.itemFile.list({ libraryItemId }, { signal });
    if (options.json) return output.json({ ...item, files });
    for (const line of itemPage({ item, files }, output.style)) output.line(line);
  });
}
