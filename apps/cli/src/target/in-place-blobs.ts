import { type BlobStore, type ByteRange, type ChunkMemory, SessionError } from '@ovfkit/domain';
import type { PackageReader } from '@ovfkit/package-format';

/** A blob store that keeps no copy of what a package on this machine has. */
export interface InPlaceBlobs extends BlobStore {
  /** From now on files of the package are read where they are, until another package takes its place. */
  lend(reader: PackageReader): void;
  /** A file of the package is believed to have this digest, until it is read. */
  know(name: string, sha256: string): void;
  /** Those of `keys` that are files of the package itself. */
  lent(keys: readonly string[]): ReadonlySet<string>;
}

/** A package on this machine, as far as it is known. */
interface Lent {
  readonly reader: PackageReader | undefined;
  /** By name of a file; believed. */
  readonly digests: Map<string, string>;
  /** By key of a session: how much of a file has passed. */
  readonly passed: Map<string, number>;
}

const lentFrom = (reader: PackageReader | undefined): Lent => ({ reader, digests: new Map(), passed: new Map() });

const prefix = 'package/';

/** The file that a key of the package itself names. */
function ownName({ digests }: Lent, key: string): string | undefined {
  const name = key.startsWith(prefix) ? key.slice(prefix.length) : undefined;
  return name !== undefined && digests.has(name) ? name : undefined;
}

/** The file that a key of an import is for: `import/`, the session's id, and its name (see the port). */
function passingName(lent: Lent, key: string): string | undefined {
  const name = /^import\/[^/]+\/(.+)$/s.exec(key)?.[1];
  return name !== undefined && sizeIn(lent, name) !== undefined ? name : undefined;
}

const sizeIn = ({ reader }: Lent, name: string): number | undefined =>
  reader?.members.find((each) => each.name === name)?.size;

function readFrom(
  lent: Lent,
  {
    name,
    range = { start: 0, end: sizeIn(lent, name) ?? 0 },
    memory,
  }: { readonly name: string; readonly range?: ByteRange | undefined; readonly memory: ChunkMemory | undefined },
): AsyncIterable<Uint8Array> {
  const { reader } = lent;
  if (reader === undefined) throw new SessionError('NOT_FOUND', `There is no package with ${name}.`);
  return reader.read(name, { ...range, allocate: memory?.allocate });
}

async function pass(
  { passed }: Lent,
  { key, offset, bytes }: { readonly key: string; readonly offset: number; readonly bytes: AsyncIterable<Uint8Array> },
): Promise<number> {
  let size = passed.get(key) ?? 0;
  if (size !== offset) throw new SessionError('CONCURRENT_CHANGE', `${key} does not go on at ${offset}.`);
  passed.set(key, size);
  for await (const chunk of bytes) {
    size += chunk.length;
    passed.set(key, size);
  }
  return size;
}

/**
 * Over a store for everything else. Bytes of a file of the package that are sent to a session are counted and let go; whoever asks for
 * them gets them from the package. A file whose digest is known need not be sent at all: it is there under a key of its own.
 */
export function createInPlaceBlobs(store: BlobStore): InPlaceBlobs {
  let lent = lentFrom(undefined);
  const ownKeys = (): readonly string[] => [...lent.digests.keys()].map((name) => `${prefix}${name}`);
  return {
    lend(reader) {
      lent = lentFrom(reader);
    },
    know(name, sha256) {
      if (sizeIn(lent, name) !== undefined) lent.digests.set(name, sha256);
    },
    lent: (keys) => new Set(keys.filter((key) => ownName(lent, key) !== undefined)),
    append: (key, offset, bytes) =>
      passingName(lent, key) === undefined ? store.append(key, offset, bytes) : pass(lent, { key, offset, bytes }),
    async seal(key, sha256) {
      if (!lent.passed.has(key)) await store.seal(key, sha256);
    },
    sealed: async (sha256) => [
      ...ownKeys().filter((key) => lent.digests.get(key.slice(prefix.length)) === sha256),
      ...(await store.sealed(sha256)),
    ],
    sealedOfSize: (size) => store.sealedOfSize(size), // of the package itself every digest is asked for by name
    async size(key) {
      const own = ownName(lent, key);
      return own === undefined ? (lent.passed.get(key) ?? store.size(key)) : (sizeIn(lent, own) ?? 0);
    },
    read(key, range, memory) {
      const name = ownName(lent, key) ?? (lent.passed.has(key) ? passingName(lent, key) : undefined);
      return name === undefined ? store.read(key, range, memory) : readFrom(lent, { name, range, memory });
    },
    async delete(key) {
      if (ownName(lent, key) === undefined && !lent.passed.delete(key)) await store.delete(key);
    },
    async *keys(wanted) {
      for (const key of [...ownKeys(), ...lent.passed.keys()]) if (key.startsWith(wanted)) yield key;
      yield* store.keys(wanted);
    },
  };
}
