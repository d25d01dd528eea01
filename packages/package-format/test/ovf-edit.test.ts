import { type DescriptorEdit, editDescriptor, readDescriptor, resolveConfiguration } from '@ovfkit/package-format';
import { describe, expect, test } from 'vitest';
import { descriptor, edited, systemOf, text, utf16 } from './edited-descriptor.ts';
import { refusalCode } from './source.ts';

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
