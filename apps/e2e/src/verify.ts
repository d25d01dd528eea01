import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { type PackageReader, readAll, readDescriptor, readManifest } from '@ovfkit/package-format';
import { digest, openFile, openPackage } from '@ovfkit/package-format/node';

/** What a program said; nothing when it is not on this machine. */
async function run(command: string, { args, cwd }: { readonly args: readonly string[]; readonly cwd: string }) {
  const child = spawn(command, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  const said: string[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => said.push(chunk.toString()));
  const isThere = await Promise.race([once(child, 'spawn').then(() => true), once(child, 'error').then(() => false)]);
  if (!isThere) return undefined;
  if (child.exitCode === null) await once(child, 'close');
  return { exitCode: child.exitCode, said: said.join('') };
}

async function verifyOurselves(manifest: string): Promise<number> {
  const { entries } = readManifest(await readFile(manifest));
  for (const entry of entries) {
    const file = await openFile(join(dirname(manifest), entry.name));
    try {
      const actual = await digest(file.read({ start: 0, end: file.size }), entry.algorithm);
      if (actual !== entry.digest) throw new Error(`${entry.name} does not match ${manifest}`);
    } finally {
      await file.close();
    }
  }
  return entries.length;
}

/** Checks the files beside a manifest with sha256sum, or ourselves without one. Resolves to what was found. */
export async function verifyManifest(manifest: string): Promise<string> {
  const cwd = dirname(manifest);
  const result = await run('sha256sum', { args: ['--strict', '-c', basename(manifest)], cwd });
  if (result === undefined) return `${await verifyOurselves(manifest)} digests right (own check; no sha256sum here)`;
  if (result.exitCode !== 0) throw new Error(`sha256sum refuses ${basename(manifest)}:\n${result.said}`);
  return `sha256sum: ${result.said.trim().split('\n').length} files OK`;
}

/** Unpacks an archive with tar, or ourselves without one. Resolves to the names of its members and to who read it. */
export async function listArchive(
  path: string,
): Promise<{ readonly names: readonly string[]; readonly reader: string }> {
  const result = await run('tar', { args: ['-tf', basename(path)], cwd: dirname(path) });
  if (result !== undefined && result.exitCode !== 0) throw new Error(`tar cannot read ${path}:\n${result.said}`);
  if (result !== undefined) return { names: result.said.trim().split('\n'), reader: 'tar' };
  const reader = await openPackage(path);
  await reader.close();
  return { names: reader.members.map(({ name }) => name), reader: 'own reader; no tar here' };
}

/** The names of the files of a package's disks, in the order of the descriptor. */
async function diskNames(reader: PackageReader): Promise<readonly string[]> {
  const { disks, files } = readDescriptor(await readAll(reader.read(reader.descriptorName), 16 * 1024 * 1024));
  return disks.flatMap(({ fileRef }) => files.filter(({ id }) => id === fileRef).map(({ href }) => href));
}

/** Compares two streams byte for byte; resolves to their size. @throws Error with the offset of the first difference */
async function compare(a: AsyncIterable<Uint8Array>, b: AsyncIterable<Uint8Array>): Promise<number> {
  const others = b[Symbol.asyncIterator]();
  let rest = Buffer.alloc(0);
  let offset = 0;
  for await (const chunk of a) {
    let left = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    while (left.length > 0) {
      if (rest.length === 0) {
        const next = await others.next();
        if (next.done) throw new Error(`one ends at byte ${offset}`);
        rest = Buffer.from(next.value);
      }
      const length = Math.min(left.length, rest.length);
      if (left.compare(rest, 0, length, 0, length) !== 0) throw new Error(`they differ after byte ${offset}`);
      left = left.subarray(length);
      rest = rest.subarray(length);
      offset += length;
    }
  }
  if (rest.length > 0 || !(await others.next()).done) throw new Error(`one ends at byte ${offset}`);
  return offset;
}

/** Compares the disks of two packages byte for byte; resolves to the bytes compared. */
export async function compareDisks(onePath: string, otherPath: string): Promise<number> {
  const one = await openPackage(onePath);
  const other = await openPackage(otherPath);
  try {
    const names = await diskNames(one);
    const otherNames = await diskNames(other);
    if (names.length !== otherNames.length || names.length === 0)
      throw new Error(`${onePath} has ${names.length} disks, ${otherPath} has ${otherNames.length}`);
    let size = 0;
    for (const [index, name] of names.entries())
      size += await compare(one.read(name), other.read(otherNames[index] ?? ''));
    return size;
  } finally {
    await one.close();
    await other.close();
  }
}
