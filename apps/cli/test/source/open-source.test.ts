import { gzipSync } from 'node:zlib';
import { readAll } from '@ovfkit/package-format';
import { afterEach, describe, expect, test } from 'vitest';
import type { SourceRetry } from '../../src/source/http-client.ts';
import { openHttpPackage, openHttpSource } from '../../src/source/http-package.ts';
import { readStreamedPackage } from '../../src/source/stream-package.ts';
import { shownPath } from '../../src/source/url.ts';
import { type Behaviour, type FileServer, startFileServer } from './file-server.ts';
import { archive, descriptor } from './sample.ts';

const mib = 1024 ** 2;
const options = { signal: new AbortController().signal };
let server: FileServer | undefined;
afterEach(() => server?.close());

async function serve(files: Readonly<Record<string, Uint8Array>>, behaviour: Behaviour = {}): Promise<FileServer> {
  server = await startFileServer(files, behaviour);
  return server;
}

async function* chunks(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array, void, undefined> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

describe('an archive at a server', () => {
  test('is listed by a few ranges, not by its bytes', async () => {
    const { url, sent, requests } = await serve({ '/a.ova': await archive(20 * mib) });
    const reader = await openHttpPackage(`${url}/a.ova`, options);
    expect(reader.members).toEqual([
      expect.objectContaining({ name: 'vm.ovf' }),
      { name: 'disk.vmdk', size: 20 * mib },
    ]);
    expect((await readAll(reader.read('vm.ovf'), mib)).length).toBe(reader.members[0]?.size);
    await reader.close();
    expect(sent()).toBeLessThan(200_000);
    expect(requests.length).toBeLessThan(5);
  });

  test('is read whole although the connection breaks', async () => {
    const { url } = await serve({ '/a.ova': await archive(3 * mib) }, { breaks: { after: 700_000, times: 2 } });
    const reader = await openHttpPackage(`${url}/a.ova`, options);
    const disk = await readAll(reader.read('disk.vmdk'), 4 * mib);
    await reader.close();
    expect(disk.length).toBe(3 * mib);
    expect(disk.every((byte) => byte === 7)).toBe(true);
  });

  test('that changes while it is read is not mixed with what was read before', async () => {
    const { url, replace } = await serve({ '/a.ova': await archive(3 * mib) });
    const reader = await openHttpPackage(`${url}/a.ova`, options);
    replace('/a.ova', await archive(4 * mib));
    await expect(readAll(reader.read('disk.vmdk'), 8 * mib)).rejects.toMatchObject({
      message: expect.stringContaining('changed'),
    });
    await reader.close();
  });

  test('at a server without ranges is read once, to its end', async () => {
    const { url, requests } = await serve({ '/a.ova': await archive(mib) }, { ranges: 'ignored' });
    const reader = await openHttpPackage(`${url}/a.ova`, options);
    expect(reader.members.map(({ name }) => name)).toEqual(['vm.ovf', 'disk.vmdk']);
    await expect(readAll(reader.read('disk.vmdk'), mib)).rejects.toMatchObject({ code: 'CANNOT_READ' });
    await reader.close();
    expect(requests).toHaveLength(1);
  });

  test('at a server without ranges that breaks off is fetched anew, and that is told', async () => {
    const { url, requests } = await serve(
      { '/a.ova': await archive(3 * mib) },
      { ranges: 'ignored', breaks: { after: 700_000, times: 2 } },
    );
    const told: SourceRetry[] = [];
    const source = await openHttpSource(`${url}/a.ova`, { ...options, onRetry: (notice) => told.push(notice) });
    if (source.kind !== 'stream') throw new Error('the archive does not go by');
    const bytes = await readAll(source.bytes, 4 * mib);
    await source.close();
    expect(Buffer.compare(bytes, await archive(3 * mib))).toBe(0);
    expect(requests).toHaveLength(3);
    expect(told.map(({ reason }) => reason)).toEqual([
      expect.stringContaining('no ranges, so the file is fetched anew'),
      expect.stringContaining('no ranges, so the file is fetched anew'),
    ]);
  });

  test('at an address that is signed for GET alone is read by ranges, over breaks', async () => {
    const { url, requests } = await serve(
      { '/a.ova': await archive(3 * mib) },
      { signature: 'X-Signature=abc', breaks: { after: 700_000, times: 2 } },
    );
    const reader = await openHttpPackage(`${url}/a.ova?X-Signature=abc`, options);
    expect((await readAll(reader.read('disk.vmdk'), 4 * mib)).length).toBe(3 * mib);
    await reader.close();
    expect(requests.every(({ range }) => range !== undefined)).toBe(true);
  });

  test('at a server that is busy for a moment is waited for', async () => {
    const { url } = await serve({ '/a.ova': await archive(mib) }, { busyAfter: { requests: 1, times: 2 } });
    const told: SourceRetry[] = [];
    const reader = await openHttpPackage(`${url}/a.ova`, { ...options, onRetry: (notice) => told.push(notice) });
    expect((await readAll(reader.read('disk.vmdk'), 2 * mib)).length).toBe(mib);
    await reader.close();
    expect(told).toHaveLength(2);
  });

  test('that is compressed is read once', async () => {
    const { url } = await serve({ '/a.ova.gz': gzipSync(await archive(mib)) });
    const reader = await openHttpPackage(`${url}/a.ova.gz`, options);
    await reader.close();
    expect(reader.members.map(({ size }) => size)).toContain(mib);
  });

  test('is found behind a redirect, and asked for with the user of the address', async () => {
    const { url, requests } = await serve({ '/a.ova': await archive(mib) }, { redirects: { '/old.ova': '/a.ova' } });
    const address = `${url.replace('//', '//me:secret@')}/old.ova`;
    const reader = await openHttpPackage(address, options);
    await reader.close();
    expect(requests[0]?.authorization).toBe(`Basic ${Buffer.from('me:secret').toString('base64')}`);
    expect(shownPath(address)).toBe(`${url}/old.ova`);
  });

  test('that is not there is an error of the network class that names the address', async () => {
    const { url } = await serve({});
    await expect(openHttpPackage(`${url}/a.ova`, options)).rejects.toMatchObject({
      exitClass: 'network',
      message: `${url}/a.ova answered 404 Not Found`,
    });
  });

  test('that may be read no more is told with what to do, and may be there again', async () => {
    const { url } = await serve({ '/a.ova': await archive(mib) }, { signature: 'sig=1' });
    await expect(openHttpPackage(`${url}/a.ova?sig=0`, options)).rejects.toMatchObject({
      exitClass: 'network',
      hint: expect.stringContaining('signed'),
      isPassing: true,
    });
  });

  test('of a server that is gone may be there again', async () => {
    const { url, close } = await serve({});
    await close();
    server = undefined;
    await expect(openHttpPackage(`${url}/a.ova`, options)).rejects.toMatchObject({
      exitClass: 'network',
      message: expect.stringContaining(`${url}/a.ova cannot be read: `),
      isPassing: true,
    });
  });
});

describe('a descriptor at a server', () => {
  test('finds its files beside it', async () => {
    const disk = new Uint8Array(3 * mib).fill(9);
    const { url } = await serve({ '/x/vm.ovf': descriptor(disk.length), '/x/disk.vmdk': disk });
    const reader = await openHttpPackage(`${url}/x/vm.ovf`, options);
    expect(reader).toMatchObject({ kind: 'ovf', descriptorName: 'vm.ovf' });
    expect(reader.members.map(({ name }) => name)).toEqual(['vm.ovf', 'disk.vmdk']);
    expect((await readAll(reader.read('disk.vmdk', { start: 5, end: 10 }), mib)).length).toBe(5);
    await reader.close();
  });

  test.each([{}, { ranges: 'ignored' }] as const)(
    'has files without a byte beside it, at a server with %j',
    async (behaviour) => {
      const { url } = await serve({ '/x/vm.ovf': descriptor(0), '/x/disk.vmdk': new Uint8Array() }, behaviour);
      const reader = await openHttpPackage(`${url}/x/vm.ovf`, options);
      expect(reader.members).toContainEqual({ name: 'disk.vmdk', size: 0 });
      expect(await readAll(reader.read('disk.vmdk'), mib)).toHaveLength(0);
      await reader.close();
    },
  );
});

describe('a server that compresses what it sends', () => {
  test('is told of as such, not as one of damaged descriptors', async () => {
    const { url } = await serve({ '/x/vm.ovf': descriptor(0) }, { encoding: 'gzip' });
    await expect(openHttpPackage(`${url}/x/vm.ovf`, options)).rejects.toMatchObject({
      exitClass: 'network',
      message: `${url}/x/vm.ovf is sent as gzip, though it was asked for as it is`,
    });
  });

  test('gives an archive that is read all the same', async () => {
    const { url } = await serve({ '/a.ova': await archive(mib) }, { encoding: 'gzip' });
    const reader = await openHttpPackage(`${url}/a.ova`, options);
    expect(reader.members).toContainEqual({ name: 'disk.vmdk', size: mib });
    await reader.close();
  });
});

describe('a stream', () => {
  test.each([1, 7, 100_000])('of an archive in pieces of %i bytes gives members and descriptor', async (size) => {
    const reader = await readStreamedPackage(chunks(await archive(2000), size), 'stdin');
    expect(reader).toMatchObject({ kind: 'ova', descriptorName: 'vm.ovf', isDescriptorOnly: false });
    expect(reader.members.map(({ name, size: bytes }) => [name, bytes])).toContainEqual(['disk.vmdk', 2000]);
    expect(await readAll(reader.read('vm.ovf'), mib)).toEqual(descriptor(2000));
  });

  test('of a compressed archive is the archive', async () => {
    const reader = await readStreamedPackage(chunks(gzipSync(await archive(2000)), 50), 'stdin');
    expect(reader.members.map(({ name }) => name)).toEqual(['vm.ovf', 'disk.vmdk']);
  });

  test('of a descriptor alone does not know which files there are', async () => {
    const reader = await readStreamedPackage(chunks(descriptor(1), 64), 'stdin');
    expect(reader).toMatchObject({ kind: 'ovf', isDescriptorOnly: true });
  });

  test.each([[''], ['nonsense']])('of %j is refused', async (text) => {
    await expect(readStreamedPackage(chunks(new TextEncoder().encode(text), 4), 'stdin')).rejects.toMatchObject({
      code: 'TAR_INVALID',
    });
  });
});
