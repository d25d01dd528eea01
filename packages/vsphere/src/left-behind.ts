import type { Ref, SessionBackend } from '@ovfkit/domain';
import { findSnapshots, removeSnapshot } from './export/snapshot.ts';
import { findMade, refOf, removeMade } from './import/made.ts';
import { itemNameOf } from './import-mark.ts';
import { removeItem } from './library/staged-item.ts';
import type { VimClient } from './vim/vim-client.ts';

/** Something that an import or an export was using when its process was killed. */
export interface LeftBehind {
  readonly kind: 'item' | 'machine' | 'snapshot';
  /** `virtual machine vm-12, half made`. */
  readonly text: string;
  /**
   * Removes it. One that a lease of the dead process still holds is tried again for as long as `withinMs`, and `onHeld` told of it once.
   * @throws SessionError when it cannot be removed
   */
  remove(options: Removal): Promise<void>;
}

export interface Removal {
  readonly withinMs: number;
  readonly signal?: AbortSignal | undefined;
  readonly onHeld?: (() => void) | undefined;
}

/** Where to look. */
export interface LeftBehindQuery {
  readonly vim: VimClient;
  /** For the items of its content library; not looked at when absent. */
  readonly vcenter?: Pick<SessionBackend, 'contentLibrary'> | undefined;
  /** Of an import, or the prefix of an export's blobs. */
  readonly key: string;
  readonly signal?: AbortSignal | undefined;
}

/** What the import or export of a key has left: half-made machines, items of the content library, snapshots. What is whole is not left. */
export async function findLeftBehind(query: LeftBehindQuery): Promise<readonly LeftBehind[]> {
  const found = await Promise.all([itemsLeft(query), machinesLeft(query), snapshotsLeft(query)]);
  return found.flat();
}

async function itemsLeft({ vcenter, key, signal }: LeftBehindQuery): Promise<readonly LeftBehind[]> {
  if (vcenter === undefined) return [];
  const name = itemNameOf(key);
  const ids = await vcenter.contentLibrary.item.find({ spec: { name } }, signal === undefined ? {} : { signal });
  return ids.map((id) => ({ kind: 'item', text: `library item ${name}`, remove: () => removeItem(vcenter, id) }));
}

async function machinesLeft({ vim, key, signal }: LeftBehindQuery): Promise<readonly LeftBehind[]> {
  const made = await findMade(vim, { key, signal });
  if (made === undefined || made.isDone) return [];
  const { entity } = made;
  const what = entity.type === 'VirtualApp' ? 'vApp' : 'virtual machine';
  return [
    {
      kind: 'machine',
      text: `${what} ${entity.value}, half made`,
      remove: (options) => removeMade(vim, { entity, ...options }),
    },
  ];
}

async function snapshotsLeft({ vim, key, signal }: LeftBehindQuery): Promise<readonly LeftBehind[]> {
  const found = await findSnapshots(vim, { key, signal });
  return found.map(({ snapshot, machine }) => ({
    kind: 'snapshot',
    text: `snapshot ${snapshot.value} of ${machine.value}`,
    remove: () => removeSnapshot(vim, snapshot),
  }));
}

/** What the import of a key has made, if it is whole; nothing when it is not, or is gone. */
export async function madeWhole({ vim, key, signal }: Omit<LeftBehindQuery, 'vcenter'>): Promise<Ref | undefined> {
  const made = await findMade(vim, { key, signal });
  return made?.isDone ? refOf(made.entity) : undefined;
}
