import { type BlobStore, createChunkPool, type Inventory, type Ref } from '@ovfkit/domain';
import { createHashThread } from '@ovfkit/package-format/node';
import { createFileHosts } from '@ovfkit/rest';
import { describeEntity } from './export/describe-entity.ts';
import { stageEntity } from './export/stage-entity.ts';
import { createSpecAsking } from './import/asked-spec.ts';
import { type ImportNotice, importEntity } from './import/import-entity.ts';
import { type JudgeParts, judgeEntity } from './import/judge-entity.ts';
import { abandonedLeaseMs, findMade, refOf, removeMade } from './import/made.ts';
import { poolRef, whereaboutsOf } from './import/whereabouts.ts';
import { createInventoryServices } from './inventory/inventory-services.ts';
import { outOfReach } from './inventory/out-of-reach.ts';
import type { Origin, UrlOrigin } from './origin.ts';
import { attestedHosts } from './vim/attested-hosts.ts';
import type { NfcSending } from './vim/nfc-transfer.ts';
import type { VimClient } from './vim/vim-client.ts';

export interface VsphereInventoryOptions {
  /** Stays the caller's to close, after the last call. */
  readonly vim: VimClient;
  /** Has the bytes of what is made, and takes those of what is exported. */
  readonly blobs: Pick<BlobStore, 'read' | 'append' | 'delete' | 'keys' | 'seal' | 'sealed' | 'size'>;
  /** Where the hosts may get a package themselves; asked when it is judged, and when it is made. */
  readonly origin?: (() => Origin | undefined) | undefined;
  /** Whether machines that run are exported through a snapshot, which goes again; true when absent. */
  readonly snapshots?: boolean | undefined;
  /** Which way what is judged will be made, which decides what it may ask for; `lease` when absent. */
  readonly way?: JudgeParts['way'] | undefined;
  /** Told what a user may want to know, and what ends nothing; nothing when absent. */
  readonly onNotice?: ((notice: ImportNotice) => void) | undefined;
}

/**
 * A vCenter or an ESXi host as an inventory: machines are made and exported by leases, whose disks go to and come from the hosts
 * themselves. What is made has a mark with the key of its import, in its extra configuration.
 */
export function createVsphereInventory({
  vim,
  blobs,
  snapshots = true,
  origin = () => undefined,
  way = 'lease',
  onNotice = () => {},
}: VsphereInventoryOptions): Inventory {
  const services = createInventoryServices(vim);
  const ask = createSpecAsking({ vim, places: services });
  const making = new Map<string, Promise<Ref>>();
  const urlOrigin = (): UrlOrigin | undefined => {
    const from = origin();
    return from?.kind === 'url' ? from : undefined;
  };
  const never = new AbortController().signal;
  return {
    ...services,
    features: { exportRunning: snapshots },
    outOfReach: (place, options) => outOfReach(vim, place, options),
    judge: (request, { signal = never } = {}) =>
      judgeEntity({ ask, blobs, places: services, way, origin: urlOrigin() }, request, signal),
    create(request, { signal = never } = {}) {
      const known = making.get(request.key);
      if (known !== undefined) return known;
      const parts = { vim, blobs, places: services, ask, origin: urlOrigin(), onNotice };
      const make = (nfc: NfcSending) => importEntity({ ...parts, nfc }, request, signal);
      const made = withHosts(vim, make).finally(() => making.delete(request.key));
      making.set(request.key, made);
      return made;
    },
    async made(key, entity) {
      const near = entity && whereaboutsOf(await poolRef(services, { entity, signal: never }), entity);
      const found = await findMade(vim, { key, near });
      return found === undefined ? undefined : refOf(found.entity);
    },
    async discard(key, { signal } = {}) {
      const found = await findMade(vim, { key, signal });
      if (found !== undefined) await removeMade(vim, { entity: found.entity, withinMs: abandonedLeaseMs, signal });
    },
    describe: (ref, options) => describeEntity(services, { ref, signal: options?.signal }),
    stage(staging, { signal = never } = {}) {
      const onWarning = (text: string): void => onNotice({ key: staging.ref.id, kind: 'warning', text });
      const parts = { vim, blobs, inventory: services, snapshots, onWarning };
      return withHosts(vim, (nfc) => stageEntity({ ...parts, nfc }, staging, signal));
    },
    // the bytes of machines are in vSphere, and in no blob
    held: async () => new Set(),
  };
}

/** Connections to hosts, memory and the thread last as long as what they are for. */
async function withHosts<Result>(
  { url, trust: { thumbprint, ...trust } }: VimClient,
  work: (nfc: NfcSending) => Promise<Result>,
): Promise<Result> {
  const hosts = attestedHosts(createFileHosts(trust));
  const hashThread = createHashThread();
  try {
    return await work({ hosts, hashThread, pool: createChunkPool(), server: url, thumbprint });
  } finally {
    await hosts.close();
    await hashThread.close();
  }
}
