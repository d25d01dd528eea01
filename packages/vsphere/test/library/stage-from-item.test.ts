import { createHash } from 'node:crypto';
import { collect, samplePackage } from '@ovfkit/conformance';
import { describe, expect, test, vi } from 'vitest';
import { breakingOff, itemsOf, openLibraryScene } from '../support/library-scene.ts';

async function* of(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

describe('an export by way of the content library', () => {
  test('brings descriptor and disks as the library made them, and leaves nothing there', async () => {
    const { upstream, inventory, blobs, importSample } = await openLibraryScene();
    const ref = { type: 'VirtualMachine', id: await importSample() };
    const staged = await inventory.stage({ ref, prefix: 'export/1', flags: [] });
    if (!('descriptor' in staged)) throw new Error('it was staged otherwise');
    const { disk } = samplePackage({ name: 'small' });
    const [file] = staged.files;
    expect(staged.files).toHaveLength(1);
    expect(staged.descriptor).toContain(`ovf:href="${file?.name}"`);
    expect(await collect(blobs.read(file?.blob ?? ''))).toEqual(disk.bytes);
    expect(await blobs.sealed(file?.sha256 ?? '')).toContain(file?.blob);
    expect(await itemsOf(upstream)).toEqual([]);
    expect(await upstream.store.sessions.downloads.list({})).toEqual([]);
  });

  test('goes on after a break, from where it was', async () => {
    const starts: number[] = [];
    const { upstream, inventory, importSample } = await openLibraryScene();
    const ref = { type: 'VirtualMachine', id: await importSample() };
    const { download } = upstream.backend.files;
    vi.spyOn(upstream.backend.files, 'download').mockImplementation(async (input, options) => {
      const got = await download(input, options);
      if (!input.file.name.endsWith('.vmdk')) return got;
      starts.push(input.range?.start ?? 0);
      return starts.length > 1 ? got : { ...got, bytes: breakingOff(got.bytes) };
    });
    const staged = await inventory.stage({ ref, prefix: 'export/1', flags: [] });
    if (!('descriptor' in staged)) throw new Error('it was staged otherwise');
    expect(staged.files[0]?.size).toBe(samplePackage({ name: 'small' }).disk.bytes.length);
    expect(starts).toHaveLength(2);
    expect(starts[1]).toBeGreaterThan(0);
  });

  /** A machine whose disk is here from an earlier attempt, and where its downloads begin from now on. */
  async function openLeft() {
    const { upstream, inventory, blobs, importSample } = await openLibraryScene();
    const ref = { type: 'VirtualMachine', id: await importSample() };
    const stage = async () => {
      const staged = await inventory.stage({ ref, prefix: 'export/1', flags: [] });
      return 'descriptor' in staged ? staged.files : expect.fail('it was staged otherwise');
    };
    const first = await stage();
    const disk = first[0]?.blob ?? '';
    const bytes = await collect(blobs.read(disk));
    const { download } = upstream.backend.files;
    const starts: number[] = [];
    vi.spyOn(upstream.backend.files, 'download').mockImplementation((input, options) => {
      if (input.file.name.endsWith('.vmdk')) starts.push(input.range?.start ?? 0);
      return download(input, options);
    });
    /** So much is left of the disk. */
    const leave = async (part: Uint8Array): Promise<void> => {
      await blobs.delete(disk);
      await blobs.append(disk, 0, of(part));
    };
    return { upstream, stage, first, bytes, starts, leave };
  }

  test('does not fetch again what is here with the checksum that the library tells', async () => {
    const { stage, first, starts } = await openLeft();
    expect(await stage()).toEqual(first);
    expect(starts).toEqual([]);
  });

  test('goes on with what an earlier attempt has begun', async () => {
    const { stage, first, bytes, starts, leave } = await openLeft();
    await leave(bytes.subarray(0, 1_000));
    expect(await stage()).toEqual(first);
    await leave(bytes); // killed before it was sealed
    expect(await stage()).toEqual(first);
    expect(starts).toEqual([1_000]);
  });

  test('fetches anew what turns out to be of another file, is longer, or has no checksum to be compared with', async () => {
    const { upstream, stage, first, bytes, starts, leave } = await openLeft();
    await leave(bytes.subarray(1, 1_001));
    expect(await stage()).toEqual(first);
    await leave(Buffer.concat([bytes, bytes]));
    expect(await stage()).toEqual(first);
    const { downloadSessionFile } = upstream.backend.contentLibrary;
    const { prepare } = downloadSessionFile;
    vi.spyOn(downloadSessionFile, 'prepare').mockImplementation(async (input, options) => {
      const { checksumInfo, ...info } = await prepare(input, options);
      return info;
    });
    expect(await stage()).toEqual(first);
    expect(starts).toEqual([1_000, 0, 0, 0]);
  });

  test.each([
    ['MD5', 'md5'],
    ['SHA1', 'sha1'],
    ['SHA512', 'sha512'],
  ] as const)('compares what it has fetched by %s as well', async (algorithm, hash) => {
    const { upstream, stage, first, bytes } = await openLeft();
    const { downloadSessionFile } = upstream.backend.contentLibrary;
    const { prepare } = downloadSessionFile;
    let checksum = createHash(hash).update(bytes).digest('hex').toUpperCase();
    vi.spyOn(downloadSessionFile, 'prepare').mockImplementation(async (input, options) => {
      const { checksumInfo, ...info } = await prepare(input, options);
      return input.fileName.endsWith('.vmdk') ? { ...info, checksumInfo: { algorithm, checksum } } : info;
    });
    expect(await stage()).toEqual(first);
    checksum = checksum.replace(/^./, (digit) => (digit === '0' ? '1' : '0'));
    await expect(stage()).rejects.toMatchObject({
      kind: 'RESOURCE_INACCESSIBLE',
      message: expect.stringMatching(/came with another checksum/),
    });
  });

  test('given up leaves nothing in the library', async () => {
    const { upstream, inventory, importSample } = await openLibraryScene();
    const ref = { type: 'VirtualMachine', id: await importSample() };
    const leaving = new AbortController();
    const { download } = upstream.backend.files;
    vi.spyOn(upstream.backend.files, 'download').mockImplementation((input, options) => {
      leaving.abort(new Error('given up'));
      return download(input, options);
    });
    const staged = inventory.stage({ ref, prefix: 'export/1', flags: [] }, { signal: leaving.signal });
    await expect(staged).rejects.toThrow('given up');
    expect(await itemsOf(upstream)).toEqual([]);
  });

  test('of a machine that is not there is refused in the server’s words', async () => {
    const { inventory } = await openLibraryScene();
    const ref = { type: 'VirtualMachine', id: 'vm-none' };
    await expect(inventory.stage({ ref, prefix: 'export/1', flags: [] })).rejects.toMatchObject({ kind: 'NOT_FOUND' });
  });
});
