import type { Core } from './core.ts';

/**
 * Deletes those of `keys` that nobody needs any more: no entity of the inventory, no item of a library, no session that
 * borrowed them. Waits for its turn, so that whoever begins to need a blob does so before or after.
 */
export async function dropBlobs(core: Core, keys: readonly string[]): Promise<void> {
  if (keys.length === 0) return;
  const { inventory, library, borrowed, blobs } = core;
  await core.references.take(async () => {
    const [entities, items] = await Promise.all([inventory.held(keys), library.held(keys)]);
    for (const key of keys) if (!entities.has(key) && !items.has(key) && !borrowed.has(key)) await blobs.delete(key);
  });
}
