import {
  type Descriptor,
  type DescriptorEdit,
  editDescriptor,
  readDescriptor,
  systemsOf,
  writeDescriptor,
} from '@ovfkit/package-format';
import { describe, expect, test } from 'vitest';
import { refusalCode } from './source.ts';

const items = [
  { instanceId: '1', resourceType: 3, virtualQuantity: 1 },
  { instanceId: '1', resourceType: 3, virtualQuantity: 4, configurations: ['large'] },
  { instanceId: '2', resourceType: 4, virtualQuantity: 512, allocationUnits: 'byte * 2^20' },
  {
    instanceId: '2',
    resourceType: 4,
    virtualQuantity: 64,
    allocationUnits: 'byte * 2^20',
    configurations: ['small', 'large'],
  },
  { instanceId: '3', resourceType: 6 },
  { instanceId: '4', resourceType: 17, parent: '3', hostResource: ['ovf:/disk/system'] },
  { instanceId: '5', resourceType: 17, parent: '3', hostResource: ['ovf:/disk/shared'] },
  { instanceId: '6', resourceType: 15, hostResource: ['ovf:/file/iso'] },
  { instanceId: '7', resourceType: 10, connection: ['lan'] },
];
const property = { type: 'string', userConfigurable: true };

function textOf(version: '1.0' | '2.0'): string {
  return writeDescriptor({
    version,
    files: [
      { id: 'a', href: 'a.vmdk' },
      { id: 'b', href: 'b.vmdk' },
      { id: 'iso', href: 'c.iso' },
    ],
    disks: [
      { diskId: 'system', capacity: '1', fileRef: 'a' },
      { diskId: 'shared', capacity: '2', fileRef: 'b' },
    ],
    networks: [{ name: 'lan' }],
    deploymentOptions: [
      { id: 'small', label: 'Small', isDefault: true },
      { id: 'large', label: 'Large', isDefault: false },
    ],
    content: {
      kind: 'VirtualSystemCollection',
      id: 'all',
      products: [
        {
          properties: [
            { ...property, key: 'always', value: 'x', valuesByConfiguration: new Map([['large', 'y']]) },
            { ...property, key: 'large-only', configurations: ['large'] },
          ],
        },
      ],
      sections: [{ meaning: { kind: 'Startup', items: [startup('one', 1)] } }],
      children: ['one', 'two'].map((id) => ({
        kind: 'VirtualSystem',
        id,
        operatingSystem: { id: 94, version: '20', description: 'Ubuntu', osType: 'ubuntu64Guest' },
        hardware: [{ items: id === 'one' ? items : items.filter(({ instanceId }) => instanceId !== '4') }],
      })),
    },
  });
}

function startup(id: string, order: number) {
  const delays = { startDelay: 0, stopDelay: 0, waitingForGuest: false };
  return { id, order, ...delays, startAction: 'powerOn', stopAction: 'powerOff' };
}

const text = textOf('1.0');
const descriptor = readDescriptor(text);
const edited = (...edits: readonly DescriptorEdit[]) => readDescriptor(editDescriptor(descriptor, edits));
const itemsIn = (one: Descriptor, system: string) =>
  systemsOf(one.content).find(({ id }) => id === system)?.hardware[0]?.items ?? [];
const refused = (...edits: readonly DescriptorEdit[]) => refusalCode(() => editDescriptor(descriptor, edits));

test('the descriptor to be edited has no fault', () => {
  expect(descriptor.findings).toEqual([]);
});

describe('deployment options', () => {
  test('one that is added and removed again leaves no trace', () => {
    const added = edited({ type: 'setOption', id: 'huge', label: 'Huge', description: 'All of it' });
    expect(added.deploymentOptions.at(-1)).toMatchObject({ id: 'huge', label: 'Huge', description: 'All of it' });
    expect(editDescriptor(added, [{ type: 'removeOption', id: 'huge' }])).toBe(text);
  });

  test('what is said of one changes, and the rest of it stays', () => {
    const [small] = edited({ type: 'setOption', id: 'small', description: 'For a try' }).deploymentOptions;
    expect(small).toMatchObject({ id: 'small', label: 'Small', description: 'For a try', isDefault: true });
  });

  test('only one is the default', () => {
    const after = edited({ type: 'setDefaultOption', id: 'large' });
    expect(after.deploymentOptions.map(({ isDefault }) => isDefault)).toEqual([false, true]);
    expect(after.findings).toEqual([]);
  });

  test('what exists under a removed option alone goes with it, what others share stays with them', () => {
    const after = edited({ type: 'removeOption', id: 'large' });
    expect(after.findings).toEqual([]);
    expect(after.deploymentOptions.map(({ id }) => id)).toEqual(['small']);
    expect(itemsIn(after, 'one').map(({ instanceId, configurations }) => [instanceId, configurations])).toEqual([
      ['1', []],
      ['2', []],
      ['2', ['small']],
      ...['3', '4', '5', '6', '7'].map((id) => [id, []]),
    ]);
    const [always, ...others] = after.content.products[0]?.properties ?? [];
    expect([always?.valuesByConfiguration.size, others]).toEqual([0, []]);
  });

  test('the last one takes its section along', () => {
    const after = editDescriptor(descriptor, [
      { type: 'removeOption', id: 'large' },
      { type: 'removeOption', id: 'small' },
    ]);
    expect(after).not.toContain('DeploymentOptionSection');
    expect(after).not.toContain('configuration');
  });

  test('one that is not there can neither be removed nor be the default', async () => {
    expect(await refused({ type: 'removeOption', id: 'huge' })).toBe('EDIT_REFUSED');
    expect(await refused({ type: 'setDefaultOption', id: 'huge' })).toBe('EDIT_REFUSED');
  });
});

describe('sections', () => {
  test('a new order of starting replaces the old one', () => {
    const meaning = { kind: 'Startup' as const, items: [startup('two', 1), startup('one', 2)] };
    const after = edited({ type: 'setSection', meaning });
    expect(after.content.sections.map((section) => section.meaning)).toEqual([meaning]);
    expect(after.findings).toEqual([]);
  });

  test('a boot device, an IP assignment and groups by their ids are added where they are missing', () => {
    const group = (id: string, name: string) => ({ kind: 'StorageGroup' as const, id, name });
    const after = edited(
      { type: 'setSection', system: 'one', meaning: { kind: 'BootOrder', deviceType: 'cdrom', instanceId: '6' } },
      { type: 'setSection', meaning: { kind: 'IpAssignment', protocols: ['IPv4'], schemes: ['dhcp'] } },
      { type: 'setSection', meaning: group('fast', 'Fast') },
      { type: 'setSection', meaning: group('slow', 'Slow') },
      { type: 'setSection', meaning: group('fast', 'Faster') },
    );
    expect(after.findings).toEqual([]);
    expect(after.content.sections.map(({ name }) => name)).toEqual([
      'StartupSection',
      'IpAssignmentSection',
      'StorageGroupSection',
      'StorageGroupSection',
    ]);
    expect(after.content.sections[2]?.meaning).toMatchObject({ id: 'fast', name: 'Faster' });
    expect(systemsOf(after.content)[0]?.sections[0]?.meaning).toMatchObject({ kind: 'BootOrder', instanceId: '6' });
  });

  test('one can be removed, but not what the model has a field for', async () => {
    expect(edited({ type: 'removeSection', name: 'StartupSection' }).content.sections).toEqual([]);
    expect(await refused({ type: 'removeSection', name: 'VirtualHardwareSection', system: 'one' })).toBe(
      'EDIT_REFUSED',
    );
  });

  test('the guest system changes in what is said of it', () => {
    const after = edited(
      { type: 'setOperatingSystem', system: 'one', id: 96, description: 'Debian' },
      { type: 'setOperatingSystem', system: 'two', osType: 'other3xLinux64Guest' },
    );
    expect(systemsOf(after.content).map(({ operatingSystem }) => operatingSystem)).toEqual([
      { id: 96, version: '20', description: 'Debian', osType: 'ubuntu64Guest' },
      { id: 94, version: '20', description: 'Ubuntu', osType: 'other3xLinux64Guest' },
    ]);
  });

  test('the transport of properties is set, and taken away', () => {
    const after = edited({ type: 'setTransport', transport: ['iso', 'com.vmware.guestInfo'] });
    expect(systemsOf(after.content)[1]?.hardware[0]?.transport).toEqual(['iso', 'com.vmware.guestInfo']);
    expect(editDescriptor(after, [{ type: 'setTransport', transport: [] }])).toBe(text);
  });
});

describe('devices', () => {
  test('one goes with what is attached to it, and with disks and files that nobody else uses', () => {
    const after = edited({ type: 'removeDevice', instanceId: '3', system: 'one' });
    expect(itemsIn(after, 'one').map(({ instanceId }) => instanceId)).toEqual(['1', '1', '2', '2', '6', '7']);
    expect(after.disks.map(({ diskId }) => diskId)).toEqual(['shared']);
    expect(after.files.map(({ id }) => id)).toEqual(['b', 'iso']);
    expect(after.findings).toEqual([]);
  });

  test('a file that several devices need goes with the last of them', () => {
    const once = edited({ type: 'removeDevice', instanceId: '6', system: 'one' });
    expect(once.files.map(({ id }) => id)).toContain('iso');
    const twice = readDescriptor(editDescriptor(once, [{ type: 'removeDevice', instanceId: '6', system: 'two' }]));
    expect(twice.files.map(({ id }) => id)).not.toContain('iso');
  });

  test('a new one is refused when what it refers to is not there', async () => {
    const add = (item: object) => refused({ type: 'addItem', system: 'one', item: { resourceType: 17, ...item } });
    expect(await add({ parent: '99' })).toBe('EDIT_REFUSED');
    expect(await add({ hostResource: ['ovf:/disk/nope'] })).toBe('EDIT_REFUSED');
    expect(await add({ hostResource: ['ovf:/file/nope'] })).toBe('EDIT_REFUSED');
    expect(await add({ resourceType: 10, connection: ['wan'] })).toBe('EDIT_REFUSED');
    expect(await refused({ type: 'removeDevice', instanceId: '99' })).toBe('EDIT_REFUSED');
  });

  test('in OVF 2.x an adapter and a disk get items of their own kind, where the schema has them', () => {
    const later = readDescriptor(textOf('2.0'));
    const written = editDescriptor(later, [
      { type: 'addItem', system: 'one', item: { resourceType: 10, connection: ['lan'] } },
      { type: 'addItem', system: 'one', item: { resourceType: 17, parent: '3', hostResource: ['ovf:/disk/system'] } },
      { type: 'setSection', meaning: { kind: 'PlacementGroup', id: 'g', policy: 'affinity' } },
    ]);
    const kinds = [...written.matchAll(/<(Item|EthernetPortItem|StorageItem)\b/g)].map(([, kind]) => kind);
    // the first is that of the order of starting
    expect(kinds.slice(1, 12)).toEqual([
      ...Array.from({ length: 5 }, () => 'Item'),
      ...Array.from({ length: 2 }, () => 'EthernetPortItem'),
      ...Array.from({ length: 4 }, () => 'StorageItem'),
    ]);
    expect(readDescriptor(written).findings).toEqual([]);
    expect(written).toContain('<PlacementGroupSection ovf:id="g" ovf:policy="affinity">');
  });
});
