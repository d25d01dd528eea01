/** A vApp of a database and a web tier that is made three times, with every section whose content survives an export. */
export const suiteDescriptor = `<?xml version="1.0" encoding="UTF-8"?>
<Envelope xmlns="http://schemas.dmtf.org/ovf/envelope/1"
    xmlns:ovf="http://schemas.dmtf.org/ovf/envelope/1"
    xmlns:ovf2="http://schemas.dmtf.org/ovf/envelope/2"
    xmlns:rasd="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_ResourceAllocationSettingData"
    xmlns:vmw="http://www.vmware.com/schema/ovf">
  <References/>
  <DiskSection>
    <Info>Disks</Info>
    <Disk ovf:diskId="blank" ovf:capacity="10" ovf:capacityAllocationUnits="byte * 2^20"/>
  </DiskSection>
  <vmw:StorageGroupSection ovf:required="false" vmw:id="fast" vmw:name="Fast"><Info>A group</Info><vmw:Description>For data</vmw:Description></vmw:StorageGroupSection>
  <note:NoteSection xmlns:note="urn:example:note" ovf:required="false"><Info ovf:msgid="note">A note</Info><note:Text>kept as it is</note:Text></note:NoteSection>
  <VirtualSystemCollection ovf:id="suite">
    <Info>A suite</Info>
    <Name>suite</Name>
    <ResourceAllocationSection><Info>Limits</Info><Item><rasd:ElementName>Memory</rasd:ElementName><rasd:InstanceID>1</rasd:InstanceID><rasd:ResourceType>4</rasd:ResourceType><rasd:VirtualQuantity>4096</rasd:VirtualQuantity></Item></ResourceAllocationSection>
    <StartupSection><Info>Order</Info><Item ovf:id="db" ovf:order="1" ovf:startDelay="30"/><Item ovf:id="tier" ovf:order="2"/></StartupSection>
    <vmw:IpAssignmentSection ovf:required="false" vmw:protocols="IPv4,IPv6" vmw:schemes="ovfenv,dhcp"><Info>Addresses</Info></vmw:IpAssignmentSection>
    <ovf2:ScaleOutSection ovf:required="false" ovf2:id="web"><Info>Tier</Info><ovf2:Description>Web servers</ovf2:Description><ovf2:InstanceCount ovf2:minimum="1" ovf2:default="2" ovf2:maximum="4"/></ovf2:ScaleOutSection>
    <VirtualSystem ovf:id="db">
      <Info>A database</Info>
      <Name>db</Name>
      <vmw:StorageSection ovf:required="false" vmw:group="fast"><Info>Its group</Info></vmw:StorageSection>
      <vmw:BootOrderSection ovf:required="false" vmw:type="disk" vmw:instanceId="4"><Info>Boot order</Info></vmw:BootOrderSection>
      <VirtualHardwareSection>
        <Info>Hardware</Info>
        <Item><rasd:ElementName>CPU</rasd:ElementName><rasd:InstanceID>1</rasd:InstanceID><rasd:ResourceType>3</rasd:ResourceType><rasd:VirtualQuantity>1</rasd:VirtualQuantity></Item>
        <Item><rasd:ElementName>SCSI</rasd:ElementName><rasd:InstanceID>3</rasd:InstanceID><rasd:ResourceType>6</rasd:ResourceType></Item>
        <Item><rasd:ElementName>Disk</rasd:ElementName><rasd:HostResource>ovf:/disk/blank</rasd:HostResource><rasd:InstanceID>4</rasd:InstanceID><rasd:Parent>3</rasd:Parent><rasd:ResourceType>17</rasd:ResourceType></Item>
      </VirtualHardwareSection>
    </VirtualSystem>
    <VirtualSystemCollection ovf:id="tier">
      <Info>A tier</Info>
      <StartupSection><Info>Inner order</Info><Item ovf:id="web" ovf:order="7"/></StartupSection>
      <VirtualSystem ovf:id="web">
        <Info>A web server</Info>
        <Name>web</Name>
        <VirtualHardwareSection>
          <Info>Hardware</Info>
          <Item><rasd:ElementName>CPU</rasd:ElementName><rasd:InstanceID>1</rasd:InstanceID><rasd:ResourceType>3</rasd:ResourceType><rasd:VirtualQuantity>1</rasd:VirtualQuantity></Item>
        </VirtualHardwareSection>
      </VirtualSystem>
    </VirtualSystemCollection>
  </VirtualSystemCollection>
</Envelope>
`;
