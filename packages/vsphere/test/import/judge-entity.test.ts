import { describe, expect, test } from 'vitest';
import { type SampleRequest, sampleImport } from '../support/import-request.ts';
import { openLeaseScene, samplePlacement } from '../support/lease-scene.ts';
import { VimServerFault } from '../support/vim-server/model.ts';

const sample = (options: Omit<SampleRequest, 'placement'> = {}) =>
  sampleImport({ placement: samplePlacement, ...options });

/** One whose files have not come. */
const announced = (options?: Omit<SampleRequest, 'placement'>) => ({ ...sample(options).request, files: [] });

const textsOf = (remarks: readonly { readonly text: string }[]) => remarks.map(({ text }) => text);

describe.each(['soap', 'vi-json'] as const)('over %s', (transport) => {
  const open = () => openLeaseScene(transport);
  const askedIn = ({ server }: { readonly server: { readonly calls: readonly string[] } }) =>
    server.calls.filter((call) => call.endsWith('CreateImportSpec'));

  test('a request is judged in the words of vSphere, by what they are about, and nothing is made of it', async () => {
    const { inventoryWith, remarks, names, server } = await open();
    const before = names();
    remarks.errors.push(
      new VimServerFault('OvfNoSupportedHardwareFamily', "No supported hardware versions among 'vmx-99'"),
      new VimServerFault('OvfNetworkMappingNotSupported', 'no such network'),
      new VimServerFault('OvfUnsupportedSection', "Unsupported section 'NoteSection'"),
      new VimServerFault('OvfUnsupportedDiskProvisioning', 'no sparse disks'),
      new VimServerFault('InsufficientResourcesFault', 'too small a pool'),
    );
    remarks.warnings.push(new VimServerFault('OvfPropertyQualifierIgnored', 'a qualifier is ignored'));
    expect(await inventoryWith({}).judge(announced())).toEqual({
      errors: [
        { about: 'hardware', text: "vSphere says: No supported hardware versions among 'vmx-99'" },
        { about: 'networks', text: 'vSphere says: no such network' },
        { about: 'package', text: "vSphere says: Unsupported section 'NoteSection'" },
        { about: 'storage', text: 'vSphere says: no sparse disks' },
        { about: 'place', text: 'vSphere says: too small a pool' },
      ],
      warnings: [{ about: 'properties', text: 'vSphere says: a qualifier is ignored' }],
    });
    expect(names()).toEqual(before);
    expect(server.calls.some((call) => call.endsWith('ImportVApp'))).toBe(false);
  });

  test('what was judged good is made without the question being put again; another question is put', async () => {
    const scene = await open();
    const wanted = sample();
    const inventory = scene.inventoryWith(wanted.blobs);
    expect(await inventory.judge({ ...wanted.request, key: 'other', files: [] })).toEqual({ errors: [], warnings: [] });
    await inventory.create(wanted.request);
    expect(askedIn(scene)).toHaveLength(1);
    const placement = { ...samplePlacement, datastore: 'datastore-31' };
    await inventory.judge({ ...wanted.request, entity: { ...wanted.request.entity, placement } });
    expect(askedIn(scene)).toHaveLength(2);
  });

  test('what was refused is asked for anew: the reason may be gone', async () => {
    const { inventoryWith, remarks } = await open();
    const inventory = inventoryWith({});
    remarks.errors.push(new VimServerFault('OvfWrongElement', ''));
    expect((await inventory.judge(announced())).errors).toEqual([
      { about: 'package', text: 'vSphere says: OvfWrongElement' },
    ]);
    remarks.errors.splice(0);
    expect((await inventory.judge(announced())).errors).toEqual([]);
  });

  test('a call that is refused is a judgement; one that cannot be made is an error', async () => {
    const { inventoryWith, server } = await open();
    const inventory = inventoryWith({});
    server.trouble('CreateImportSpec', {
      fault: new VimServerFault('NoPermission', 'Permission denied.', { privilegeId: 'VApp.Import' }),
    });
    expect((await inventory.judge(announced())).errors).toEqual([
      { about: 'privileges', text: expect.stringMatching(/^vSphere says: Permission denied .*VApp\.Import there\.$/) },
    ]);
    server.trouble('CreateImportSpec', { fault: new VimServerFault('InvalidHostState', 'in maintenance') });
    expect((await inventory.judge(announced())).errors).toMatchObject([{ about: 'place' }]);
    server.trouble('CreateImportSpec', { status: 503 }, 100);
    await expect(inventory.judge(announced())).rejects.toMatchObject({ kind: 'SERVICE_UNAVAILABLE' });
  });

  test('what no lease does is told with all the rest, and a deployment from the library may do it', async () => {
    const { inventoryWith, remarks } = await open();
    const { request } = sample({ vapp: 2 });
    const [first, ...others] = request.entity.vms;
    if (first === undefined) return expect.fail('no machine');
    const entity = {
      ...request.entity,
      services: [{ id: 'audit', type: 'com.example.audit', provider: 'p' }],
      vms: [{ ...first, customization: { type: 'XML', xml: '<a/>' } as const }, ...others, first],
    };
    remarks.errors.push(new VimServerFault('OvfUnsupportedType', 'no floppies here'));
    const errors = textsOf((await inventoryWith({}).judge({ ...request, entity })).errors);
    expect(errors).toEqual([
      expect.stringMatching(/app-0 cannot be customized/),
      expect.stringMatching(/service audit cannot be bound/),
      'vSphere says: no floppies here',
      expect.stringMatching(/makes 2 machines of this package, and 3 are wanted/),
    ]);
    const inLibrary = await inventoryWith({}, { way: 'library' }).judge({ ...request, entity });
    expect(textsOf(inLibrary.errors)).toEqual(['vSphere says: no floppies here']);
  });

  test('files that vSphere takes nothing of are told beforehand', async () => {
    const { inventoryWith } = await open();
    const { request } = sample({ media: ['readme.txt'] });
    expect(await inventoryWith({}).judge({ ...request, files: [] })).toEqual({
      errors: [],
      warnings: [{ about: 'package', text: 'vSphere takes no readme.txt of this package: app is made without it.' }],
    });
  });

  test('a file that vSphere asks for and the package does not have is told before a lease begins', async () => {
    const { inventoryWith, remarks } = await open();
    remarks.files.push('disk-1.nvram');
    expect(await inventoryWith({}).judge(announced({ media: ['fw.nvram'] }))).toEqual({
      errors: [{ about: 'package', text: 'vSphere asks for disk-1.nvram, which the package does not have.' }],
      warnings: [],
    });
  });

  test('a vApp without machines is refused, for nothing in it could be found again', async () => {
    const { inventoryWith } = await open();
    const { request } = sample({ vapp: 0 });
    expect(textsOf((await inventoryWith({}).judge(request)).errors)).toEqual([
      'app has no machine, and a lease makes no vApp without any.',
    ]);
    await expect(inventoryWith({}).create(request)).rejects.toMatchObject({ kind: 'UNSUPPORTED' });
  });

  test('files that no host can fetch are told where they are to be fetched, and nobody may send them', async () => {
    const { inventoryWith } = await open();
    const { request } = sample({ disks: [{ size: 10, isGzip: true }, { size: 10 }] });
    const at = { files: new Map([['disk0.vmdk', 'https://files.example.com/disk0.vmdk']]) };
    const judged = async (otherwise: 'fail' | 'send') =>
      inventoryWith({}, { origin: () => ({ kind: 'url', at, otherwise }) }).judge(request);
    expect(textsOf((await judged('fail')).errors)).toEqual([
      'disk0.vmdk is compressed, which no host undoes.',
      'disk1.vmdk is in pieces, or at no address.',
    ]);
    expect((await judged('send')).errors).toEqual([]);
  });

  test('a network that is not there is a judgement about the place', async () => {
    const { inventoryWith } = await open();
    const entity = { networks: [{ name: 'VM Network', target: 'network-none' }] };
    expect((await inventoryWith({}).judge(announced({ entity }))).errors).toEqual([
      { about: 'place', text: 'There is no network network-none for VM Network.' },
    ]);
  });
});
