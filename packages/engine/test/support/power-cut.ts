import { cpSync, mkdirSync, readdirSync, readFileSync, readlinkSync, statSync, writeFileSync } from 'node:fs';
import { createRequire, syncBuiltinESMExports } from 'node:module';
import { basename, join } from 'node:path';

// A disk that keeps only what it was told to: bytes of a file as they were when a flush of it began, and the names in a folder
// as they were when a flush of the folder began. What SQLite has written it has flushed itself (PRAGMA synchronous = FULL).

/** What a power cut would leave of a folder of a store. */
export interface FragileDisk {
  /** Writes what a cut would leave now as the folder `copy`. */
  cutInto(copy: string): void;
  /** Flushes so far. */
  readonly flushes: () => number;
  /** Told after each flush. */
  onFlush: () => void;
  /** Node's own functions again. */
  restore(): void;
}

interface Durable {
  readonly files: Map<number, Buffer>;
  /** By inode: the names of a folder with the inodes they stand for. */
  readonly folders: Map<number, ReadonlyMap<string, number>>;
}

type Flush = 'fsync' | 'fdatasync';
type Callback = (error: Error | null) => void;

/** Watches every flush of this process. Modules that take functions of `node:fs` apart have to be loaded afterwards. */
export function watchFlushes(folder: string): FragileDisk {
  const fs: typeof import('node:fs') = createRequire(import.meta.url)('node:fs');
  const { fsync, fdatasync, fsyncSync } = fs;
  const { open } = fs.promises;
  const durable: Durable = { files: new Map(), folders: new Map() };
  let flushes = 0;
  const disk: FragileDisk = {
    cutInto: (copy) => cut(durable, { folder, copy }),
    flushes: () => flushes,
    onFlush: () => {},
    restore() {
      Object.assign(fs, { fsync, fdatasync, fsyncSync });
      fs.promises.open = open;
      syncBuiltinESMExports();
    },
  };
  const done = (keep: () => void) => {
    keep();
    flushes += 1;
    disk.onFlush();
  };
  const watched = (flush: typeof fsync) => (fd: number, callback: Callback) => {
    const keep = snapshot(durable, fd);
    flush(fd, (error) => {
      if (error === null) done(keep);
      callback(error);
    });
  };
  const functions: Record<Flush, unknown> = { fsync: watched(fsync), fdatasync: watched(fdatasync) };
  Object.assign(fs, functions, {
    fsyncSync(fd: number) {
      const keep = snapshot(durable, fd);
      fsyncSync(fd);
      done(keep);
    },
  });
  fs.promises.open = async (...given) => {
    const handle = await open(...given);
    const sync = handle.sync.bind(handle);
    handle.sync = async () => {
      const keep = snapshot(durable, handle.fd);
      await sync();
      done(keep);
    };
    return handle;
  };
  syncBuiltinESMExports();
  return disk;
}

/** Keeps what the file or folder behind `fd` is now, once it is called. */
function snapshot({ files, folders }: Durable, fd: number): () => void {
  const path = readlinkSync(`/proc/self/fd/${fd}`);
  const stats = statSync(path);
  if (!stats.isDirectory()) {
    const bytes = readFileSync(path);
    return () => void files.set(stats.ino, bytes);
  }
  const names = new Map(readdirSync(path).map((name) => [name, statSync(join(path, name)).ino]));
  return () => void folders.set(stats.ino, names);
}

/** The database as SQLite has written it; of everything else what is durable. */
function cut({ files, folders }: Durable, { folder, copy }: { readonly folder: string; readonly copy: string }): void {
  const build = (from: number, to: string): void => {
    mkdirSync(to, { recursive: true });
    for (const [name, inode] of folders.get(from) ?? []) {
      if (name.startsWith('ovfkit.')) continue;
      const target = join(to, name);
      if (folders.has(inode) || !/\.(part|blob)$/.test(name)) build(inode, target);
      else writeFileSync(target, files.get(inode) ?? '');
    }
  };
  build(statSync(folder).ino, copy);
  for (const name of readdirSync(folder).filter((each) => basename(each).startsWith('ovfkit.sqlite')))
    cpSync(join(folder, name), join(copy, name));
}
