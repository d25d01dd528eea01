import {
  type Descriptor,
  type DescriptorEdit,
  editDescriptor,
  readDescriptor,
  systemsOf,
} from '@ovfkit/package-format';

export const text = `<?xml version="1.0" encoding="UTF-8"?>
<!-- made by hand -->
<ovf:Envelope xmlns:ovf="http://schemas.dmtf.org/ovf/envelope/1" xmlns:r="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_ResourceAllocationSettingData" xmlns:v="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_VirtualSystemSettingData" xmlns:vmw="http://www.vmware.com/schema/ovf" xmlns:x="urn:x">
  <ovf:References>
    <ovf:File ovf:href="a.vmdk" ovf:id="f1" ovf:size="10" x:kept="yes"/>
    <ovf:File ovf:href="b.iso" ovf:id="f2"/>
  </ovf:References>
  <ovf:DiskSection>
    <ovf:Info>Disks</ovf:Info>
    <ovf:Disk ovf:capacity="1" ovf:capacityAllocationUnits="byte * 2^30" ovf:diskId="d1" ovf:fileRef="f1"/>
  </ovf:DiskSection>
  <ovf:NetworkSection>
    <ovf:Info>Networks</ovf:Info>
    <ovf:Network ovf:name="lan"><ovf:Description>Old</ovf:Description></ovf:Network>
  </ovf:NetworkSection>
  <ovf:DeploymentOptionSection>
    <ovf:Info>Options</ovf:Info>
    <ovf:Configuration ovf:id="a"><ovf:Label>A</ovf:Label><ovf:Description>a</ovf:Description></ovf:Configuration>
    <ovf:Configuration ovf:id="b"><ovf:Label>B</ovf:Label><ovf:Description>b</ovf:Description></ovf:Configuration>
  </ovf:DeploymentOptionSection>
  <ovf:VirtualSystem ovf:id="vm">
    <ovf:Info>A machine</ovf:Info>
    <ovf:Name ovf:msgid="name">Old name</ovf:Name>
    <!-- the product -->
    <ovf:ProductSection ovf:class="com.example">
      <ovf:Info>Product</ovf:Info>
      <ovf:Product>Thing</ovf:Product>
      <ovf:Property ovf:key="ip" ovf:type="string" ovf:value="" x:kept="yes">
        <ovf:Label>Address</ovf:Label>
        <ovf:Value ovf:value="v" ovf:configuration="a b"/>
      </ovf:Property>
    </ovf:ProductSection>
    <ovf:EulaSection><ovf:Info>Licence</ovf:Info><ovf:License><![CDATA[<one>]]></ovf:License></ovf:EulaSection>
    <x:OwnSection ovf:required="false" x:what="ever"><x:Inner>1 &amp; 2</x:Inner></x:OwnSection>
    <ovf:VirtualHardwareSection>
      <ovf:Info>Hardware</ovf:Info>
      <ovf:System><v:ElementName>Family</v:ElementName><v:InstanceID>0</v:InstanceID><v:VirtualSystemType>vmx-10</v:VirtualSystemType></ovf:System>
      <ovf:Item><r:AllocationUnits>hertz * 10^6</r:AllocationUnits><r:ElementName>CPU</r:ElementName><r:InstanceID>1</r:InstanceID><r:ResourceType>3</r:ResourceType><r:VirtualQuantity>1</r:VirtualQuantity></ovf:Item>
      <ovf:Item><r:AllocationUnits>byte * 2^20</r:AllocationUnits><r:ElementName>Memory</r:ElementName><r:InstanceID>2</r:InstanceID><r:ResourceType>4</r:ResourceType><r:VirtualQuantity>512</r:VirtualQuantity></ovf:Item>
      <ovf:Item><r:ElementName>SCSI</r:ElementName><r:InstanceID>3</r:InstanceID><r:ResourceType>6</r:ResourceType></ovf:Item>
      <ovf:Item><r:ElementName>Disk</r:ElementName><r:HostResource>ovf:/disk/d1</r:HostResource><r:InstanceID>4</r:InstanceID><r:Parent>3</r:Parent><r:ResourceType>17</r:ResourceType></ovf:Item>
      <ovf:Item><r:Connection>lan</r:Connection><r:ElementName>NIC</r:ElementName><r:InstanceID>5</r:InstanceID><r:ResourceType>10</r:ResourceType></ovf:Item>
      <vmw:ExtraConfig ovf:required="false" vmw:key="k" vmw:value="old"/>
    </ovf:VirtualHardwareSection>
  </ovf:VirtualSystem>
  <ovf:Strings xml:lang="de"><ovf:Msg ovf:msgid="name">Alter Name</ovf:Msg></ovf:Strings>
</ovf:Envelope>
<!-- the end -->
`;

export const descriptor = readDescriptor(text);

export const utf16 = (each: string | number): readonly number[] => {
  const unit = typeof each === 'number' ? each : each.charCodeAt(0);
  return [unit % 256, Math.floor(unit / 256)];
};

export function edited(...edits: readonly DescriptorEdit[]): Descriptor {
  return readDescriptor(editDescriptor(descriptor, edits));
}

export const systemOf = (one: Descriptor) => {
  const [system] = systemsOf(one.content);
  if (system === undefined) throw new Error('no system');
  return system;
};
