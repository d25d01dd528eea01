import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { UrlOrigin } from '../../src/origin.ts';
import { type SampleImport, sampleImport } from '../support/import-request.ts';
import { openLeaseScene, samplePlacement } from '../support/lease-scene.ts';
import { serveFiles } from '../support/serve-files.ts';

const noBytes = {
  read(): never {
    throw new Error('bytes went through this process');
  },
};

describe.each(['soap', 'vi-json'] as const)('over %s', (transport) => {
  async function open({ otherwise = 'send' }: { readonly otherwise?: UrlOrigin['otherwise'] } = {}) {
    const scene = await openLeaseScene(transport);
    scene.leases.canPull = true;
    const wanted = sampleImport({ placement: samplePlacement, media: ['tools.iso'] });
    const host = await serveFiles(wanted.contents);
    const originAt = (url: string): UrlOrigin => ({
      kind: 'url',
      at: { files: new Map([...wanted.contents.keys()].map((name) => [name, `${url}/${name}`])) },
      otherwise,
    });
    return { ...scene, wanted, host, originAt };
  }
  const digests = ({ contents }: SampleImport) =>
    [...contents.values()].map((bytes) => createHash('sha256').update(bytes).digest('hex')).toSorted();

  test('hosts that can fetch the files themselves, and none of them passes through this process', async () => {
    const { wanted, host, originAt, inventoryWith, leases, names, server, notices } = await open();
    const inventory = inventoryWith(noBytes, { origin: () => originAt(host.url) });
    await inventory.create(wanted.request);
    expect(names()).toContain('app');
    expect(host.asked.toSorted()).toEqual(['disk0.vmdk', 'tools.iso']);
    expect(leases.requests).toEqual([]);
    expect(notices).toEqual([]);
    expect(server.calls.some((call) => call.endsWith('HttpNfcLeasePullFromUrls_Task'))).toBe(true);
  });

  test('what they fetched is compared with the digests, and nothing stays of something else', async () => {
    const { wanted, host, originAt, inventoryWith, names } = await open();
    const before = names();
    const { request } = wanted;
    const files = request.files.map((file) => ({ ...file, sha256: '0'.repeat(64) }));
    const vms = request.entity.vms.map((vm) => ({
      ...vm,
      files: [],
      disks: vm.disks.map((disk) => ({
        ...disk,
        ...(disk.file && { file: { ...disk.file, sha256: '0'.repeat(64) } }),
      })),
    }));
    const inventory = inventoryWith(noBytes, { origin: () => originAt(host.url) });
    await expect(inventory.create({ ...request, files, entity: { ...request.entity, vms } })).rejects.toThrow(
      /received something else/,
    );
    expect(names()).toEqual(before);
  });

  test.each([
    ['do not reach the server', (url: string) => url.replace('127.0.0.1', 'unreachable.invalid'), 'reach the server'],
    ['are refused by it', (url: string) => `${url}/elsewhere`, 'Unable to access file'],
  ])('hosts that %s are sent the files, which is told', async (_, change, reason) => {
    const { wanted, host, originAt, inventoryWith, leases, notices } = await open();
    const inventory = inventoryWith(wanted.blobs, { origin: () => originAt(change(host.url)) });
    await inventory.create(wanted.request);
    expect(leases.requests.map(({ sha256 }) => sha256).toSorted()).toEqual(digests(wanted));
    expect(notices).toEqual([expect.stringContaining(reason)]);
  });

  test('hosts that fetch nothing end an import that insists on it, and nothing is left', async () => {
    const { wanted, host, originAt, inventoryWith, leases, names } = await open({ otherwise: 'fail' });
    leases.canPull = false;
    const before = names();
    const inventory = inventoryWith(wanted.blobs, { origin: () => originAt(host.url) });
    await expect(inventory.create(wanted.request)).rejects.toThrow(
      /fetch no files themselves.*Nothing was left of app/,
    );
    expect(names()).toEqual(before);
  });

  test('given up while hosts fetch, nothing is left and the task is canceled', async () => {
    const { wanted, host, originAt, inventoryWith, names, server } = await open();
    const before = names();
    const stop = new AbortController();
    host.hang(() => stop.abort(new Error('given up')));
    const inventory = inventoryWith(noBytes, { origin: () => originAt(host.url) });
    await expect(inventory.create(wanted.request, { signal: stop.signal })).rejects.toThrow('given up');
    expect(server.calls.some((call) => call.endsWith('Task.CancelTask'))).toBe(true);
    expect(names()).toEqual(before);
  });
});
