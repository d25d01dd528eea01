import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { collect } from '@ovfkit/conformance';
import type { BlobStore, Staged, Staging } from '@ovfkit/domain';
import { readDescriptor } from '@ovfkit/package-format';
import { openLocalStore } from '@ovfkit/store-local';
import { describe, expect, onTestFinished, test } from 'vitest';
import { findSnapshots } from '../../src/export/snapshot.ts';
import { itemsOf } from '../../src/vim/vim-shape.ts';
import { openLeaseScene } from '../support/lease-scene.ts';
import { bytesOfDevice } from '../support/vim-server/export-methods.ts';
import {
  change,
  isObject,
  propertyOf,
  type ServedObject,
  sampleOf,
  VimServerFault,
} from '../support/vim-server/model.ts';

async function localBlobs(): Promise<BlobStore> {
  const folder = await mkdtemp(join(tmpdir(), 'ovfkit-stage-'));
  const store = await openLocalStore(folder);
  onTestFinished(async () => {
    await store.close();
    await rm(folder, { recursive: true, force: true });
  });
  return store.blobs;
}

const staging = (id: string, flags: readonly string[] = [], type = 'VirtualMachine'): Staging => ({
  ref: { type, id },
  prefix: 'export/1/staged',
  flags,
});

function partsOf(staged: Staged): Exclude<Staged, { readonly entity: unknown }> {
  if ('entity' in staged) return expect.fail('no descriptor');
  return staged;
}

async function* one(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

/** As a start does, by its log. */
function grow({ properties }: ServedObject): void {
  const file = itemsOf(propertyOf(properties, 'layoutEx.file')).filter(isObject);
  properties['layoutEx'] = {
    _typeName: 'VirtualMachineFileLayoutEx',
    file: file.map((each) => ({ ...each, size: 7 })),
  };
}

const digest = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

describe.each(['soap', 'vi-json'] as const)('over %s', (transport) => {
  async function open() {
    const scene = await openLeaseScene(transport);
    const blobs = await localBlobs();
    return { ...scene, blobs, inventory: scene.inventoryWith(blobs) };
  }

  test('disks and firmware are fetched, sealed under their digests and named by the descriptor; images are left out', async () => {
    const { inventory, blobs } = await open();
    const { descriptor, files } = partsOf(await inventory.stage(staging('vm-36')));
    expect(files.map(({ name }) => name)).toEqual(['0-vm-36-disk-0.vmdk', '2-vm-36-web.nvram']);
    expect(files.map(({ sha256 }) => sha256)).toEqual(
      ['disk-0.vmdk', 'web.nvram'].map((name) => digest(bytesOfDevice('vm-36', name))),
    );
    for (const { blob, sha256, size } of files) {
      expect(await blobs.sealed(sha256)).toEqual([blob]);
      expect(await blobs.size(blob)).toBe(size);
    }
    const read = readDescriptor(descriptor, {});
    expect(read.files.map(({ href }) => href)).toEqual(files.map(({ name }) => name));
    expect(read.findings.filter(({ severity }) => severity === 'error')).toEqual([]);
  });

  test('networks have their names, where the server wrote identifiers', async () => {
    const { inventory } = await open();
    const { descriptor } = partsOf(await inventory.stage(staging('vm-36')));
    expect(readDescriptor(descriptor, {}).networks.map(({ name }) => name)).toEqual(['prod']);
    expect(descriptor).toContain('>prod<');
    expect(descriptor).not.toContain('Connection>dvportgroup');
  });

  test('images and addresses come with the flags that ask for them', async () => {
    const { inventory } = await open();
    const { descriptor, files } = partsOf(
      await inventory.stage(staging('vm-36', ['CDROM', 'PRESERVE_MAC', 'EXTRA_CONFIG'])),
    );
    expect(files.map(({ name }) => name)).toContain('1-vm-36-seed.iso');
    expect(descriptor).toContain('00:50:56:00:00:01');
    expect(descriptor).toContain('guestinfo.a');
  });

  test('a vApp comes with the disks of its machines', async () => {
    const { inventory } = await open();
    const { descriptor, files } = partsOf(await inventory.stage(staging('resgroup-v40', [], 'VirtualApp')));
    expect(files.map(({ name }) => name)).toEqual(['0-vm-41-disk-0.vmdk', '2-vm-41-suite-web.nvram']);
    expect(readDescriptor(descriptor, {}).content.kind).toBe('VirtualSystemCollection');
  });

  test('a machine that runs is exported through a snapshot, which goes again', async () => {
    const { inventory, server } = await open();
    const { files } = partsOf(await inventory.stage(staging('vm-37')));
    expect(files[0]?.sha256).toBe(digest(bytesOfDevice('vm-37', 'disk-0.vmdk')));
    expect(server.calls.filter((call) => call.includes('Snapshot')).map((call) => call.split('.').at(-1))).toEqual([
      'CreateSnapshot_Task',
      'ExportSnapshot',
      'RemoveSnapshot_Task',
    ]);
    expect(server.model.all().filter(({ ref }) => ref.type === 'VirtualMachineSnapshot')).toEqual([]);
  });

  test('where snapshots are not wanted, or not allowed, or of no use, a machine that runs is refused with why', async () => {
    const { inventory, inventoryWith, blobs, server } = await open();
    const never = inventoryWith(blobs, { snapshots: false });
    expect([inventory.features.exportRunning, never.features.exportRunning]).toEqual([true, false]);
    await expect(never.stage(staging('vm-37'))).rejects.toMatchObject({
      kind: 'NOT_ALLOWED_IN_CURRENT_STATE',
      message: 'db is powered on. Stop it, then export it, or allow snapshots.',
    });
    server.trouble('CreateSnapshot_Task', {
      fault: new VimServerFault('NoPermission', 'Permission was denied', {
        privilegeId: 'VirtualMachine.State.CreateSnapshot',
      }),
    });
    await expect(inventory.stage(staging('vm-37'))).rejects.toMatchObject({
      kind: 'NOT_ALLOWED_IN_CURRENT_STATE',
      message: expect.stringMatching(/^vm-37 runs, and no snapshot .* VirtualMachine\.State\.CreateSnapshot/),
    });
    change(sampleOf(server.model, 'vm-41'), 'runtime', { powerState: 'poweredOn' });
    await expect(inventory.stage(staging('resgroup-v40', [], 'VirtualApp'))).rejects.toMatchObject({
      kind: 'NOT_ALLOWED_IN_CURRENT_STATE',
      message: expect.stringMatching(/^suite is powered on/),
    });
  });

  test('a download that breaks goes on where it was, and begins anew at a host without ranges', async () => {
    const { inventoryWith, blobs, leases } = await open();
    const begun = new Set<string>();
    let allBegun = (): void => {};
    leases.breaksWhen = new Promise((resolve) => {
      allBegun = resolve;
    });
    async function* watched(key: string, bytes: AsyncIterable<Uint8Array>) {
      for await (const chunk of bytes) {
        yield chunk;
        begun.add(key); // the store has taken it
        if (begun.size === 3) allBegun(); // two files, after the state of the machine
      }
    }
    const append: BlobStore['append'] = (key, offset, bytes) => blobs.append(key, offset, watched(key, bytes));
    const inventory = inventoryWith({ ...blobs, append });
    leases.breaks.push(1_000, 1_000);
    const resumed = partsOf(await inventory.stage(staging('vm-36')));
    expect(resumed.files[0]?.sha256).toBe(digest(bytesOfDevice('vm-36', 'disk-0.vmdk')));
    const ranges = leases.requests.flatMap(({ range }) => range ?? []);
    expect(ranges).toEqual(['bytes=1000-', 'bytes=1000-']);
    leases.hasRanges = false;
    leases.breaks.push(1_000);
    const anew = partsOf(await inventory.stage({ ...staging('vm-36'), prefix: 'export/2/staged' }));
    expect(anew.files.map(({ sha256 }) => sha256)).toEqual(resumed.files.map(({ sha256 }) => sha256));
  });

  test('what an earlier attempt has fetched is not fetched again, and what it has begun goes on', async () => {
    const { inventory, blobs, leases } = await open();
    const { files } = partsOf(await inventory.stage(staging('vm-36')));
    const [disk, nvram] = files;
    if (disk === undefined || nvram === undefined) return expect.fail('files are missing');
    const beginning = await collect(blobs.read(disk.blob, { start: 0, end: 1_000 }));
    await blobs.delete(disk.blob);
    await blobs.append(disk.blob, 0, one(beginning));
    const before = leases.requests.length;
    expect(partsOf(await inventory.stage(staging('vm-36'))).files).toEqual(files);
    expect(leases.requests.slice(before)).toMatchObject([{ name: disk.name.replace(/^0-/, ''), range: 'bytes=1000-' }]);
    leases.hasRanges = false;
    await blobs.delete(disk.blob);
    await blobs.append(disk.blob, 0, one(beginning));
    expect(partsOf(await inventory.stage(staging('vm-36'))).files).toEqual(files);
  });

  const changes: ReadonlyArray<readonly [string, (machine: ServedObject) => void]> = [
    ['has another configuration', (machine) => change(machine, 'config', { changeVersion: 'another' })],
    ['has run, and has another log', (machine) => grow(machine)],
    ['does not tell what it is', (machine) => change(machine, 'config', { changeVersion: '' })],
  ];
  test.each(changes)('all is fetched anew of a machine that %s', async (_, changing) => {
    const { inventory, server, leases } = await open();
    const { files } = partsOf(await inventory.stage(staging('vm-36')));
    changing(sampleOf(server.model, 'vm-36'));
    const before = leases.requests.length;
    expect(partsOf(await inventory.stage(staging('vm-36'))).files).toEqual(files);
    expect(
      leases.requests
        .slice(before)
        .map(({ name, range }) => [name, range])
        .toSorted(),
    ).toEqual(files.map(({ name }) => [name.replace(/^\d-/, ''), undefined]));
  });

  test('of a machine that runs what is there counts as long as its snapshot is there, which is taken up', async () => {
    const { inventory, server, leases, vim } = await open();
    await inventory.stage(staging('vm-37')); // its snapshot is gone
    server.trouble('HttpNfcLeaseComplete', { fault: new VimServerFault('InvalidState', 'no') });
    server.trouble('RemoveSnapshot_Task', { fault: new VimServerFault('InvalidState', 'no') });
    const before = leases.requests.length;
    await expect(inventory.stage(staging('vm-37'))).rejects.toMatchObject({ name: 'SessionError' });
    expect(leases.requests).toHaveLength(before + 2);
    const calls = server.calls.length;
    await inventory.stage(staging('vm-37'));
    expect(leases.requests).toHaveLength(before + 2);
    expect(server.calls.slice(calls).some((call) => call.endsWith('CreateSnapshot_Task'))).toBe(false);
    expect(await findSnapshots(vim, { key: staging('vm-37').prefix })).toEqual([]);
  });

  test('what ends a staging ends its lease and its snapshot, and the machine is as it was', async () => {
    const { inventory, server, names, leases } = await open();
    const before = names();
    const stop = new AbortController();
    server.trouble('CreateDescriptor', { meanwhile: () => stop.abort(new Error('given up')) });
    await expect(inventory.stage(staging('vm-37'), { signal: stop.signal })).rejects.toThrow('given up');
    expect(
      server.model.all().filter(({ ref }) => ['VirtualMachineSnapshot', 'HttpNfcLease'].includes(ref.type)),
    ).toEqual([]);
    leases.failure = new VimServerFault('FileFault', 'the disk cannot be read');
    await expect(inventory.stage(staging('vm-36'))).rejects.toMatchObject({
      kind: 'RESOURCE_INACCESSIBLE',
      message: expect.stringContaining('the disk cannot be read'),
    });
    expect(names()).toEqual(before);
  });

  test('what is not there is NOT_FOUND', async () => {
    const { inventory } = await open();
    await expect(inventory.stage(staging('vm-none'))).rejects.toMatchObject({ kind: 'NOT_FOUND' });
    await expect(inventory.stage(staging('resgroup-v99', [], 'VirtualApp'))).rejects.toMatchObject({
      kind: 'NOT_FOUND',
    });
    await expect(inventory.describe({ type: 'VirtualMachine', id: 'vm-none' })).rejects.toMatchObject({
      kind: 'NOT_FOUND',
    });
  });

  test('to look at a machine or vApp moves no byte', async () => {
    const { inventory, leases } = await open();
    const entity = await inventory.describe({ type: 'VirtualMachine', id: 'vm-36' });
    expect(entity).toMatchObject({ name: 'web', vms: [{ cpuCount: 2, powerState: 'POWERED_OFF' }] });
    expect(entity.vms[0]?.disks).toMatchObject([{ capacity: 10 * 1024 ** 3, file: { size: 0, sha256: '' } }]);
    const vapp = await inventory.describe({ type: 'VirtualApp', id: 'resgroup-v40' });
    expect(vapp.vms.map(({ name }) => name)).toEqual(['suite-web']);
    expect(leases.requests).toEqual([]);
    expect(await inventory.held(['any'])).toEqual(new Set());
  });
});
