import type { StoredFile } from '@ovfkit/domain';
import { atOnce } from '../import/at-once.ts';
import type { DeviceUrl, HeldLease } from '../vim/lease.ts';
import { hostFileOf, type NfcHosts, type NfcSending } from '../vim/nfc-transfer.ts';
import { type TakingBlobs, takeFile } from './take-file.ts';

/** A device's bytes, fetched. */
export interface FetchedDevice {
  readonly device: DeviceUrl;
  readonly file: StoredFile;
}

export interface DeviceFetch {
  readonly nfc: NfcHosts & Pick<NfcSending, 'pool' | 'hashThread'>;
  readonly blobs: TakingBlobs;
  readonly held: HeldLease;
  /** Keys begin so. */
  readonly prefix: string;
  /** Whether images in drives are wanted. */
  readonly withImages: boolean;
}

/** Hosts do not get faster by more. */
const downloadsAtOnce = 4;

/**
 * Fetches what an export's lease offers, several files at once, each hashed while it passes. After a break, or with what an earlier attempt has left, a file goes on where it was
 * where the host can, and begins anew where it cannot.
 */
export async function fetchDevices(fetching: DeviceFetch): Promise<readonly FetchedDevice[]> {
  const { held, withImages, nfc } = fetching;
  const { hosts, pool, hashThread } = nfc;
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
      const target = hostFileOf(nfc, device);
      const open = (start: number) => hosts.open({ ...target, start, memory: pool, signal });
      const onSize = (size: number): void => report(device, size);
      const blob = `${fetching.prefix}/${name}`;
      fetched.set(device, await takeFile(fetching.blobs, { name, blob, open, pool, hashThread, onSize, signal }));
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
