import { z } from 'zod';
import { Id, Long, structure } from './structure.ts';

const text = z.exactOptional(z.string());
const flag = z.exactOptional(z.boolean());

/** Where a device hangs on a SCSI, SATA or NVMe adapter. */
const UnitAddress = structure({ bus: Long, unit: z.exactOptional(Long) });
const IdeAddress = structure({ primary: z.boolean(), master: z.boolean() });
const address = {
  ide: z.exactOptional(IdeAddress),
  scsi: z.exactOptional(UnitAddress),
  sata: z.exactOptional(UnitAddress),
  nvme: z.exactOptional(UnitAddress),
};
/** What devices that can be connected have in common; absent where nobody says. */
const connection = { state: text, startConnected: flag, allowGuestControl: flag };

/** Numbers of milliseconds; vCenter's defaults where the package says nothing. */
export const VmBootInfo = structure({
  /** `BIOS` or `EFI`. */
  type: z.string(),
  delay: z.exactOptional(Long),
  retry: flag,
  retryDelay: z.exactOptional(Long),
  enterSetupMode: flag,
});
export const VmHardwareInfo = structure({ version: z.string(), upgradePolicy: text, upgradeStatus: text });
export const VmCpuInfo = structure({
  count: Long,
  /** Processors of one socket; absent when nobody says. */
  coresPerSocket: z.exactOptional(Long),
  hotAddEnabled: flag,
  hotRemoveEnabled: flag,
});
export const VmMemoryInfo = structure(
  { sizeMib: Long, hotAddEnabled: flag },
  { wireNames: { sizeMib: { rest: 'size_MiB', api: 'size_MiB' } } },
);
export const VmDiskInfo = structure({
  label: z.string(),
  type: z.string(),
  ...address,
  backing: structure({ type: z.string(), vmdkFile: text }),
  /** Bytes. */
  capacity: z.exactOptional(Long),
});
export const VmNicInfo = structure({
  label: z.string(),
  type: z.string(),
  /** `MANUAL` where the package gave the address, else `ASSIGNED`. */
  macType: text,
  macAddress: text,
  backing: structure({ type: z.string(), network: z.exactOptional(Id), networkName: text }),
  ...connection,
});
/** A CD drive; its medium is an image of the package, or whatever its client puts in. */
export const VmCdromInfo = structure({
  label: z.string(),
  type: z.string(),
  ide: address.ide,
  sata: address.sata,
  backing: structure({ type: z.string(), isoFile: text }),
  ...connection,
});
export const VmFloppyInfo = structure({
  label: z.string(),
  backing: structure({ type: z.string(), imageFile: text }),
  ...connection,
});
export const VmScsiAdapterInfo = structure({
  label: z.string(),
  type: z.string(),
  scsi: UnitAddress,
  sharing: z.string(),
});
export const VmSataAdapterInfo = structure({ label: z.string(), type: z.string(), bus: Long });
export const VmNvmeAdapterInfo = structure({ label: z.string(), bus: Long });
