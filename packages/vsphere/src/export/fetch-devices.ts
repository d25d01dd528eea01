import { createHash } from 'node:crypto';
import { type BlobStore, SessionError, type StoredFile } from '@ovfkit/domain';
import { backOff, isPassing, pause } from '@ovfkit/rest';
import { atOnce } from '../import/at-once.ts';
import type { DeviceUrl, HeldLease } from '../vim/lease.ts';
import { hostFileOf, type NfcHosts } from '../vim/nfc-transfer.ts';

/** A device's bytes, fetched. */
export interface FetchedDevice {
  readonly device: DeviceUrl;
  readonly file: StoredFile;
}

export interface DeviceFetch {
  readonly nfc: NfcHosts;
  readonly blobs: Pick<BlobStore, 'append' | 'delete' | 'seal' | 'size'>;
  readonly held: HeldLease;
  /** Keys begin so. */
  readonly prefix: string;
  /** Whether images in drives are wanted. */
  readonly withImages: boolean;
}

/** Hosts do not get faster by more. */
const downloadsAtOnce = 4;

/**
 * Fetches what an export's lease offers, several files at once, each hashed while it passes. After a break a file goes on where it was
 * where the host can, and begins anew where it cannot.
 */
export async function fetchDevices(fetching: DeviceFetch): Promise<readonly FetchedDevice[]> {
  const { held, withImages } = fetching;
  const wanted = held.info.deviceUrl
    .map((device, index) => ({ device, name: nameOf(device, index) }))
    .filter(({ name }) => withImages || !/\.(iso|img|flp)$/i.test(name));
  const fetched = new Map<DeviceUrl, StoredFile>();
  const sizes = new Map<DeviceUrl, number>();
  // the sizes of most are told only when they are there; this is the most there can be
  const total = Math.max(1, (held.info.totalDiskCapacityInKB ?? 0) * 1024);
  const report = (device: DeviceUrl, size: number): void => {
    sizes.set(device, size);
    held.report(Math.min(99, (100 * [...sizes.values()].reduce((sum, each) => sum + each, 0)) / total));
  };
  await atOnce(wanted, {
    limit: downloadsAtOnce,
    signal: held.signal,
    work: async ({ device, name }, signal) => {
      const onSize = (size: number): void => report(device, size);
      fetched.set(device, await fetchDevice(fetching, { device, name, onSize, signal }));
    },
  });
  return wanted.flatMap(({ device }) => {
    const file = fetched.get(device);
    return file === undefined ? [] : [{ device, file }];
  });
}

/** Unique, and with the ending that tells what it is. */
function nameOf({ targetId = '', url }: DeviceUrl, index: number): string {
  const path = targetId === '' ? decodeURIComponent(new URL(url).pathname) : targetId;
  const base =
    path
      .split('/')
      .at(-1)
      ?.replaceAll(/[^\w.-]/g, '-') ?? '';
  return `${index}-${base === '' ? 'device' : base}`;
}

/** Failures in a row, without a byte moved, that are put up with. */
const patience = 6;

async function fetchDevice(
  { nfc, blobs, prefix }: DeviceFetch,
  {
    device,
    name,
    onSize,
    signal,
  }: {
    readonly device: DeviceUrl;
    readonly name: string;
    readonly onSize: (size: number) => void;
    readonly signal: AbortSignal;
  },
): Promise<StoredFile> {
  const blob = `${prefix}/${name}`;
  const target = hostFileOf(nfc, device);
  let taken = await begin(blobs, blob);
  for (let failures = 0; ; ) {
    const before = taken.size;
    try {
      const { size, offset, bytes } = await nfc.hosts.open({ ...target, start: taken.size, signal });
      if (offset !== taken.size) taken = await begin(blobs, blob);
      await blobs.append(blob, taken.size, hashed(bytes, { taken, onSize }));
      if (size !== undefined && taken.size < size) throw cutShort(name);
      const sha256 = taken.hash.digest('hex');
      await blobs.seal(blob, sha256);
      return { name, blob, size: taken.size, sha256 };
    } catch (error) {
      if (!isPassing(error) || failures === patience) throw error;
      failures = taken.size > before ? 0 : failures + 1;
      // only what is both hashed and kept can be gone on from
      if ((await blobs.size(blob)) !== taken.size) taken = await begin(blobs, blob);
      await pause(backOff(failures), signal);
    }
  }
}

/** What has come of a file. */
interface Taken {
  readonly hash: ReturnType<typeof createHash>;
  size: number;
}

async function begin(blobs: DeviceFetch['blobs'], blob: string): Promise<Taken> {
  await blobs.delete(blob);
  return { hash: createHash('sha256'), size: 0 };
}

const cutShort = (name: string): SessionError =>
  new SessionError('RESOURCE_INACCESSIBLE', `The host ended ${name} before it was whole.`);

async function* hashed(
  bytes: AsyncIterable<Uint8Array>,
  { taken, onSize }: { readonly taken: Taken; readonly onSize: (size: number) => void },
): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const chunk of bytes) {
    taken.hash.update(chunk);
    taken.size += chunk.length;
    onSize(taken.size);
    yield chunk;
  }
}
