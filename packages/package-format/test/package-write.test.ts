import { openOva, orderMembers, randomAccessOf, readDescriptor, writeOva } from '@ovfkit/package-format';
import { expect, test } from 'vitest';
import { collect, descriptorWith, refusalCode, sourceOf, utf8 } from './source.ts';

const text = descriptorWith({
  references:
    '<File ovf:id="d1" ovf:href="one.vmdk"/><File ovf:id="d2" ovf:href="two.vmdk" ovf:chunkSize="5"/><File ovf:id="de" ovf:href="de.xml"/>',
}).replace('</Envelope>', '<Strings ovf:fileRef="de"/></Envelope>');
const descriptor = readDescriptor(text);
const member = (name: string) => ({ name, size: name.length, bytes: sourceOf(utf8(name)) });

test('members are put into the order of DSP0243', () => {
  const names = [
    'notes.txt',
    'two.vmdk.000000000',
    'two.vmdk.000000001',
    'one.vmdk',
    'de.xml',
    'vm.cert',
    'vm.mf',
    'vm.ovf',
  ];
  const ordered = orderMembers(
    names.map((name) => ({ name })),
    { descriptorName: 'vm.ovf', descriptor },
  ).map(({ name }) => name);
  expect(ordered).toEqual([
    'vm.ovf',
    'vm.mf',
    'vm.cert',
    'de.xml',
    'one.vmdk',
    'two.vmdk.000000000',
    'two.vmdk.000000001',
    'notes.txt',
  ]);
});

test('an archive that is written opens again', async () => {
  const bytes = await collect(writeOva([member('vm.ovf'), member('one.vmdk')]));
  const reader = await openOva(randomAccessOf(bytes));
  expect(reader).toMatchObject({
    descriptorName: 'vm.ovf',
    members: [
      { name: 'vm.ovf', size: 6 },
      { name: 'one.vmdk', size: 8 },
    ],
  });
});

test('an archive that does not begin with its descriptor is not written', async () => {
  expect(await refusalCode(() => collect(writeOva([member('one.vmdk'), member('vm.ovf')])))).toBe('DESCRIPTOR_MISSING');
  expect(await refusalCode(() => collect(writeOva([])))).toBe('DESCRIPTOR_MISSING');
});
