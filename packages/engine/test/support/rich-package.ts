/** A package of one machine named `rich` with everything an export has a flag for: MAC, extra configuration, UUID, addresses, a CD. */
export const richDescriptor = `<?xml version="1.0" encoding="UTF-8"?>
<Envelope xmlns="http://schemas.dmtf.org/ovf/envelope/1"
    xmlns:ovf="http://schemas.dmtf.org/ovf/envelope/1"
    xmlns:rasd="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_ResourceAllocationSettingData"
    xmlns:vssd="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_VirtualSystemSettingData"
    xmlns:vmw="http://www.vmware.com/schema/ovf">
  <References>
    <File ovf:id="disk" ovf:href="rich-disk.vmdk"/>
    <File ovf:id="iso" ovf:href="tools.iso"/>
    <File ovf:id="firmware" ovf:href="rich.nvram"/>
    <File ovf:id="package" ovf:href="extra.rpm"/>
  </References>
  <DiskSection>
    <Info>Disks</Info>
    <Disk ovf:diskId="d1" ovf:fileRef="disk" ovf:capacity="1" ovf:capacityAllocationUnits="byte * 2^30"
        ovf:format="http://www.vmware.com/interfaces/specifications/vmdk.html#streamOptimized"/>
    <Disk ovf:diskId="blank" ovf:capacity="10" ovf:capacityAllocationUnits="byte * 2^20"/>
  </DiskSection>
  <NetworkSection><Info>Networks</Info><Network ovf:name="net"><Description>Net</Description></Network></NetworkSection>
  <DeploymentOptionSection>
    <Info>Options</Info>
    <Configuration ovf:id="full" ovf:default="true"><Label>Full</Label><Description>With a disk</Description></Configuration>
    <Configuration ovf:id="bare"><Label>Bare</Label><Description>Without</Description></Configuration>
  </DeploymentOptionSection>
  <VirtualSystem ovf:id="rich">
    <Info>A machine</Info>
    <Name>rich</Name>
    <OperatingSystemSection ovf:id="94"><Info>Guest</Info></OperatingSystemSection>
    <VirtualHardwareSection ovf:transport="com.vmware.guestInfo iso">
      <Info>Hardware</Info>
      <System><vssd:ElementName>Family</vssd:ElementName><vssd:InstanceID>0</vssd:InstanceID><vssd:VirtualSystemType>vmx-10 vmx-13</vssd:VirtualSystemType></System>
      <Item><rasd:ElementName>1 CPU</rasd:ElementName><rasd:InstanceID>1</rasd:InstanceID><rasd:Limit>1800</rasd:Limit><rasd:Reservation>900</rasd:Reservation><rasd:ResourceType>3</rasd:ResourceType><rasd:VirtualQuantity>1</rasd:VirtualQuantity></Item>
      <Item><rasd:AllocationUnits>byte * 2^20</rasd:AllocationUnits><rasd:ElementName>Memory</rasd:ElementName><rasd:InstanceID>2</rasd:InstanceID><rasd:ResourceType>4</rasd:ResourceType><rasd:VirtualQuantity>512</rasd:VirtualQuantity></Item>
      <Item><rasd:Address>0</rasd:Address><rasd:ElementName>SCSI</rasd:ElementName><rasd:InstanceID>3</rasd:InstanceID><rasd:ResourceSubType>lsilogic</rasd:ResourceSubType><rasd:ResourceType>6</rasd:ResourceType></Item>
      <Item ovf:configuration="full"><rasd:AddressOnParent>0</rasd:AddressOnParent><rasd:ElementName>Disk</rasd:ElementName><rasd:HostResource>ovf:/disk/d1</rasd:HostResource><rasd:InstanceID>4</rasd:InstanceID><rasd:Parent>3</rasd:Parent><rasd:ResourceType>17</rasd:ResourceType></Item>
      <Item><rasd:Address>00:50:56:aa:bb:cc</rasd:Address><rasd:AutomaticAllocation>true</rasd:AutomaticAllocation><rasd:Connection>net</rasd:Connection><rasd:ElementName>NIC</rasd:ElementName><rasd:InstanceID>5</rasd:InstanceID><rasd:ResourceSubType>VmxNet3</rasd:ResourceSubType><rasd:ResourceType>10</rasd:ResourceType></Item>
      <Item><rasd:Address>1</rasd:Address><rasd:ElementName>IDE</rasd:ElementName><rasd:InstanceID>6</rasd:InstanceID><rasd:ResourceType>5</rasd:ResourceType></Item>
      <Item ovf:required="false"><rasd:AddressOnParent>0</rasd:AddressOnParent><rasd:ElementName>CD</rasd:ElementName><rasd:HostResource>ovf:/file/iso</rasd:HostResource><rasd:InstanceID>7</rasd:InstanceID><rasd:Parent>6</rasd:Parent><rasd:ResourceType>15</rasd:ResourceType></Item>
      <vmw:Config ovf:required="false" vmw:key="firmware" vmw:value="efi"/>
      <vmw:ExtraConfig ovf:required="false" vmw:key="nvram" vmw:value="ovf:/file/firmware"/>
      <vmw:ExtraConfig ovf:required="false" vmw:key="guestinfo.note" vmw:value="a note"/>
      <vmw:ExtraConfig ovf:required="false" vmw:key="uuid.bios" vmw:value="42 01"/>
    </VirtualHardwareSection>
    <ProductSection>
      <Info>Product</Info>
      <Product>Rich</Product>
      <Property ovf:key="greeting" ovf:type="string" ovf:userConfigurable="true" ovf:value="hello"/>
      <Property ovf:key="secret" ovf:type="string" ovf:password="true" ovf:userConfigurable="true"/>
      <Property ovf:key="address" ovf:type="ip:net" vmw:qualifiers="Ip(&quot;net&quot;)" ovf:userConfigurable="true"/>
    </ProductSection>
  </VirtualSystem>
</Envelope>
`;
