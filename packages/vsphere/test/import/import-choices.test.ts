import { describe, expect, test } from 'vitest';
import { itemsOf } from '../../src/vim/vim-shape.ts';
import { type SampleRequest, sampleImport } from '../support/import-request.ts';
import { openLeaseScene, samplePlacement } from '../support/lease-scene.ts';
import { isObject, propertyOf, sampleOf } from '../support/vim-server/model.ts';

const sample = (options: Omit<SampleRequest, 'placement'> = {}) =>
  sampleImport({ placement: samplePlacement, ...options });

describe.each(['soap', 'vi-json'] as const)('over %s', (transport) => {
  const open = () => openLeaseScene(transport);

  test('the spec goes back as it came, but for marks, annotation and what was chosen', async () => {
    const { inventoryWith, server } = await open();
    const wanted = sample({
      disks: [
        { size: 10, choice: { provisioning: 'thin' } },
        { size: 10, choice: { provisioning: 'eagerZeroedThick', datastore: 'datastore-31', storageProfile: 'p2' } },
      ],
      entity: { placement: { ...samplePlacement, storageProfile: 'gold' } },
      parameters: [{ type: 'ExtraConfigParams', extraConfigs: [{ key: 'guestinfo.note', value: 'hi' }] }],
    });
    const annotated = {
      ...wanted.request,
      entity: {
        ...wanted.request.entity,
        vms: wanted.request.entity.vms.map((vm) => ({ ...vm, annotation: 'a "note" ☃' })),
      },
    };
    const { id } = await inventoryWith(wanted.blobs).create(annotated);
    const config = propertyOf(sampleOf(server.model, id).properties, 'config.spec.configSpec');
    if (!isObject(config)) return expect.fail('no spec');
    expect(Object.keys(config).filter((name) => name !== '_typeName')).toEqual([
      'name',
      'version',
      'annotation',
      'numCPUs',
      'memoryMB',
      'deviceChange',
      'extraConfig',
      'vmProfile',
    ]);
    expect(config['annotation']).toBe('a "note" ☃');
    const marks = itemsOf(config['extraConfig'])
      .filter(isObject)
      .map(({ key }) => key);
    expect(marks).toEqual(['guestinfo.note', 'ovfkit.import', 'ovfkit.import.level']);
    const [first, second] = itemsOf(config['deviceChange']).filter(isObject);
    expect(JSON.stringify(propertyOf(first ?? {}, 'device.backing'))).toContain('"thinProvisioned":');
    expect(propertyOf(second ?? {}, 'device.backing.fileName')).toBe('[archive]');
    expect(propertyOf(second ?? {}, 'device.backing.datastore.value')).toBe('datastore-31');
    expect(String(propertyOf(second ?? {}, 'device.backing.eagerlyScrub'))).toBe('true');
    expect(itemsOf(second?.['profile'])).toMatchObject([{ profileId: 'p2' }]);
  });

  test('what was chosen goes into the question: network, option, properties, addresses, format, leniency', async () => {
    const { inventoryWith, remarks } = await open();
    const property = { type: 'boolean', userConfigurable: true, password: false };
    const wanted = sample({
      disks: [{ size: 10, choice: { provisioning: 'thin' } }],
      entity: {
        deploymentOption: 'small',
        networks: [{ name: 'VM Network', target: 'dvportgroup-33' }],
        ipAllocation: { policy: 'STATIC_MANUAL', protocol: 'IPV4' },
        products: [
          {
            properties: [
              { ...property, classId: 'net', id: 'ssh', instanceId: '1', value: 'true' },
              { ...property, id: 'hidden', userConfigurable: false, value: 'false' },
            ],
          },
        ],
      },
    });
    await inventoryWith(wanted.blobs).create({ ...wanted.request, flags: ['LAX'] });
    const [cisp] = remarks.asked;
    expect(cisp).toMatchObject({
      entityName: 'app',
      deploymentOption: 'small',
      ipAllocationPolicy: 'fixedPolicy',
      ipProtocol: 'IPv4',
      diskProvisioning: 'thin',
    });
    expect(itemsOf(cisp?.['importOption'])).toEqual(['lax']);
    expect(itemsOf(cisp?.['propertyMapping'])).toMatchObject([{ key: 'net.ssh.1', value: 'True' }]);
    const network = { type: 'DistributedVirtualPortgroup', value: 'dvportgroup-33' };
    expect(itemsOf(cisp?.['networkMapping'])).toMatchObject([{ name: 'VM Network', network }]);
  });

  test('what no lease can do is refused before anything is asked', async () => {
    const { inventoryWith, remarks } = await open();
    const wanted = sample();
    const [vm] = wanted.request.entity.vms;
    const customized = {
      ...wanted.request.entity,
      vms: vm === undefined ? [] : [{ ...vm, customization: { type: 'XML', xml: '<a/>' } as const }],
    };
    const create = inventoryWith(wanted.blobs).create({ ...wanted.request, entity: customized });
    await expect(create).rejects.toMatchObject({ kind: 'UNSUPPORTED' });
    expect(remarks.asked).toEqual([]);
  });
});
