import { editDescriptor, resolveConfiguration } from '@ovfkit/package-format';
import { describe, expect, test } from 'vitest';
import { descriptor, edited, systemOf } from './edited-descriptor.ts';
import { refusalCode } from './source.ts';

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
