import { closeSync, fsyncSync, mkdirSync, openSync, rmdirSync } from 'node:fs';
import { open, opendir } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { blobFolder, keyOf } from './blob-name.ts';
import { codeOf, fromFileError } from './errors.ts';

/** Makes the folder of a new blob; the folders whose lists changed by that, and its own, are what has to be flushed. */
export function makeFolder(path: string): readonly string[] {
  const last = resolve(path); // a relative one has no end upwards: above `.` is `.`
  const first = mkdirSync(last, { recursive: true, mode: 0o700 });
  const changed = [last];
  for (let each = last; first !== undefined && each.length >= first.length; each = dirname(each))
    changed.push(dirname(each));
  return changed;
}

/** Makes a folder that everything lies in, and its name durable. */
export function makeRoot(path: string): void {
  for (const each of makeFolder(path)) {
    const fd = openSync(each, 'r');
    fsyncSync(fd);
    closeSync(fd);
  }
}

/** Removes the folder of a blob that is gone, and those above it, as far as they are empty; never `root`. */
export function removeEmpty(path: string, root: string): void {
  // at once: an append makes its folder and its file without a pause, and none of ours may come in between
  for (let each = path; each.length > root.length; each = dirname(each)) {
    try {
      rmdirSync(each);
    } catch {
      return; // not empty, or gone: either way those above it are not ours to remove
    }
  }
}

/** Makes new, renamed and removed names of a folder durable. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** The keys of the blobs below `root` that begin with `prefix`. */
export async function* keysOf(root: string, prefix: string): AsyncGenerator<string> {
  for await (const path of filesOf(join(root, blobFolder(prefix)))) {
    const key = keyOf(relative(root, path));
    if (key?.startsWith(prefix)) yield key;
  }
}

async function* filesOf(folder: string): AsyncGenerator<string> {
  try {
    for await (const entry of await opendir(folder)) {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) yield* filesOf(path);
      else if (entry.isFile()) yield path;
    }
  } catch (error) {
    // no blob has the prefix, or the last one went meanwhile
    if (codeOf(error) !== 'ENOENT') throw fromFileError(error, `Listing the blobs of ${folder}`);
  }
}
