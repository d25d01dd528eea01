import { type CallOptions, type LibraryModel, type Remark, type SessionBackend, SessionError } from '@ovfkit/domain';
import { createRecent } from '../recent.ts';

/** Which library a package is put into on its way, and what has to fit. */
export interface WantedLibrary {
  /** Name or id; when absent the first local one with room. */
  readonly library?: string | undefined;
  /** Bytes. */
  readonly size: number;
}

type Services = Pick<SessionBackend, 'contentLibrary' | 'inventory'>;

/**
 * The id of a local library with room for a package.
 * @throws SessionError NOT_FOUND naming the libraries there are; UNABLE_TO_ALLOCATE_RESOURCE when none has room
 */
export async function findStagingLibrary(
  { contentLibrary, inventory }: Services,
  { library: wanted, size }: WantedLibrary,
  options: CallOptions,
): Promise<string> {
  const ids = await contentLibrary.localLibrary.list({}, options);
  const all = await Promise.all(ids.map((libraryId) => contentLibrary.localLibrary.get({ libraryId }, options)));
  const found = wanted === undefined ? all : all.filter(({ id, name }) => id === wanted || name === wanted);
  if (found.length === 0) throw noLibrary(wanted, all);
  const free = await freeSpaceOf({ inventory }, found, options);
  const fitting = found.find((each) => roomIn(each, free) >= size);
  if (fitting?.id === undefined) throw noRoom(found, size);
  return fitting.id;
}

/** Whether a package of so many bytes could be put into a library: what keeps it from that, in the words of the refusal. */
export type StagingJudge = (size: number, signal: AbortSignal) => Promise<readonly Remark[]>;

/** Looks for a library with room; one that had it a moment ago has it. */
export function createStagingJudge(services: Services, wanted: Pick<WantedLibrary, 'library'>): StagingJudge {
  const recent = createRecent<string>();
  return async (size, signal) => {
    if (recent.find(String(size)) !== undefined) return [];
    try {
      recent.keep(String(size), await findStagingLibrary(services, { ...wanted, size }, { signal }));
      return [];
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof SessionError) || !lacks.has(error.kind)) throw error;
      return [{ about: 'library', text: error.message }];
    }
  };
}

/** What {@link findStagingLibrary} refuses by. */
const lacks: ReadonlySet<string> = new Set(['NOT_FOUND', 'UNABLE_TO_ALLOCATE_RESOURCE']);

const named = (libraries: readonly LibraryModel[]): string =>
  libraries.map(({ id = '', name = id }) => name).join(', ');

const noLibrary = (wanted: string | undefined, all: readonly LibraryModel[]): SessionError =>
  new SessionError(
    'NOT_FOUND',
    all.length === 0
      ? 'The target has no local content library to put a package into. Make one, or send the package over a lease.'
      : `The target has no local content library ${JSON.stringify(wanted)}; it has ${named(all)}.`,
  );

const noRoom = (libraries: readonly LibraryModel[], size: number): SessionError =>
  new SessionError(
    'UNABLE_TO_ALLOCATE_RESOURCE',
    `The package has ${size} bytes, for which there is no room in ${named(libraries)}. Name another content library, or send the package over a lease.`,
  );

/** By id of the datastore; a target that lists none, or does not say, is believed to have room. */
async function freeSpaceOf(
  { inventory }: Pick<Services, 'inventory'>,
  libraries: readonly LibraryModel[],
  options: CallOptions,
): Promise<ReadonlyMap<string, number>> {
  const datastores = datastoresOf(libraries);
  if (datastores.length === 0) return new Map();
  const summaries = await inventory.datastore.list({ datastores: [...datastores] }, options);
  return new Map(
    summaries.flatMap(({ datastore, freeSpace }) => (freeSpace === undefined ? [] : [[datastore, freeSpace] as const])),
  );
}

const datastoresOf = (libraries: readonly LibraryModel[]): readonly string[] =>
  libraries.flatMap(({ storageBackings = [] }) => storageBackings.flatMap(({ datastoreId }) => datastoreId ?? []));

function roomIn(library: LibraryModel, free: ReadonlyMap<string, number>): number {
  const known = datastoresOf([library]).flatMap((id) => free.get(id) ?? []);
  // more than full is full: what has no size yet is tried
  return known.length === 0 ? Number.POSITIVE_INFINITY : Math.max(0, ...known);
}
