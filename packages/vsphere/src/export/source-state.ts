import { createHash } from 'node:crypto';
import type { BlobStore } from '@ovfkit/domain';
import { readAll } from '@ovfkit/package-format';
import { retrieve } from '../vim/property-collector.ts';
import type { VimClient } from '../vim/vim-client.ts';
import { list, object, optional, text, whole } from '../vim/vim-shape.ts';
import type { ManagedObject } from '../vim/vim-value.ts';

const properties = {
  'config.changeVersion': optional(text),
  'layoutEx.file': optional(list(object('VirtualMachineFileLayoutExFileInfo', { name: text, size: optional(whole) }))),
};

/**
 * What changes whenever the disks of machines may have: the versions of their configurations, and names and sizes of all their files, of
 * which a start makes another log. Of a snapshot it is the snapshot itself, which never changes. Nothing where the server does not tell.
 */
export async function sourceState(
  vim: VimClient,
  {
    machines,
    snapshot,
    signal,
  }: {
    readonly machines: readonly ManagedObject[];
    readonly snapshot: ManagedObject | undefined;
    readonly signal: AbortSignal;
  },
): Promise<string | undefined> {
  if (snapshot !== undefined) return digestOf(snapshot.value);
  const found = await retrieve(vim, { type: 'VirtualMachine', objects: machines, properties, signal });
  const states = found.map(({ ref, properties: told }) => ({
    id: ref.value,
    version: told['config.changeVersion'] ?? '',
    files: (told['layoutEx.file'] ?? []).map(({ name, size = 0 }) => `${name} ${size}`).toSorted(),
  }));
  if (states.length === 0 || states.some(({ version, files }) => version === '' || files.length === 0))
    return undefined;
  return digestOf(JSON.stringify(states.toSorted((a, b) => (a.id < b.id ? -1 : 1))));
}

const digestOf = (state: string): string => createHash('sha256').update(state).digest('hex');

/** A digest in hexadecimal. */
const stateSize = 64;

/**
 * Files that an earlier attempt has left below `prefix` stay where they are of the same state of the same machines, and go where they are not,
 * or where nobody knows.
 */
export async function keepOnlyOf(
  blobs: Pick<BlobStore, 'append' | 'delete' | 'keys' | 'read' | 'size'>,
  { prefix, state }: { readonly prefix: string; readonly state: string | undefined },
): Promise<void> {
  const key = `${prefix}/source.state`;
  const isKnown = state !== undefined && (await blobs.size(key)) === stateSize;
  if (isKnown && Buffer.from(await readAll(blobs.read(key), stateSize)).toString() === state) return;
  const left: string[] = [];
  for await (const each of blobs.keys(`${prefix}/`)) left.push(each);
  for (const each of left) await blobs.delete(each);
  if (state !== undefined) await blobs.append(key, 0, bytesOf(state));
}

async function* bytesOf(state: string): AsyncGenerator<Uint8Array, void, undefined> {
  yield Buffer.from(state);
}
