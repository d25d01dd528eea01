import { type Content, contentsOf, readDescriptor, resolveProperties, writeDescriptor } from '@ovfkit/package-format';
import { expect, test } from 'vitest';
import { refusalCode } from './source.ts';

const namespaces =
  'xmlns="http://schemas.dmtf.org/ovf/envelope/1" xmlns:ovf="http://schemas.dmtf.org/ovf/envelope/1" xmlns:ovf2="http://schemas.dmtf.org/ovf/envelope/2" xmlns:vmw="http://www.vmware.com/schema/ovf" xmlns:rasd="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_ResourceAllocationSettingData"';

/** A collection of two machines, with these sections in the collection and in the first machine. */
function read({ outer = '', inner = '' }: { readonly outer?: string; readonly inner?: string }) {
  return readDescriptor(`<Envelope ${namespaces}>
    <References><File ovf:id="f" ovf:href="f.txt"/></References>
    <VirtualSystemCollection ovf:id="app"><Info>x</Info>${outer}
      <VirtualSystem ovf:id="web"><Info>x</Info>${inner}<VirtualHardwareSection><Info>x</Info></VirtualHardwareSection></VirtualSystem>
      <VirtualSystem ovf:id="db"><Info>x</Info><VirtualHardwareSection><Info>x</Info></VirtualHardwareSection></VirtualSystem>
    </VirtualSystemCollection>
  </Envelope>`);
}

const meaningsOf = (content: Content) =>
  contentsOf(content).flatMap(({ sections }) => sections.map((one) => one.meaning));
const info = '<Info>why</Info>';

test('a startup section says when what starts', () => {
  const { content, findings } = read({
    outer: `<StartupSection>${info}<Item ovf:id="db" ovf:order="1" ovf:startDelay="30" ovf:waitingForGuest="true" ovf:stopAction="guestShutdown"/><Item ovf:id="web" ovf:order="2"/></StartupSection>`,
  });
  expect(meaningsOf(content)).toEqual([
    {
      kind: 'Startup',
      items: [
        {
          id: 'db',
          order: 1,
          startDelay: 30,
          waitingForGuest: true,
          stopDelay: 0,
          startAction: 'powerOn',
          stopAction: 'guestShutdown',
        },
        {
          id: 'web',
          order: 2,
          startDelay: 0,
          waitingForGuest: false,
          stopDelay: 0,
          startAction: 'powerOn',
          stopAction: 'powerOff',
        },
      ],
    },
  ]);
  expect(findings.map(({ code }) => code)).toEqual([]);
});

test('a startup section that names nothing of its collection is a finding', () => {
  const { findings } = read({ outer: `<StartupSection>${info}<Item ovf:id="mail" ovf:order="1"/></StartupSection>` });
  expect(findings).toMatchObject([{ code: 'STARTUP_SYSTEM_UNKNOWN', severity: 'warning', line: 3 }]);
});

test.each([
  [
    `<InstallSection ovf:initialBootStopDelay="300">${info}</InstallSection>`,
    { kind: 'Install', initialBootStopDelay: 300 },
  ],
  [
    `<ovf2:EnvironmentFilesSection ovf2:transport="iso">${info}<ovf2:File ovf2:fileRef="f" ovf2:path="etc/f.txt"/></ovf2:EnvironmentFilesSection>`,
    { kind: 'EnvironmentFiles', transport: ['iso'], files: [{ fileRef: 'f', path: 'etc/f.txt' }] },
  ],
  [
    `<ovf2:BootDeviceSection>${info}<b:CIM_BootConfigSetting xmlns:b="urn:b"><b:Caption>Install</b:Caption><b:CIM_BootSourceSetting><b:InstanceID>1</b:InstanceID><b:StructuredBootString>CIM:Network:1</b:StructuredBootString></b:CIM_BootSourceSetting></b:CIM_BootConfigSetting></ovf2:BootDeviceSection>`,
    { kind: 'BootDevice', caption: 'Install', sources: [{ instanceId: '1', bootString: 'CIM:Network:1' }] },
  ],
  [
    `<ovf2:ScaleOutSection ovf2:id="tier">${info}<ovf2:Description>Web tier</ovf2:Description><ovf2:InstanceCount ovf2:minimum="2" ovf2:default="4" ovf2:maximum="8"/></ovf2:ScaleOutSection>`,
    {
      kind: 'ScaleOut',
      id: 'tier',
      description: 'Web tier',
      counts: [{ minimum: 2, default: 4, maximum: 8, configurations: [] }],
    },
  ],
  [
    `<vmw:IpAssignmentSection ovf:required="false" vmw:protocols="IPv4,IPv6" vmw:schemes="ovfenv, dhcp">${info}</vmw:IpAssignmentSection>`,
    { kind: 'IpAssignment', protocols: ['IPv4', 'IPv6'], schemes: ['ovfenv', 'dhcp'] },
  ],
  [
    `<vmw:BootOrderSection ovf:required="true" vmw:type="disk" vmw:instanceId="8">${info}</vmw:BootOrderSection>`,
    { kind: 'BootOrder', deviceType: 'disk', instanceId: '8' },
  ],
  [
    `<vmw:StorageGroupSection ovf:required="false" vmw:id="g" vmw:name="Gold">${info}<vmw:Description>Fast</vmw:Description></vmw:StorageGroupSection>`,
    { kind: 'StorageGroup', id: 'g', name: 'Gold', description: 'Fast' },
  ],
  [
    `<vmw:StorageSection ovf:required="false" vmw:group="g">${info}</vmw:StorageSection>`,
    { kind: 'Storage', group: 'g' },
  ],
  [
    `<vmw:CpuCompatibilitySection ovf:required="false">${info}<vmw:Level vmw:level="1" vmw:eax="----"/></vmw:CpuCompatibilitySection>`,
    {
      kind: 'CpuCompatibility',
      levels: [
        new Map([
          ['level', '1'],
          ['eax', '----'],
        ]),
      ],
    },
  ],
])('%s is understood and no fault', (section, meaning) => {
  const { content, findings } = read({ inner: section });
  expect(meaningsOf(content)).toEqual([meaning]);
  expect(findings.map(({ code }) => code)).toEqual([]);
});

test('resources of a collection are items like those of a machine', () => {
  const { content } = read({
    outer: `<ResourceAllocationSection>${info}<Item ovf:bound="min"><rasd:AllocationUnits>byte * 2^20</rasd:AllocationUnits><rasd:ElementName>m</rasd:ElementName><rasd:InstanceID>0</rasd:InstanceID><rasd:Reservation>300</rasd:Reservation><rasd:ResourceType>4</rasd:ResourceType></Item></ResourceAllocationSection>`,
  });
  expect(meaningsOf(content)).toMatchObject([
    { kind: 'ResourceAllocation', items: [{ resourceType: 4, reservation: 300, bound: 'min' }] },
  ]);
});

test('a placement in a group that is there is no fault, in one that is not it is', () => {
  const group = `<ovf2:PlacementGroupSection ovf2:id="g" ovf2:policy="availability">${info}</ovf2:PlacementGroupSection>`;
  const placement = `<ovf2:PlacementSection ovf2:group="g">${info}</ovf2:PlacementSection>`;
  const sound = read({ outer: group, inner: placement });
  expect(meaningsOf(sound.content)).toEqual([
    { kind: 'PlacementGroup', id: 'g', policy: 'availability', description: undefined },
    { kind: 'Placement', group: 'g' },
  ]);
  expect(sound.findings).toEqual([]);
  expect(read({ inner: placement }).findings).toMatchObject([{ code: 'PLACEMENT_GROUP_UNKNOWN' }]);
});

test('placement by tags is understood, and its faults are found where they are', () => {
  const group = (id: string) =>
    `<vmw:TagBasedPlacementGroupSection ovf:required="false" vmw:id="${id}" vmw:name="n" vmw:priority="1">${info}<vmw:TagCategory vmw:id="c" vmw:name="Security"/><vmw:TagValue vmw:id="t" vmw:name="TPM"/></vmw:TagBasedPlacementGroupSection>`;
  const placement = (id: string) =>
    `<vmw:TagBasedPlacementSection ovf:required="false" vmw:group="${id}">${info}</vmw:TagBasedPlacementSection>`;
  const read = (sections: string, inner: string) =>
    readDescriptor(
      `<Envelope ${namespaces}><References/>${sections}<VirtualSystem ovf:id="vm">${info}${inner}<VirtualHardwareSection>${info}</VirtualHardwareSection></VirtualSystem></Envelope>`,
    );
  const codes = (sections: string, inner: string) => read(sections, inner).findings.map(({ code }) => code);
  const sound = read(group('a') + group('b'), placement('a') + placement('b'));
  expect(sound.findings).toEqual([]);
  expect(sound.sections[0]?.meaning).toEqual({
    kind: 'TagPlacementGroup',
    id: 'a',
    name: 'n',
    priority: 1,
    description: undefined,
    category: { id: 'c', name: 'Security' },
    tag: { id: 't', name: 'TPM' },
  });
  expect(codes(group('a').repeat(2), '')).toEqual(['PLACEMENT_GROUP_DUPLICATE']);
  expect(codes(group('a'), placement('a').repeat(2))).toEqual(['PLACEMENT_GROUP_DUPLICATE']);
  expect(codes('', placement('a'))).toEqual(['PLACEMENT_GROUP_UNKNOWN']);
  expect(codes(placement('a') + group('a'), '')).toEqual(['SECTION_MISPLACED']);
  expect(codes('', group('a'))).toEqual(['SECTION_MISPLACED']);
});

test('counts and files that cannot be are findings', () => {
  const { findings } = read({
    outer: `<ovf2:ScaleOutSection ovf2:id="t">${info}<ovf2:InstanceCount ovf2:minimum="2" ovf2:default="1"/></ovf2:ScaleOutSection>`,
    inner: `<ovf2:EnvironmentFilesSection>${info}<ovf2:File ovf2:fileRef="none" ovf2:path="p"/></ovf2:EnvironmentFilesSection>`,
  });
  expect(findings.map(({ code }) => code)).toEqual(['SCALE_OUT_INVALID', 'FILE_UNKNOWN']);
});

test('disks that are based on each other in a circle are a finding, once', () => {
  const disks = ['a', 'b', 'c'].map(
    (id, at, all) => `<Disk ovf:diskId="${id}" ovf:capacity="1" ovf:parentRef="${all[(at + 1) % 3]}"/>`,
  );
  const { findings } = readDescriptor(
    `<Envelope ${namespaces}><References/><DiskSection>${info}${disks.join('')}</DiskSection><VirtualSystemCollection ovf:id="x">${info}</VirtualSystemCollection></Envelope>`,
  );
  expect(findings.map(({ code }) => code)).toEqual(['DISK_PARENT_CIRCULAR']);
});

const reference = (name: string) => `$`.concat(`{${name}}`);

/** A product section with properties of these values. */
function product(values: Readonly<Record<string, string>>, classId = '') {
  const properties = Object.entries(values).map(
    ([key, value]) => `<Property ovf:key="${key}" ovf:type="string" ovf:value="${value}"/>`,
  );
  return `<ProductSection ovf:class="${classId}">${info}${properties.join('')}</ProductSection>`;
}

const valuesOf = (inner: string, properties?: ReadonlyMap<string, string>) =>
  Object.fromEntries(resolveProperties(read({ inner }), { properties }).map(({ name, value }) => [name, value]));

test('references between properties are filled in, those given by the caller as well', () => {
  const inner =
    product({ host: 'h', domain: 'd.example', name: `${reference('host')}.${reference('domain')}` }) +
    product({ url: `http://${reference('name')}/${reference('c.x')}`, x: '1' }, 'c');
  expect(valuesOf(inner)).toMatchObject({ name: 'h.d.example', 'c.url': 'http://h.d.example/1' });
  expect(valuesOf(inner, new Map([['host', 'k']]))).toMatchObject({ 'c.url': 'http://k.d.example/1' });
});

test('references in a circle, to nowhere or without measure are left as they stand', async () => {
  expect(valuesOf(product({ a: reference('b'), b: reference('a'), c: reference('none') }))).toMatchObject({
    c: reference('none'),
  });
  const bomb = Object.fromEntries(
    Array.from({ length: 60 }, (_, at) => [`p${at}`, reference(`p${at + 1}`).repeat(10)]),
  );
  const sizes = Object.values(valuesOf(product({ ...bomb, p60: 'x' }))).map((value) => value?.length ?? 0);
  expect(Math.max(...sizes)).toBeLessThanOrEqual(65_536);
  expect(await refusalCode(() => resolveProperties(read({}), { option: 'none' }))).toBe('OPTION_UNKNOWN');
});

test('a default that breaks its own rules is a finding that does not repeat it', () => {
  const property = '<Property ovf:key="secret" ovf:type="uint8" ovf:value="hunter2" ovf:qualifiers="MinLen("/>';
  const { findings } = read({ inner: `<ProductSection>${info}${property}</ProductSection>` });
  expect(findings.map(({ code }) => code)).toEqual(['PROPERTY_QUALIFIERS_INVALID', 'PROPERTY_VALUE_INVALID']);
  expect(JSON.stringify(findings)).not.toContain('hunter2');
});

test('properties that refer to what is not there are findings', () => {
  const property = `<Property ovf:key="k" ovf:type="string" ovf:value="${reference('none')}" ovf:configuration="big"><Value ovf:value="x" ovf:configuration="small"/></Property>`;
  const { findings } = read({ inner: `<ProductSection>${info}${property}</ProductSection>` });
  expect(findings.map(({ code }) => code)).toEqual([
    'PROPERTY_CONFIGURATION_UNKNOWN',
    'PROPERTY_REFERENCE_UNKNOWN',
    'PROPERTY_CONFIGURATION_UNKNOWN',
  ]);
});

test('a shared disk is a disk that says so', () => {
  const { disks } = readDescriptor(
    `<Envelope xmlns="http://schemas.dmtf.org/ovf/envelope/2" xmlns:ovf="http://schemas.dmtf.org/ovf/envelope/2"><References/><DiskSection>${info}<Disk ovf:diskId="a" ovf:capacity="1"/></DiskSection><SharedDiskSection>${info}<SharedDisk ovf:diskId="b" ovf:capacity="2" ovf:readOnly="true"/></SharedDiskSection><VirtualSystemCollection ovf:id="x">${info}</VirtualSystemCollection></Envelope>`,
  );
  expect(disks.map(({ diskId, shared }) => [diskId, shared])).toEqual([
    ['a', undefined],
    ['b', { readOnly: true }],
  ]);
});

test('an icon is read with its file, and written', () => {
  const icon = '<Icon ovf:fileRef="f" ovf:mimeType="image/png" ovf:width="16" ovf:height="32"/>';
  const descriptor = read({ inner: `<ProductSection>${info}${icon}</ProductSection>` });
  const iconsOf = (content: Content) =>
    contentsOf(content).flatMap(({ products }) => products.map(({ icons }) => icons));
  const expected = [[{ fileRef: 'f', mimeType: 'image/png', width: 16, height: 32 }]];
  expect(iconsOf(descriptor.content)).toEqual(expected);
  expect(iconsOf(readDescriptor(writeDescriptor(descriptor)).content)).toEqual(expected);
});
