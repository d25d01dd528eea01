import { readAll, writeOva } from '@ovfkit/package-format';

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array, void, undefined> {
  yield bytes;
}

/** A descriptor with one disk file `disk.vmdk`. */
export const descriptor = (size: number): Uint8Array =>
  new TextEncoder().encode(`<?xml version="1.0"?>
<Envelope xmlns="http://schemas.dmtf.org/ovf/envelope/1" xmlns:ovf="http://schemas.dmtf.org/ovf/envelope/1">
  <References><File ovf:id="f" ovf:href="disk.vmdk" ovf:size="${size}"/></References>
  <DiskSection><Info>Disks</Info><Disk ovf:diskId="d" ovf:fileRef="f" ovf:capacity="1" ovf:capacityAllocationUnits="byte * 2^20" ovf:format="http://www.vmware.com/interfaces/specifications/vmdk.html#streamOptimized"/></DiskSection>
  <VirtualSystem ovf:id="vm"><Info>A system</Info></VirtualSystem>
</Envelope>`);

/** An archive of the descriptor and a disk of `size` bytes. */
export async function archive(size: number): Promise<Uint8Array> {
  const text = descriptor(size);
  const members = [
    { name: 'vm.ovf', size: text.length, bytes: once(text) },
    { name: 'disk.vmdk', size, bytes: once(new Uint8Array(size).fill(7)) },
  ];
  return readAll(writeOva(members), size + 1_048_576);
}
