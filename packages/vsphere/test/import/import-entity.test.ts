import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { markMade } from '../../src/index.ts';
import { type SampleRequest, sampleImport } from '../support/import-request.ts';
import { openLeaseScene, samplePlacement } from '../support/lease-scene.ts';
import { addCrowd } from '../support/vim-server/crowd.ts';
import { VimServerFault } from '../support/vim-server/model.ts';

const sample = (options: Omit<SampleRequest, 'placement'> = {}) =>
  sampleImport({ placement: samplePlacement, ...options });

describe.each(['soap', 'vi-json'] as const)('over %s', (transport) => {
  const open = () => openLeaseScene(transport);

  test('disks are posted, images and firmware put, each whole to the device that vSphere made for it', async () => {
    const { inventoryWith, leases, names } = await open();
    const wanted = sample({
      disks: [{ size: 400_000 }, { size: 90_000, isGzip: true }],
      media: ['tools.iso', 'fw.nvram'],
    });
    const ref = await inventoryWith(wanted.blobs).create(wanted.request);
    expect(names()).toContain('app');
    expect(ref).toMatchObject({ type: 'VirtualMachine' });
    expect(leases.requests.map(({ method, overwrite }) => `${method} ${overwrite}`).toSorted()).toEqual([
      'POST ',
      'POST ',
      'PUT t',
      'PUT t',
    ]);
    const digests = [...wanted.contents.values()].map((bytes) => createHash('sha256').update(bytes).digest('hex'));
    expect(leases.requests.map(({ sha256 }) => sha256).toSorted()).toEqual(digests.toSorted());
  });

  test('a vApp comes with its machines, is found again by its key, and is made once', async () => {
    const { inventoryWith, leases, names } = await open();
    const wanted = sample({ name: 'duo', vapp: 2 });
    const inventory = inventoryWith(wanted.blobs);
    const ref = await inventory.create(wanted.request);
    expect(ref.type).toBe('VirtualApp');
    expect(await inventory.create(wanted.request)).toEqual(ref);
    expect(await inventory.made('import-1')).toEqual(ref);
    expect(await inventory.made('import-2')).toBeUndefined();
    expect(names().filter((name) => name.startsWith('duo'))).toEqual(['duo', 'duo-0', 'duo-1']);
    expect(leases.requests).toHaveLength(2);
  });

  test.each([
    ['a machine', { type: 'VirtualMachine', id: 'vm-36' }],
    ['a vApp', { type: 'VirtualApp', id: 'resgroup-v40' }],
  ])('%s that was made otherwise is found by the key that it is marked with', async (_, made) => {
    const { inventoryWith, vim } = await open();
    const inventory = inventoryWith({});
    await markMade(vim, { made, key: 'import-9' });
    expect(await inventory.made('import-9')).toEqual(made);
    await inventory.discard('import-9');
    expect(await inventory.made('import-9')).toBeUndefined();
  });

  test('a machine that is imported into a vApp is not taken for that vApp', async () => {
    const { inventoryWith } = await open();
    const wanted = sample({ entity: { placement: { ...samplePlacement, resourcePool: 'resgroup-v40' } } });
    const inventory = inventoryWith(wanted.blobs);
    const ref = await inventory.create(wanted.request);
    expect(ref.type).toBe('VirtualMachine');
    expect(await inventory.made('import-1')).toEqual(ref);
  });

  test.each([
    ['a machine', {}],
    ['a machine in a vApp', { entity: { placement: { ...samplePlacement, resourcePool: 'resgroup-v40' } } }],
    ['a vApp', { name: 'duo', vapp: 2 }],
    [
      'a vApp in a vApp',
      { name: 'duo', vapp: 2, entity: { placement: { ...samplePlacement, resourcePool: 'resgroup-v40' } } },
    ],
  ])('%s is made, and found again, without a look at the others that there are', async (_, options) => {
    const { inventoryWith, server } = await open();
    const looked = addCrowd(server.model, 50);
    const wanted = sample(options);
    const inventory = inventoryWith(wanted.blobs);
    const ref = await inventory.create(wanted.request);
    expect(await inventory.made('import-1', wanted.request.entity)).toEqual(ref);
    expect(await inventory.create(wanted.request)).toEqual(ref);
    expect(await inventory.vm.list({ names: ['web', 'none'], folders: ['group-v3'] })).toHaveLength(1);
    expect(await inventory.vm.list({ vms: ['vm-36', 'vm-none'] })).toHaveLength(1);
    expect(await inventory.vm.list({ names: ['web', 'none'] })).toHaveLength(1);
    expect(looked()).toBe(0);
    expect(await inventory.made('import-1')).toEqual(ref); // nobody says where it is
    expect(looked()).toBe(50);
  });

  test('what vSphere says of the package is told, all of it, and nothing is made', async () => {
    const { inventoryWith, remarks, names, notices } = await open();
    const before = names();
    const wanted = sample();
    remarks.errors.push(
      new VimServerFault('OvfUnsupportedType', 'no floppies here'),
      new VimServerFault('OvfWrongElement', ''),
    );
    remarks.warnings.push(new VimServerFault('OvfUnknownDevice', 'a strange device'));
    await expect(inventoryWith(wanted.blobs).create(wanted.request)).rejects.toMatchObject({
      kind: 'INVALID_ARGUMENT',
      message: expect.stringMatching(/no floppies here; OvfWrongElement/),
    });
    expect(names()).toEqual(before);
    remarks.errors.splice(0);
    await inventoryWith(wanted.blobs).create(wanted.request);
    expect(notices).toEqual(['a strange device']);
  });

  test('a name that is taken is told by vSphere, and what has it stays', async () => {
    const { inventoryWith, names } = await open();
    const before = names();
    const wanted = sample({ name: 'web' });
    await expect(inventoryWith(wanted.blobs).create(wanted.request)).rejects.toMatchObject({
      kind: 'ALREADY_EXISTS',
      data: { fault: 'DuplicateName' },
    });
    expect(names()).toEqual(before);
  });

  test('an upload that breaks begins anew within the lease, which is told, and ends whole', async () => {
    const { inventoryWith, leases, notices, names } = await open();
    const wanted = sample({ disks: [{ size: 500_000 }] });
    leases.breaks.push(200_000);
    leases.statuses.push(500);
    await inventoryWith(wanted.blobs).create(wanted.request);
    expect(names()).toContain('app');
    expect(leases.requests.length).toBeGreaterThan(1);
    expect(notices[0]).toMatch(/^disk0\.vmdk begins anew: /);
  });

  test('a session that ends at 100 % is opened again, and the import is completed', async () => {
    const { inventoryWith, server, names } = await open();
    const wanted = sample();
    server.trouble('HttpNfcLeaseGetManifest', { meanwhile: () => server.forgetSessions() });
    await inventoryWith(wanted.blobs).create(wanted.request);
    expect(names()).toContain('app');
    expect(server.calls.filter((call) => call.endsWith('SessionManager.Login'))).toHaveLength(2);
  });

  test('an answer to the completion that gets lost is asked for again, and the machine is there once', async () => {
    const { inventoryWith, server, names } = await open();
    const wanted = sample();
    server.trouble('HttpNfcLeaseComplete', { breaks: 'after' });
    await inventoryWith(wanted.blobs).create(wanted.request);
    expect(names().filter((name) => name === 'app')).toHaveLength(1);
  });

  test('a host that tells another digest than was sent ends the import, and nothing is left', async () => {
    const { inventoryWith, leases, names } = await open();
    const before = names();
    const wanted = sample();
    leases.checksum = 'ab'.repeat(32);
    await expect(inventoryWith(wanted.blobs).create(wanted.request)).rejects.toMatchObject({
      kind: 'INVALID_ARGUMENT',
      message: expect.stringMatching(/received something else than disk0\.vmdk.*Nothing was left of app\.$/),
    });
    expect(names()).toEqual(before);
  });

  test('a lease that nobody can renew ends, and the import says so', async () => {
    const { inventoryWith, leases, server, names } = await open();
    const before = names();
    const wanted = sample();
    leases.timeout = 1;
    server.trouble('HttpNfcLeaseProgress', { breaks: 'before' }, 1_000);
    const blobs = {
      async *read() {
        yield new Uint8Array(10);
        await new Promise(() => {}); // a source that stands still, for longer than the lease lasts
      },
    };
    await expect(inventoryWith(blobs).create(wanted.request)).rejects.toMatchObject({
      kind: 'TIMED_OUT',
      message: expect.stringContaining('Nothing was left of app.'),
    });
    expect(names()).toEqual(before);
  });

  test('a lease that vSphere ends while bytes move ends the import at once', async () => {
    const { inventoryWith, leases, names } = await open();
    const before = names();
    const wanted = sample();
    leases.timeout = 2;
    const blobs = {
      async *read() {
        yield new Uint8Array(10);
        leases.expire();
        await new Promise(() => {});
      },
    };
    await expect(inventoryWith(blobs).create(wanted.request)).rejects.toMatchObject({ kind: 'TIMED_OUT' });
    expect(names()).toEqual(before);
  });

  test('a lease that fails before it is ready says why', async () => {
    const { inventoryWith, leases, names } = await open();
    const before = names();
    const wanted = sample();
    leases.failure = new VimServerFault('InsufficientStorageSpace', 'no room on ssd');
    await expect(inventoryWith(wanted.blobs).create(wanted.request)).rejects.toMatchObject({
      kind: 'UNABLE_TO_ALLOCATE_RESOURCE',
      message: expect.stringMatching(/^The lease failed: no room on ssd/),
    });
    expect(names()).toEqual(before);
  });

  test('a name that is taken is told when it is the lease that says so', async () => {
    const { inventoryWith, leases } = await open();
    const wanted = sample();
    leases.failure = new VimServerFault('FileAlreadyExists', '*types.FileAlreadyExists');
    await expect(inventoryWith(wanted.blobs).create(wanted.request)).rejects.toMatchObject({
      kind: 'ALREADY_EXISTS',
      message: expect.stringMatching(/^There is something with the name app already: /),
    });
  });

  test('what a dead import left is removed when its lease lets go, and made anew', async () => {
    const { inventoryWith, leases, names, vim, server } = await open();
    const wanted = sample();
    leases.timeout = 1;
    const stuck = {
      async *read() {
        yield new Uint8Array(10);
        await new Promise(() => {});
      },
    };
    // what a killed process does: nothing, from the moment on that its machine is there
    server.trouble('HttpNfcLeaseProgress', { status: 503 }, 1_000);
    server.trouble('HttpNfcLeaseAbort', { status: 503 }, 1_000);
    server.trouble('Destroy_Task', { status: 503 });
    await expect(inventoryWith(stuck).create(wanted.request)).rejects.toMatchObject({ kind: 'TIMED_OUT' });
    expect(vim.transport).toBe(transport);
    leases.timeout = 300;
    await inventoryWith(wanted.blobs).create({ ...wanted.request });
    expect(names().filter((name) => name === 'app')).toHaveLength(1);
  });

  const steps = ['CreateImportSpec', 'ImportVApp', 'HttpNfcLeaseSetManifestChecksumType', 'HttpNfcLeaseGetManifest'];
  test.each(steps)('given up during %s it leaves nothing', async (step) => {
    const { inventoryWith, server, leases, names } = await open();
    const before = names();
    const wanted = sample();
    const stop = new AbortController();
    const reason = new Error('given up');
    server.trouble(step, { meanwhile: () => stop.abort(reason) });
    const making = inventoryWith(wanted.blobs).create(wanted.request, { signal: stop.signal });
    await expect(making).rejects.toBe(reason);
    await leases.settled();
    expect(names()).toEqual(before);
  });

  test('a host that cannot be reached is named, and nothing is left', async () => {
    const { inventoryWith, leases, names } = await open();
    const before = names();
    const wanted = sample();
    leases.statuses.push(...Array.from({ length: 10 }, () => 404));
    await expect(inventoryWith(wanted.blobs).create(wanted.request)).rejects.toMatchObject({
      kind: 'NOT_FOUND',
      message: expect.stringMatching(/127\.0\.0\.1:\d+ answered 404.*Nothing was left of app\.$/),
    });
    expect(names()).toEqual(before);
  });
});
