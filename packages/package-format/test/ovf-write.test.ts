import { readDescriptor, writeDescriptor } from '@ovfkit/package-format';
import { expect, test } from 'vitest';
import { descriptorWith, item, refusalCode } from './source.ts';

const system = { kind: 'VirtualSystem', id: 'vm' } as const;

test('the least that can be written reads back without findings but for the hardware', () => {
  const text = writeDescriptor({ content: { ...system, hardware: [{ items: [] }] } });
  expect(readDescriptor(text).findings).toEqual([]);
  expect(text).toContain('<Info>Virtual hardware</Info>');
});

test('unknown sections are written as they were read', () => {
  const section = '<x:New xmlns:x="urn:x" ovf:required="false"><Info>why</Info><x:Deep a="&lt;"/></x:New>';
  const first = readDescriptor(
    descriptorWith({ sections: section, hardware: item({ InstanceID: 1, ResourceType: 3, VirtualQuantity: 1 }) }),
  );
  const text = writeDescriptor(first);
  expect(text).toContain('<x:New xmlns:x="urn:x" ovf:required="false"><Info>why</Info><x:Deep a="&lt;"/></x:New>');
  expect(readDescriptor(text).sections).toMatchObject([
    { name: 'New', namespace: 'urn:x', info: 'why', required: false },
  ]);
});

test('the elements of an item are in the order of the schema', () => {
  const text = writeDescriptor({
    content: {
      ...system,
      hardware: [
        {
          items: [
            {
              instanceId: '7',
              resourceType: 17,
              parent: '3',
              addressOnParent: '0',
              hostResource: ['ovf:/disk/d'],
              elementName: 'Disk',
              allocationUnits: 'byte',
            },
          ],
        },
      ],
    },
  });
  const names = [...text.matchAll(/<rasd:(\w+)>/g)].map(([, name]) => name);
  expect(names).toEqual([
    'AddressOnParent',
    'AllocationUnits',
    'ElementName',
    'HostResource',
    'InstanceID',
    'Parent',
    'ResourceType',
  ]);
});

test('bundles are written with their messages, external ones with their reference as well', () => {
  const text = writeDescriptor({
    files: [{ id: 'de', href: 'de.xml' }],
    content: system,
    bundles: [
      { locale: 'de', fileRef: 'de', messages: new Map([['a', 'eins']]) },
      { locale: 'en', messages: new Map([['a', 'one']]) },
    ],
  });
  expect(readDescriptor(text).bundles).toEqual([
    { locale: 'de', fileRef: 'de', messages: new Map([['a', 'eins']]) },
    { locale: 'en', messages: new Map([['a', 'one']]) },
  ]);
});

test('text that XML cannot hold is refused', async () => {
  expect(await refusalCode(() => writeDescriptor({ content: { ...system, name: 'a\u0000b' } }))).toBe('VALUE_INVALID');
});

test('port profiles of networks and settings of ports survive writing, in OVF 2.x', () => {
  const cim = 'http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_';
  const profile = `<NetworkPortProfile><Item><e:InstanceID>1</e:InstanceID><e:PortVID>7</e:PortVID></Item></NetworkPortProfile>`;
  const uri = '<NetworkPortProfileURI>http://a.example/one.xml</NetworkPortProfileURI>';
  const text = `<Envelope xmlns="http://schemas.dmtf.org/ovf/envelope/2" xmlns:o="http://schemas.dmtf.org/ovf/envelope/2" xmlns:e="${cim}EthernetPortAllocationSettingData" xmlns:v="${cim}VirtualSystemSettingData"><References/>
    <NetworkSection><Info>i</Info><Network o:name="A"><Description>d</Description>${uri}${profile}</Network></NetworkSection>
    <VirtualSystem o:id="vm"><Info>i</Info><VirtualHardwareSection><Info>i</Info>
      <System><v:ElementName>f</v:ElementName><v:InstanceID>0</v:InstanceID><v:Notes>kept</v:Notes></System>
      <EthernetPortItem><e:AllowedToReceiveVLANs>1</e:AllowedToReceiveVLANs><e:AllowedToReceiveVLANs>2</e:AllowedToReceiveVLANs>
        <e:Caption>c</e:Caption><e:ElementName>n</e:ElementName><e:InstanceID>1</e:InstanceID><e:ResourceType>10</e:ResourceType></EthernetPortItem>
    </VirtualHardwareSection></VirtualSystem></Envelope>`;
  const written = writeDescriptor(readDescriptor(text));
  expect(written).toMatch(/<e:PortVID[^>]*>7</);
  const { networks, content } = readDescriptor(written);
  expect(networks).toMatchObject([
    {
      portProfiles: [{ uri: 'http://a.example/one.xml' }, { uri: undefined, element: { name: 'NetworkPortProfile' } }],
    },
  ]);
  const settings = [
    { name: 'AllowedToReceiveVLANs', value: '1' },
    { name: 'AllowedToReceiveVLANs', value: '2' },
    { name: 'Caption', value: 'c' },
  ];
  const system = { settings: [{ name: 'Notes', value: 'kept' }] };
  expect(content).toMatchObject({ hardware: [{ system, items: [{ elementName: 'n', settings }] }] });
});
