import { type FindingCode, readDescriptor, summarize } from '@ovfkit/package-format';
import { expect, test } from 'vitest';
import { descriptorWith, item, refusal } from './source.ts';

const file = '<File ovf:id="file1" ovf:href="disk.vmdk"/>';
const disk = (attributes: string) => `<DiskSection><Info/><Disk ovf:diskId="disk1" ${attributes}/></DiskSection>`;
const cpu = item({ ElementName: 'CPU', InstanceID: 1, ResourceType: 3, VirtualQuantity: 1 });
const memory = item({
  AllocationUnits: 'byte * 2^20',
  ElementName: 'Memory',
  InstanceID: 2,
  ResourceType: 4,
  VirtualQuantity: 64,
});
const property = (attributes: string) => `<ProductSection><Info/><Property ${attributes}/></ProductSection>`;

type Parts = Parameters<typeof descriptorWith>[0];

function findingsOf(parts: Parts, lax = false) {
  return readDescriptor(descriptorWith({ hardware: cpu + memory, ...parts }), { file: 'a.ovf', lax }).findings;
}

test('a sound descriptor has no findings', () => {
  expect(
    findingsOf({
      references: file,
      sections: disk('ovf:capacity="1" ovf:capacityAllocationUnits="byte * 2^30" ovf:fileRef="file1"'),
    }),
  ).toEqual([]);
});

const faults: readonly (readonly [string, FindingCode, Parts])[] = [
  ['a file without id', 'FILE_ID_MISSING', { references: '<File ovf:href="a"/>' }],
  ['a file without href', 'FILE_HREF_MISSING', { references: '<File ovf:id="a"/>' }],
  ['two files with one id', 'FILE_ID_DUPLICATE', { references: `${file}<File ovf:id="file1" ovf:href="b"/>` }],
  ['two files with one href', 'FILE_HREF_DUPLICATE', { references: `${file}<File ovf:id="b" ovf:href="disk.vmdk"/>` }],
  ['an href that leaves the package', 'FILE_HREF_OUTSIDE', { references: '<File ovf:id="a" ovf:href="../a"/>' }],
  [
    'a size that is a placeholder',
    'NUMBER_INVALID',
    { references: '<File ovf:id="a" ovf:href="a" ovf:size="@@SIZE@@"/>' },
  ],
  ['a disk without capacity', 'DISK_CAPACITY_MISSING', { sections: disk('') }],
  ['a disk whose file is not there', 'DISK_FILE_UNKNOWN', { sections: disk('ovf:capacity="1" ovf:fileRef="nope"') }],
  [
    'a disk based on one that is not there',
    'DISK_PARENT_UNKNOWN',
    { sections: disk('ovf:capacity="1" ovf:parentRef="nope"') },
  ],
  ['a unit that is none', 'UNIT_INVALID', { sections: disk('ovf:capacity="1" ovf:capacityAllocationUnits="furlong"') }],
  [
    'a capacity beyond 2^53 bytes',
    'NUMBER_OUT_OF_RANGE',
    { sections: disk('ovf:capacity="99999999" ovf:capacityAllocationUnits="byte * 2^40"') },
  ],
  [
    'a capacity that is an unknown property',
    'DISK_CAPACITY_PROPERTY_UNKNOWN',
    { sections: disk('ovf:capacity="$&#123;size}"').replace('&#123;', '{') },
  ],
  [
    'more populated than there is',
    'DISK_POPULATED_EXCEEDS_CAPACITY',
    { sections: disk('ovf:capacity="10" ovf:populatedSize="11"') },
  ],
  ['two disk sections', 'SECTION_DUPLICATE', { sections: disk('ovf:capacity="1"') + disk('ovf:capacity="1"') }],
  [
    'a network twice',
    'NETWORK_NAME_DUPLICATE',
    { sections: '<NetworkSection><Info/><Network ovf:name="a"/><Network ovf:name="a"/></NetworkSection>' },
  ],
  [
    'two default options',
    'OPTION_DEFAULT_DUPLICATE',
    {
      sections:
        '<DeploymentOptionSection><Info/><Configuration ovf:id="a" ovf:default="true"/><Configuration ovf:id="b" ovf:default="1"/></DeploymentOptionSection>',
    },
  ],
  ['an unknown section', 'SECTION_UNKNOWN_REQUIRED', { sections: '<x:New xmlns:x="urn:x"><Info/></x:New>' }],
  [
    'an unknown section that may be left out',
    'SECTION_UNKNOWN',
    { sections: '<x:New xmlns:x="urn:x" ovf:required="false"/>' },
  ],
  ['a section without Info', 'INFO_MISSING', { sections: '<NetworkSection><Network ovf:name="a"/></NetworkSection>' }],
  ['two items with one id', 'INSTANCE_ID_DUPLICATE', { hardware: cpu + cpu }],
  ['an item without id', 'INSTANCE_ID_MISSING', { hardware: item({ ResourceType: 3, VirtualQuantity: 1 }) }],
  [
    'two upper bounds',
    'BOUND_DUPLICATE',
    { hardware: cpu + item({ InstanceID: 1, ResourceType: 3 }, ' ovf:bound="max"').repeat(2) },
  ],
  ['an unknown resource type', 'RESOURCE_TYPE_UNKNOWN', { hardware: item({ InstanceID: 1, ResourceType: 99 }) }],
  [
    'a drive on a network adapter',
    'PARENT_NOT_CONTROLLER',
    { hardware: item({ InstanceID: 5, ResourceType: 10 }) + item({ InstanceID: 6, Parent: 5, ResourceType: 15 }) },
  ],
  [
    'a disk that is not there',
    'HOST_RESOURCE_UNKNOWN',
    { hardware: item({ HostResource: 'ovf:/disk/nope', InstanceID: 6, ResourceType: 17 }) },
  ],
  [
    'a network that is not there',
    'NETWORK_UNKNOWN',
    { hardware: item({ Connection: 'nope', InstanceID: 6, ResourceType: 10 }) },
  ],
  [
    'memory without unit',
    'MEMORY_UNIT_MISSING',
    { hardware: item({ InstanceID: 2, ResourceType: 4, VirtualQuantity: 64 }) },
  ],
  [
    'memory without quantity',
    'MEMORY_QUANTITY_MISSING',
    { hardware: item({ AllocationUnits: 'byte', InstanceID: 2, ResourceType: 4 }) },
  ],
  ['no processor', 'CPU_MISSING', { hardware: memory }],
  [
    'an unknown required element',
    'ELEMENT_UNKNOWN_REQUIRED',
    { hardware: '<Item><rasd:InstanceID>1</rasd:InstanceID><rasd:New ovf:required="true"/></Item>' },
  ],
  [
    'a property of an unknown type',
    'PROPERTY_TYPE_UNKNOWN',
    { products: property('ovf:key="a" ovf:type="nosuchtype"') },
  ],
  ['a property without key', 'PROPERTY_KEY_MISSING', { products: property('ovf:type="string"') }],
  ['a key with a dot', 'PROPERTY_KEY_INVALID', { products: property('ovf:key="a.b" ovf:type="string"') }],
  ['a property without a type', 'PROPERTY_TYPE_MISSING', { products: property('ovf:key="a"') }],
  [
    'a device that does not say what it is',
    'RESOURCE_TYPE_MISSING',
    { hardware: `${cpu}${memory}<Item><rasd:InstanceID>9</rasd:InstanceID></Item>` },
  ],
  [
    'networks in a system',
    'SECTION_MISPLACED',
    { products: '<NetworkSection><Info/><Network ovf:name="a"/></NetworkSection>' },
  ],
  [
    'hardware outside of a system',
    'SECTION_MISPLACED',
    { sections: '<VirtualHardwareSection><Info/></VirtualHardwareSection>' },
  ],
  ['encryption', 'SECTION_KEPT', { sections: '<EncryptionSection><Info/></EncryptionSection>' }],
  ['two products alike', 'PRODUCT_DUPLICATE', { products: property('ovf:key="a" ovf:type="string"').repeat(2) }],
  [
    'a message that no bundle has',
    'MESSAGE_UNKNOWN',
    { sections: '<NetworkSection><Info ovf:msgid="x"/><Network ovf:name="a"/></NetworkSection>' },
  ],
  ['an undeclared prefix', 'PREFIX_UNDECLARED', { sections: '<y:Section ovf:required="false"/>' }],
];

test.each(faults)('%s is found as %s', (_, code, parts) => {
  const found = findingsOf(parts).find((finding) => finding.code === code);
  expect(found).toMatchObject({ file: 'a.ovf' });
  expect(found?.line).toBeGreaterThan(1);
  expect(found?.column).toBeGreaterThan(0);
});

test('all faults are found in one pass', () => {
  const codes = findingsOf({ references: '<File/>', sections: disk('ovf:fileRef="nope"'), hardware: '' }).map(
    ({ code }) => code,
  );
  expect(codes).toEqual(
    expect.arrayContaining(['FILE_ID_MISSING', 'FILE_HREF_MISSING', 'DISK_FILE_UNKNOWN', 'DISK_CAPACITY_MISSING']),
  );
});

test('being lax turns what importers forgive into warnings, and nothing else', () => {
  const severities = (lax: boolean) =>
    findingsOf({ sections: disk('ovf:fileRef="nope"') }, lax).map(({ code, severity }) => [code, severity]);
  expect(severities(false)).toEqual(
    expect.arrayContaining([
      ['DISK_CAPACITY_MISSING', 'error'],
      ['DISK_FILE_UNKNOWN', 'error'],
    ]),
  );
  expect(severities(true)).toEqual(
    expect.arrayContaining([
      ['DISK_CAPACITY_MISSING', 'warning'],
      ['DISK_FILE_UNKNOWN', 'error'],
    ]),
  );
});

test('what is no envelope cannot be read', async () => {
  expect(await refusal(() => readDescriptor('<html/>', { file: 'a.ovf' }))).toMatchObject({
    code: 'DESCRIPTOR_INVALID',
    file: 'a.ovf',
    line: 1,
  });
  expect(await refusal(() => readDescriptor('<Envelope xmlns="urn:x"/>'))).toMatchObject({
    code: 'DESCRIPTOR_NAMESPACE',
  });
  expect(await refusal(() => readDescriptor('<Envelope/>'))).toMatchObject({ code: 'DESCRIPTOR_NAMESPACE' });
});

test('properties keep the difference between no value and an empty one', () => {
  const { content } = readDescriptor(
    descriptorWith({
      products:
        property('ovf:key="a" ovf:type="string" ovf:value=""') +
        '<ProductSection ovf:class="c"><Info/><Category>Net</Category><Property ovf:key="b" ovf:type="string" ovf:password="true" ovf:userConfigurable="true"><Label>  The\n  label </Label><Value ovf:value="v" ovf:configuration="x y"/></Property></ProductSection>',
    }),
  );
  const [a, b] = content.products.flatMap(({ properties }) => properties);
  expect(a).toMatchObject({ key: 'a', value: '', userConfigurable: false, password: false });
  expect(b).toMatchObject({
    key: 'b',
    password: true,
    userConfigurable: true,
    label: 'The label',
    category: 'Net',
    valuesByConfiguration: new Map([
      ['x', 'v'],
      ['y', 'v'],
    ]),
  });
  expect(b?.value).toBeUndefined();
});

test('unknown sections are kept as they are', () => {
  const { sections } = readDescriptor(
    descriptorWith({ sections: '<x:New xmlns:x="urn:x" ovf:required="false"><Info>why</Info><x:Deep a="1"/></x:New>' }),
  );
  expect(sections).toMatchObject([
    { name: 'New', namespace: 'urn:x', info: 'why', required: false, element: { name: 'New' } },
  ]);
});

test("a vendor's settings stay with their item and section", () => {
  const config = '<vmw:Config ovf:required="false" vmw:key="wakeOnLanEnabled" vmw:value="true"/>';
  const { content } = readDescriptor(
    descriptorWith({
      hardware: `<Item><rasd:InstanceID>1</rasd:InstanceID><rasd:ResourceType>10</rasd:ResourceType>${config}</Item><vmw:ExtraConfig vmw:key="a" vmw:value="b"/>`,
    }),
  );
  const hardware = content.kind === 'VirtualSystem' ? content.hardware[0] : undefined;
  expect(hardware?.items[0]?.config).toEqual([{ key: 'wakeOnLanEnabled', value: 'true', required: false }]);
  expect(hardware?.extraConfig).toMatchObject([{ key: 'a', value: 'b' }]);
});

const oVirt = `<ovf:Envelope xmlns:ovf="http://schemas.dmtf.org/ovf/envelope/1/" xmlns:rasd="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_ResourceAllocationSettingData" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" ovf:version="4.1.0.0">
  <References><File ovf:href="image/volume" ovf:id="volume" ovf:size="65536"/></References>
  <Section xsi:type="ovf:DiskSection_Type"><Info>Disks</Info>
    <Disk ovf:diskId="image" ovf:size="3" ovf:capacity="2684354560" ovf:fileRef="image/volume" ovf:parentRef=""/>
  </Section>
  <Content xsi:type="ovf:VirtualSystem_Type" ovf:id="out"><Name>vm</Name>
    <Section xsi:type="ovf:VirtualHardwareSection_Type"><Info>Hardware</Info>
      <Item><rasd:Caption>cpu</rasd:Caption><rasd:InstanceId>1</rasd:InstanceId><rasd:ResourceType>3</rasd:ResourceType><rasd:num_of_sockets>2</rasd:num_of_sockets><rasd:cpu_per_socket>3</rasd:cpu_per_socket></Item>
      <Item><rasd:Caption>memory</rasd:Caption><rasd:InstanceId>2</rasd:InstanceId><rasd:ResourceType>4</rasd:ResourceType><rasd:AllocationUnits>MegaBytes</rasd:AllocationUnits><rasd:VirtualQuantity>512</rasd:VirtualQuantity></Item>
      <Item><rasd:InstanceId>image</rasd:InstanceId><rasd:ResourceType>17</rasd:ResourceType><rasd:HostResource>image/volume</rasd:HostResource><rasd:Parent>00000000-0000-0000-0000-000000000000</rasd:Parent><rasd:StorageId>s</rasd:StorageId><rasd:last_modified_date>2020</rasd:last_modified_date></Item>
    </Section>
    <Section xsi:type="ovf:SnapshotsSection_Type"><Snapshot ovf:id="1"/></Section>
  </Content>
</ovf:Envelope>`;

test('what oVirt writes in its own way is told in one finding, and its capacity in bytes counts', () => {
  const descriptor = readDescriptor(oVirt);
  expect(descriptor.findings.map(({ code }) => code)).toEqual(['DIALECT']);
  expect(summarize(descriptor).systems).toMatchObject([
    { cpus: 6, memoryMiB: 512, disks: [{ capacityBytes: 2_684_354_560 }] },
  ]);
  const older = readDescriptor(oVirt.replace(' ovf:capacity="2684354560"', ''));
  expect(summarize(older).systems).toMatchObject([{ disks: [{ capacityBytes: 3 * 1024 ** 3 }] }]);
});

test('many keys with dots in one section are one finding', () => {
  const properties = ['a.b', 'c.d', 'e', 'f:g'].map((key) => `<Property ovf:key="${key}" ovf:type="string"/>`);
  const found = findingsOf({ products: `<ProductSection><Info/>${properties.join('')}</ProductSection>` });
  expect(found).toMatchObject([
    {
      code: 'PROPERTY_KEY_INVALID',
      message: 'The property key a.b and 2 more of its section has a dot or colon, which DSP0243 forbids',
    },
  ]);
});

test('what CIM says of processors is known', () => {
  const hardware =
    '<Item xmlns:pasd="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_ProcessorAllocationSettingData"><pasd:InstructionSet>DMTF:x86:i686</pasd:InstructionSet><rasd:InstanceID>1</rasd:InstanceID><rasd:ResourceType>3</rasd:ResourceType><rasd:VirtualQuantity>1</rasd:VirtualQuantity></Item>';
  expect(findingsOf({ hardware: hardware + memory }).map(({ code }) => code)).toEqual(['ITEM_NAME_MISSING']);
});
