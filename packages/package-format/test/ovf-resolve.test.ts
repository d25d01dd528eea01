import { readDescriptor, resolveConfiguration, summarize } from '@ovfkit/package-format';
import { expect, test } from 'vitest';
import { descriptorWith, item, refusalCode } from './source.ts';

const cpus = (quantity: number, attributes = '') =>
  item({ ElementName: 'CPU', InstanceID: 1, ResourceType: 3, VirtualQuantity: quantity }, attributes);
const memory = (values: Record<string, string | number>, attributes = '') =>
  item({ ElementName: 'Memory', InstanceID: 2, ResourceType: 4, ...values }, attributes);
const hardDisk = (instance: number, id: string, attributes = '') =>
  item({ ElementName: 'Disk', HostResource: `ovf:/disk/${id}`, InstanceID: instance, ResourceType: 17 }, attributes);
const options =
  '<DeploymentOptionSection><Info/><Configuration ovf:id="small"/><Configuration ovf:id="large" ovf:default="true"/></DeploymentOptionSection>';

const sized = readDescriptor(
  descriptorWith({
    references:
      '<File ovf:id="a" ovf:href="a.vmdk"/><File ovf:id="b" ovf:href="b.vmdk"/><File ovf:id="base" ovf:href="base.vmdk"/><File ovf:id="iso" ovf:href="x.iso"/>',
    sections: `<DiskSection><Info/><Disk ovf:diskId="a" ovf:fileRef="a" ovf:capacity="\${size}" ovf:capacityAllocationUnits="byte * 2^30"/>
      <Disk ovf:diskId="b" ovf:fileRef="b" ovf:capacity="2" ovf:parentRef="base"/><Disk ovf:diskId="base" ovf:fileRef="base" ovf:capacity="2"/></DiskSection>${options}`,
    products:
      '<ProductSection ovf:class="c"><Info/><Property ovf:key="size" ovf:type="uint32" ovf:value="5"><Value ovf:value="7" ovf:configuration="large"/></Property></ProductSection>',
    hardware:
      cpus(1) +
      cpus(8, ' ovf:configuration="large other"') +
      cpus(2, ' ovf:bound="min"') +
      memory({ AllocationUnits: 'byte * 2^30', VirtualQuantity: 1 }) +
      memory({ VirtualQuantity: 4 }, ' ovf:configuration="large"') +
      hardDisk(10, 'a') +
      hardDisk(11, 'b', ' ovf:configuration="small"'),
  }),
);

test('the default option is in force when none is named', () => {
  const { option, systems } = resolveConfiguration(sized);
  expect(option).toBe('large');
  expect(systems[0]).toMatchObject({ cpus: 8, disks: [{ diskId: 'a' }] });
});

test('items that name the option replace those that name none; bounds do not count', () => {
  const { systems } = resolveConfiguration(sized, { option: 'small' });
  expect(systems[0]).toMatchObject({ cpus: 1, memory: 1024 ** 3, disks: [{ diskId: 'a' }, { diskId: 'b' }] });
});

test('an override without a unit has that of the item it replaces', () => {
  expect(resolveConfiguration(sized).systems[0]?.memory).toBe(4 * 1024 ** 3);
});

test('a capacity can be a property: given, of the option, or its default', () => {
  const capacity = (choice: Parameters<typeof resolveConfiguration>[1]) =>
    resolveConfiguration(sized, choice).systems[0]?.disks[0]?.capacity;
  expect(capacity({ option: 'small' })).toBe(5 * 1024 ** 3);
  expect(capacity({})).toBe(7 * 1024 ** 3);
  expect(capacity({ properties: new Map([['size', '9']]) })).toBe(9 * 1024 ** 3);
  expect(capacity({ properties: new Map([['c.size', '11']]) })).toBe(11 * 1024 ** 3);
  expect(capacity({ properties: new Map([['size', 'big']]) })).toBeUndefined();
});

test('files of disks that no system uses are not needed; base disks and other files are', () => {
  const files = (option: string) => resolveConfiguration(sized, { option }).files.map(({ id }) => id);
  expect(files('large')).toEqual(['a', 'iso']);
  expect(files('small')).toEqual(['a', 'b', 'base', 'iso']);
});

test('an option that does not exist is refused', async () => {
  expect(await refusalCode(() => resolveConfiguration(sized, { option: 'huge' }))).toBe('OPTION_UNKNOWN');
  expect(await refusalCode(() => summarize(sized, { option: '' }))).toBe('OPTION_UNKNOWN');
});

test('what the descriptor does not say is null in a summary', () => {
  const summary = summarize(
    readDescriptor(
      descriptorWith({
        references: '<File ovf:id="a" ovf:href="a"/>',
        hardware: item({ InstanceID: 5, ResourceType: 10 }),
      }),
    ),
  );
  expect(summary).toMatchObject({
    systems: [{ id: 'vm', name: null, cpus: null, memoryMiB: null, nics: [{ network: null, type: null }] }],
    files: [{ size: null }],
    eulas: 0,
  });
});

test('base disks that refer to each other in a circle do not hang', () => {
  const descriptor = readDescriptor(
    descriptorWith({
      sections:
        '<DiskSection><Info/><Disk ovf:diskId="a" ovf:capacity="1" ovf:parentRef="b"/><Disk ovf:diskId="b" ovf:capacity="1" ovf:parentRef="a"/></DiskSection>',
      hardware: hardDisk(1, 'a'),
    }),
  );
  expect(resolveConfiguration(descriptor).systems[0]?.disks).toHaveLength(1);
});
