import type { SampleFile } from './sample-archive.ts';
import { sampleDisk, sampleDiskCapacity } from './sample-disk.ts';

/** A package of a collection: two systems, each with a disk of its own. */
export interface SampleSuite {
  readonly name: string;
  readonly descriptor: SampleFile;
  readonly disks: readonly SampleFile[];
  /** Of the virtual machines, in the order of the descriptor. */
  readonly machines: readonly string[];
}

const roles = ['web', 'db'] as const;

/** A package that makes a vApp called `name` with two virtual machines. */
export function sampleSuite(name: string): SampleSuite {
  const systems = roles.map((role) => ({
    id: `${name}-${role}`,
    disk: `${name}-${role}.vmdk`,
    bytes: sampleDisk(`${name}-${role}`),
  }));
  const text = `<?xml version="1.0" encoding="UTF-8"?>
<Envelope xmlns="http://schemas.dmtf.org/ovf/envelope/1"
    xmlns:ovf="http://schemas.dmtf.org/ovf/envelope/1"
    xmlns:rasd="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_ResourceAllocationSettingData"
    xmlns:vssd="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_VirtualSystemSettingData">
  <References>
${systems.map(({ id, disk, bytes }) => `    <File ovf:id="file-${id}" ovf:href="${disk}" ovf:size="${bytes.length}"/>\n`).join('')}  </References>
  <DiskSection>
    <Info>Disks</Info>
${systems.map(({ id }) => `    <Disk ovf:diskId="disk-${id}" ovf:fileRef="file-${id}" ovf:capacity="${sampleDiskCapacity}" ovf:format="http://www.vmware.com/interfaces/specifications/vmdk.html#streamOptimized"/>\n`).join('')}  </DiskSection>
  <NetworkSection>
    <Info>Networks</Info>
    <Network ovf:name="VM Network"><Description>Management</Description></Network>
  </NetworkSection>
  <VirtualSystemCollection ovf:id="${name}">
    <Info>A suite</Info>
    <Name>${name}</Name>
${systems.map(({ id }) => systemOf(id)).join('')}  </VirtualSystemCollection>
</Envelope>
`;
  return {
    name,
    descriptor: { name: `${name}.ovf`, bytes: new TextEncoder().encode(text) },
    disks: systems.map(({ disk, bytes }) => ({ name: disk, bytes })),
    machines: systems.map(({ id }) => id),
  };
}

const systemOf = (id: string): string => `    <VirtualSystem ovf:id="${id}">
      <Info>A virtual machine</Info>
      <Name>${id}</Name>
      <OperatingSystemSection ovf:id="94"><Info>Guest</Info></OperatingSystemSection>
      <VirtualHardwareSection>
        <Info>Virtual hardware</Info>
        <System>
          <vssd:ElementName>Virtual Hardware Family</vssd:ElementName>
          <vssd:InstanceID>0</vssd:InstanceID>
          <vssd:VirtualSystemType>vmx-13</vssd:VirtualSystemType>
        </System>
${item({ id: 1, after: typeAndQuantity(3, 2) })}
${item({ id: 2, before: '<rasd:AllocationUnits>byte * 2^20</rasd:AllocationUnits>', after: typeAndQuantity(4, 512) })}
${item({ id: 3, after: '<rasd:ResourceSubType>VirtualSCSI</rasd:ResourceSubType><rasd:ResourceType>6</rasd:ResourceType>' })}
        <Item>
          <rasd:AddressOnParent>0</rasd:AddressOnParent>
          <rasd:ElementName>Hard disk 1</rasd:ElementName>
          <rasd:HostResource>ovf:/disk/disk-${id}</rasd:HostResource>
          <rasd:InstanceID>4</rasd:InstanceID>
          <rasd:Parent>3</rasd:Parent>
          <rasd:ResourceType>17</rasd:ResourceType>
        </Item>
        <Item>
          <rasd:Connection>VM Network</rasd:Connection>
          <rasd:ElementName>Network adapter 1</rasd:ElementName>
          <rasd:InstanceID>5</rasd:InstanceID>
          <rasd:ResourceSubType>VmxNet3</rasd:ResourceSubType>
          <rasd:ResourceType>10</rasd:ResourceType>
        </Item>
      </VirtualHardwareSection>
    </VirtualSystem>
`;

interface ItemParts {
  readonly id: number;
  /** Fields that come before ElementName in the alphabet, and those that come after InstanceID. */
  readonly before?: string;
  readonly after: string;
}

const item = ({ id, before = '', after }: ItemParts): string =>
  `        <Item>${before}<rasd:ElementName>Item ${id}</rasd:ElementName><rasd:InstanceID>${id}</rasd:InstanceID>${after}</Item>`;

const typeAndQuantity = (type: number, quantity: number): string =>
  `<rasd:ResourceType>${type}</rasd:ResourceType><rasd:VirtualQuantity>${quantity}</rasd:VirtualQuantity>`;
