import type { SessionBackend } from '@ovfkit/domain';
import type { PackageReader } from '@ovfkit/package-format';
import { bytesOf, defaults, pool, sha256 } from './sample.ts';
import type { Service } from './service.ts';

export const options = (backend: SessionBackend, reader: PackageReader) =>
  ({ backend, package: reader, target: pool, parameters: defaults, poll: { firstMs: 20, maxMs: 200 } }) as const;

/** Digests of the disks of the only machine there is, as its store keeps them. */
export async function storedDisks({ store }: Service): Promise<readonly string[]> {
  const [vm] = await store.inventory.vm.list({});
  const entity = await store.inventory.describe({ type: 'VirtualMachine', id: vm?.vm ?? '' });
  const blobs = entity.vms.flatMap(({ disks }) => disks.map(({ file }) => file?.blob ?? ''));
  return Promise.all(blobs.map(async (blob) => sha256(await bytesOf(store.blobs.read(blob)))));
}
