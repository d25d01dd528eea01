const system = (
  id: string,
  { name = id, more = '' }: { readonly name?: string; readonly more?: string } = {},
): string => `<VirtualSystem ovf:id="${id}"><Info>A machine</Info><Name>${name}</Name>${more}
  <VirtualHardwareSection><Info>Hardware</Info>
  <Item><rasd:ElementName>CPU</rasd:ElementName><rasd:InstanceID>1</rasd:InstanceID><rasd:ResourceType>3</rasd:ResourceType><rasd:VirtualQuantity>1</rasd:VirtualQuantity></Item>
  <Item><rasd:ElementName>SCSI</rasd:ElementName><rasd:InstanceID>3</rasd:InstanceID><rasd:ResourceType>6</rasd:ResourceType></Item>
  <Item><rasd:ElementName>Disk</rasd:ElementName><rasd:HostResource>ovf:/disk/blank</rasd:HostResource><rasd:InstanceID>4</rasd:InstanceID><rasd:Parent>3</rasd:Parent><rasd:ResourceType>17</rasd:ResourceType></Item>
  </VirtualHardwareSection></VirtualSystem>`;

const order = (...ids: readonly string[]): string =>
  `<StartupSection><Info>Order</Info>${ids.map((id, index) => `<Item ovf:id="${id}" ovf:order="${index + 1}" ovf:startDelay="${30 + index}"/>`).join('')}</StartupSection>`;

const limits = (memory: number): string =>
  `<ResourceAllocationSection><Info>Limits</Info><Item><rasd:ElementName>Memory</rasd:ElementName><rasd:InstanceID>1</rasd:InstanceID><rasd:ResourceType>4</rasd:ResourceType><rasd:VirtualQuantity>${memory}</rasd:VirtualQuantity></Item></ResourceAllocationSection>`;

const note = (text: string): string =>
  `<note:NoteSection xmlns:note="urn:example:note" ovf:required="false"><Info>A note</Info><note:Text>${text}</note:Text></note:NoteSection>`;

const product = (kind: string, key: string): string =>
  `<ProductSection ovf:class="org.${kind}"><Info>Product</Info><Product>${kind}</Product><Property ovf:key="${key}" ovf:type="string" ovf:value="plain" ovf:userConfigurable="true"/></ProductSection>`;

const eula = (text: string): string => `<EulaSection><Info>Licence</Info><License>${text}</License></EulaSection>`;

/**
 * A vApp with vApps three levels deep, machines before, between and after them, and one without any; each with everything of its own that
 * an import keeps.
 */
export const nestedDescriptor = `<?xml version="1.0" encoding="UTF-8"?>
<Envelope xmlns="http://schemas.dmtf.org/ovf/envelope/1"
    xmlns:ovf="http://schemas.dmtf.org/ovf/envelope/1"
    xmlns:ovf2="http://schemas.dmtf.org/ovf/envelope/2"
    xmlns:rasd="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_ResourceAllocationSettingData">
  <References/>
  <DiskSection><Info>Disks</Info><Disk ovf:diskId="blank" ovf:capacity="10" ovf:capacityAllocationUnits="byte * 2^20"/></DiskSection>
  <VirtualSystemCollection ovf:id="shop"><Info>A shop</Info><Name>shop</Name>
    ${product('shop', 'motto')}${order('data', 'front', 'spare')}${note('outer')}
    <VirtualSystemCollection ovf:id="data"><Info>Data</Info><Name>Data tier</Name>
      <AnnotationSection><Info>Note</Info><Annotation>Keeps the orders</Annotation></AnnotationSection>
      ${product('data', 'region')}${eula('Be careful.')}${limits(4096)}${order('db', 'caches')}${note('inner')}
      ${system('db')}
      <VirtualSystemCollection ovf:id="caches"><Info>Caches</Info><Name>Caches</Name>${order('cache-b', 'cache-a')}${system('cache-a')}${system('cache-b')}</VirtualSystemCollection>
    </VirtualSystemCollection>
    ${system('front')}
    <VirtualSystemCollection ovf:id="spare"><Info>Empty</Info>${note('nobody yet')}</VirtualSystemCollection>
    ${system('back')}
  </VirtualSystemCollection>
</Envelope>
`;

/** The same, with as many `data` as are chosen, two when nothing is. */
export const scaledDescriptor = nestedDescriptor.replace(
  '<VirtualSystemCollection ovf:id="data"><Info>Data</Info>',
  '$&<ovf2:ScaleOutSection ovf:required="false" ovf2:id="data"><Info>Shards</Info><ovf2:InstanceCount ovf2:minimum="1" ovf2:default="2" ovf2:maximum="4"/></ovf2:ScaleOutSection>',
);

/** What vSphere may write: one name in two vApps. */
export const twinDescriptor = nestedDescriptor
  .replace(order('cache-b', 'cache-a'), order('db'))
  .replace(system('cache-a'), '')
  .replace(system('cache-b'), system('db'));
