import {
  type Descriptor,
  type DescriptorEdit,
  editDescriptor,
  readDescriptor,
  resolveConfiguration,
  systemsOf,
} from '@ovfkit/package-format';
import { describe, expect, test } from 'vitest';
import { refusalCode } from './source.ts';

const text = `<?xml version="1.0" encoding="UTF-8"?>
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
const descriptor = readDescriptor(text);

const utf16 = (each: string | number): readonly number[] => {
  const unit = typeof each === 'number' ? each : each.charCodeAt(0);
  return [unit % 256, Math.floor(unit / 256)];
};

function edited(...edits: readonly DescriptorEdit[]): Descriptor {
  return readDescriptor(editDescriptor(descriptor, edits));
}

const systemOf = (one: Descriptor) => {
  const [system] = systemsOf(one.content);
  if (system === undefined) throw new Error('no system');
  return system;
};

test('a descriptor that nobody edits is written as it was read', () => {
  expect(editDescriptor(descriptor, [])).toBe(text);
});

test('an encoding that the text no longer has is declared as UTF-8', () => {
  const declared = text.replace('encoding="UTF-8"', "encoding='utf-16' standalone='no'");
  const bytes = Uint8Array.from([0xfeff, ...declared].flatMap((each) => utf16(each)));
  expect(editDescriptor(readDescriptor(bytes), [])).toBe(declared.replace('utf-16', 'UTF-8'));
});

test('quotes, line breaks, entities and CDATA beside an edit stay as they are written', () => {
  const odd = text
    .replace('ovf:href="a.vmdk" ovf:id="f1"', "ovf:href = 'a.vmdk'\n       ovf:id='f1'")
    .replace('1 &amp; 2', '1 &#x26; 2')
    .replaceAll('\n', '\r\n');
  const after = editDescriptor(readDescriptor(odd), [
    { type: 'setFile', id: 'f1', href: "it's.vmdk" },
    { type: 'setNetwork', name: 'wan' },
  ]);
  expect(after).toBe(
    odd
      .replace("'a.vmdk'", "'it&apos;s.vmdk'")
      .replace('</ovf:Network>', '</ovf:Network>\r\n    <ovf:Network ovf:name="wan"/>'),
  );
});

test('attributes that are new to a descriptor without their prefix declare it once', () => {
  const bare = `<Envelope xmlns="http://schemas.dmtf.org/ovf/envelope/1"><References><File id="f" href="h"/></References></Envelope>`;
  const after = editDescriptor(readDescriptor(bare), [
    { type: 'setFile', id: 'f', size: 1, compression: 'gzip', href: 'other' },
  ]);
  expect(after).toContain(
    '<File id="f" href="other" xmlns:ovf="http://schemas.dmtf.org/ovf/envelope/1" ovf:size="1" ovf:compression="gzip"/>',
  );
  expect(readDescriptor(after).files).toEqual([{ id: 'f', href: 'other', size: 1, compression: 'gzip' }]);
});

test('an edit changes its lines and no others', () => {
  const after = editDescriptor(descriptor, [
    { type: 'setFile', id: 'f1', href: 'c.vmdk', size: 11 },
    { type: 'setExtraConfig', key: 'k', value: 'new' },
    { type: 'setHardwareVersion', version: 'vmx-19' },
  ]).split('\n');
  const changed = text.split('\n').flatMap((line, index) => (line === after[index] ? [] : [after[index]?.trim()]));
  expect(after).toHaveLength(text.split('\n').length);
  expect(changed).toEqual([
    '<ovf:File ovf:href="c.vmdk" ovf:id="f1" ovf:size="11" x:kept="yes"/>',
    '<ovf:System><v:ElementName>Family</v:ElementName><v:InstanceID>0</v:InstanceID><v:VirtualSystemType>vmx-19</v:VirtualSystemType></ovf:System>',
    '<vmw:ExtraConfig ovf:required="false" vmw:key="k" vmw:value="new"/>',
  ]);
});

test('what is added stands on a line of its own, in the prefix of the document', () => {
  const after = editDescriptor(descriptor, [
    { type: 'setNetwork', name: 'wan' },
    { type: 'addFile', id: 'f3', href: 'n.nvram', size: 3 },
  ]);
  expect(after).toContain('</ovf:Network>\n    <ovf:Network ovf:name="wan"/>\n  </ovf:NetworkSection>');
  expect(after).toContain('<ovf:File ovf:id="f3" ovf:href="n.nvram" ovf:size="3"/>\n  </ovf:References>');
});

describe('names', () => {
  test('a new name stands for every language', () => {
    const after = edited({ type: 'rename', name: 'New & better' });
    expect(after.content.name).toBe('New & better');
    expect(editDescriptor(after, [])).not.toContain('<ovf:Name ovf:msgid');
  });

  test('a renamed network takes its adapters along', () => {
    const after = edited({ type: 'renameNetwork', from: 'lan', to: 'prod' });
    expect(after.networks).toMatchObject([{ name: 'prod', description: 'Old' }]);
    expect(resolveConfiguration(after).systems[0]?.nics).toMatchObject([{ network: 'prod' }]);
  });

  test('a network gets a description', () => {
    expect(edited({ type: 'setNetwork', name: 'lan', description: 'New' }).networks).toMatchObject([
      { name: 'lan', description: 'New' },
    ]);
  });
});

describe('properties', () => {
  const propertyOf = (one: Descriptor) => systemOf(one).products[0]?.properties[0];

  test('a value and a label change, the rest of the property stays', () => {
    const after = edited({ type: 'setProperty', key: 'ip', value: '10.0.0.1', label: 'IP', userConfigurable: true });
    expect(propertyOf(after)).toMatchObject({ value: '10.0.0.1', label: 'IP', userConfigurable: true, type: 'string' });
    expect(editDescriptor(after, [])).toContain(
      'ovf:value="10.0.0.1" x:kept="yes" ovf:userConfigurable="true">\n        <ovf:Label>IP</ovf:Label>',
    );
  });

  test('the value of one option changes, that of another it was written with does not', () => {
    const after = edited({ type: 'setProperty', key: 'ip', option: 'a', value: 'w' });
    expect([...(propertyOf(after)?.valuesByConfiguration ?? [])]).toEqual([
      ['b', 'v'],
      ['a', 'w'],
    ]);
  });

  test('one that is not there is added with its type, to the section of its class', () => {
    const after = edited(
      { type: 'setProperty', key: 'n', class: 'com.example', propertyType: 'uint8', value: '3' },
      { type: 'setProperty', key: 'm', propertyType: 'string', label: 'M', description: 'Text' },
    );
    expect(systemOf(after).products).toMatchObject([
      { class: 'com.example', properties: [{ key: 'ip' }, { key: 'n', type: 'uint8', value: '3' }] },
      { properties: [{ key: 'm', type: 'string', label: 'M', description: 'Text' }] },
    ]);
  });

  test('one can be removed', () => {
    expect(propertyOf(edited({ type: 'removeProperty', key: 'ip' }))).toBeUndefined();
  });

  test('product texts stand in the order of the schema', () => {
    const after = edited({ type: 'setProduct', texts: { fullVersion: '2.0 b1', vendor: 'Example', version: '2' } });
    expect(systemOf(after).products[0]).toMatchObject({
      product: 'Thing',
      vendor: 'Example',
      version: '2',
      fullVersion: '2.0 b1',
    });
    expect(editDescriptor(after, [])).toMatch(/<ovf:Product>.*\s*<ovf:Vendor>.*\s*<ovf:Version>.*\s*<ovf:FullVersion>/);
  });
});

describe('licences and annotations', () => {
  test('a licence is replaced, added and removed', () => {
    expect(edited({ type: 'setEula', license: 'two\nlines' }).content.eulas).toMatchObject([{ license: 'two\nlines' }]);
    expect(edited({ type: 'setEula', license: 'more', index: 1 }).content.eulas).toMatchObject([
      { license: '<one>' },
      { license: 'more' },
    ]);
    expect(edited({ type: 'removeEula' }).content.eulas).toEqual([]);
  });

  test('an annotation is made, then changed', () => {
    const once = edited({ type: 'setAnnotation', annotation: 'One' });
    expect(once.content.annotation).toBe('One');
    const twice = readDescriptor(editDescriptor(once, [{ type: 'setAnnotation', annotation: 'Two' }]));
    expect(twice.content.annotation).toBe('Two');
    expect(editDescriptor(twice, [])).not.toContain('One');
  });
});

describe('devices', () => {
  test('a device is added under the next free number, its fields in order', () => {
    const after = edited({
      type: 'addItem',
      item: { resourceType: 10, elementName: 'NIC 2', connection: ['lan'], resourceSubType: 'VmxNet3' },
    });
    expect(systemOf(after).hardware[0]?.items.at(-1)).toMatchObject({
      instanceId: '6',
      connection: ['lan'],
      resourceSubType: 'VmxNet3',
    });
    expect(after.findings.filter(({ severity }) => severity !== 'info')).toEqual([]);
  });

  test('fields of a device are set, new ones among the old in alphabetical order', () => {
    const after = edited({
      type: 'setItem',
      instanceId: '1',
      values: { virtualQuantity: 8, reservation: 100, limit: 200 },
    });
    expect(systemOf(after).hardware[0]?.items[0]).toMatchObject({ virtualQuantity: 8, reservation: 100, limit: 200 });
    expect(editDescriptor(after, [])).toMatch(/InstanceID>1<.*<r:Limit>200<.*<r:Reservation>100<.*<r:ResourceType>3</);
  });

  test('one that others are attached to stays', async () => {
    expect(await refusalCode(() => editDescriptor(descriptor, [{ type: 'removeItem', instanceId: '3' }]))).toBe(
      'EDIT_REFUSED',
    );
    const after = edited({ type: 'removeItem', instanceId: '4' }, { type: 'removeItem', instanceId: '3' });
    expect(systemOf(after).hardware[0]?.items.map(({ instanceId }) => instanceId)).toEqual(['1', '2', '5']);
  });

  test('a removed disk takes its device and its file along', () => {
    const after = edited({ type: 'removeDisk', diskId: 'd1' });
    expect(after.disks).toEqual([]);
    expect(after.files.map(({ id }) => id)).toEqual(['f2']);
    expect(systemOf(after).hardware[0]?.items.map(({ instanceId }) => instanceId)).toEqual(['1', '2', '3', '5']);
  });

  test('a disk is added with its file and device', () => {
    const after = edited(
      { type: 'addFile', id: 'f9', href: 'z.vmdk', size: 7, compression: 'gzip' },
      { type: 'addDisk', diskId: 'd9', capacity: '5', capacityAllocationUnits: 'byte * 2^30', fileRef: 'f9' },
      {
        type: 'addItem',
        item: { resourceType: 17, elementName: 'Disk 2', parent: '3', hostResource: ['ovf:/disk/d9'] },
      },
      { type: 'setDisk', diskId: 'd9', capacity: '6' },
    );
    expect(resolveConfiguration(after).systems[0]?.disks).toMatchObject([
      { diskId: 'd1' },
      { diskId: 'd9', capacity: 6 * 1024 ** 3 },
    ]);
    expect(after.findings.filter(({ severity }) => severity !== 'info')).toEqual([]);
  });

  test('vendor settings come and go', () => {
    const after = edited(
      { type: 'setExtraConfig', key: 'n', value: '1', required: false },
      { type: 'setConfig', key: 'firmware', value: 'efi' },
      { type: 'removeExtraConfig', key: 'k' },
    );
    expect(systemOf(after).hardware[0]).toMatchObject({
      extraConfig: [{ key: 'n', value: '1', required: false }],
      config: [{ key: 'firmware', value: 'efi' }],
    });
  });
});

test('compression and pieces are taken from a file again', () => {
  const packed = edited({ type: 'setFile', id: 'f1', compression: 'gzip', chunkSize: 4 });
  expect(packed.files[0]).toMatchObject({ compression: 'gzip', chunkSize: 4 });
  const plain = editDescriptor(packed, [{ type: 'setFile', id: 'f1', compression: 'identity', chunkSize: 0 }]);
  expect(plain).toBe(text);
});

test.each<DescriptorEdit>([
  { type: 'setFile', id: 'none', size: 1 },
  { type: 'addFile', id: 'f1', href: 'new' },
  { type: 'addFile', id: 'new', href: 'b.iso' },
  { type: 'removeFile', id: 'f1' },
  { type: 'removeFile', id: 'none' },
  { type: 'setDisk', diskId: 'none', capacity: '1' },
  { type: 'addDisk', diskId: 'd1' },
  { type: 'removeDisk', diskId: 'none' },
  { type: 'renameNetwork', from: 'none', to: 'x' },
  { type: 'removeNetwork', name: 'lan' },
  { type: 'removeNetwork', name: 'none' },
  { type: 'rename', name: 'x', system: 'none' },
  { type: 'setProperty', key: 'none', value: 'x' },
  { type: 'removeProperty', key: 'none' },
  { type: 'removeEula', index: 1 },
  { type: 'setEula', license: 'x', index: 2 },
  { type: 'setHardwareVersion', version: 'vmx-19', system: 'none' },
  { type: 'removeExtraConfig', key: 'none' },
  { type: 'addItem', item: { instanceId: '1', resourceType: 3 } },
  { type: 'setItem', instanceId: '99', values: {} },
  { type: 'removeItem', instanceId: '99' },
])('%o is refused', async (edit) => {
  expect(await refusalCode(() => editDescriptor(descriptor, [edit]))).toBe('EDIT_REFUSED');
});

test('a property that two sections have is not guessed', async () => {
  const twice = edited({ type: 'setProperty', key: 'ip', class: 'other', propertyType: 'string' });
  expect(await refusalCode(() => editDescriptor(twice, [{ type: 'setProperty', key: 'ip', value: '1' }]))).toBe(
    'EDIT_REFUSED',
  );
  const after = readDescriptor(editDescriptor(twice, [{ type: 'setProperty', key: 'ip', class: 'other', value: '1' }]));
  expect(systemOf(after).products.map(({ properties }) => properties[0]?.value)).toEqual(['', '1']);
});

test('the oldest dialect is edited in its own words', () => {
  const old =
    readDescriptor(`<Envelope xmlns="http://www.vmware.com/schema/ovf/1/envelope" xmlns:ovf="http://www.vmware.com/schema/ovf/1/envelope" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
    <References/>
    <Content ovf:id="vm" xsi:type="ovf:VirtualSystem_Type"><Info>x</Info>
      <Section xsi:type="ovf:VirtualHardwareSection_Type"><Info>y</Info></Section>
    </Content>
  </Envelope>`);
  const after = readDescriptor(
    editDescriptor(old, [
      { type: 'rename', name: 'new' },
      { type: 'setHardwareVersion', version: 'vmx-07' },
      { type: 'addItem', item: { resourceType: 3, elementName: 'CPU', virtualQuantity: 2 } },
    ]),
  );
  expect(after.version).toBe('0.9');
  expect(after.content).toMatchObject({ name: 'new' });
  expect(systemOf(after).hardware).toMatchObject([
    { system: { virtualSystemType: 'vmx-07' }, items: [{ instanceId: '1', virtualQuantity: 2 }] },
  ]);
});

test('an envelope that lost its namespace is read in lax mode only, and can be edited', async () => {
  const lost = `<Envelope xmlns:ovf="http://schemas.dmtf.org/ovf/envelope/1"><References><File ovf:id="f" ovf:href="a"/></References>
    <VirtualSystem ovf:id="vm"><Info>x</Info><VirtualHardwareSection><Info>x</Info></VirtualHardwareSection></VirtualSystem></Envelope>`;
  expect(await refusalCode(() => readDescriptor(lost))).toBe('DESCRIPTOR_NAMESPACE');
  const lax = readDescriptor(lost, { lax: true });
  expect(lax).toMatchObject({ version: '1.0', files: [{ id: 'f', href: 'a' }], content: { id: 'vm' } });
  expect(lax.findings).toMatchObject([{ code: 'NAMESPACE_MISSING', severity: 'warning' }]);
  const edits: readonly DescriptorEdit[] = [
    { type: 'rename', name: 'new' },
    { type: 'setFile', id: 'f', size: 3 },
  ];
  const again = readDescriptor(editDescriptor(lax, edits), { lax: true });
  expect(again).toMatchObject({ files: [{ size: 3 }], content: { name: 'new' } });
});
