import { once } from 'node:events';
import { createReadStream, readdirSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { jsonLines } from '../src/ovfkit.ts';
import { makeAppliance } from '../src/sample-appliance.ts';
import { compareDisks } from '../src/verify.ts';
import { mib, needed, openScene, resultOf, type Scene } from './support/scene.ts';

let scene: Scene;
let archive: string;
beforeAll(async () => {
  scene = await openScene([48 * mib, 8 * mib], ['--pull-deny', '127.0.0.0/8']);
  archive = join(scene.folder, 'sample.ova');
  expect(await scene.ovfkit(['pack', scene.appliance.folder, '-o', archive])).toMatchObject({ exitCode: 0 });
});
afterAll(() => scene.close());

const namesAndIds = async () => (await (await scene.rest()).listVms()).map(({ vm, name }) => ({ vm, name }));

afterEach(async () => {
  const rest = await scene.rest();
  expect(await rest.listImportSessions()).toEqual([]);
  for (const { vm } of await rest.listVms()) await rest.deleteVm(vm);
});

const importing = (source: string, ...more: readonly string[]) =>
  scene.ovfkit(['import', source, '--to', 'lab', ...needed, ...more, '--json']);

async function expectWhole(name: string): Promise<void> {
  const output = join(scene.folder, `exported-${name}`);
  expect(await scene.ovfkit(['export', name, '--from', 'lab', '-o', output])).toMatchObject({ exitCode: 0 });
  expect(await compareDisks(scene.appliance.folder, output)).toBeGreaterThan(mib);
}

describe('standard input', () => {
  const pipe = (path: string, ...more: readonly string[]) =>
    scene.ovfkit(['import', '-', '--to', 'lab', ...needed, ...more], { input: createReadStream(path) });

  test('is imported while it goes by, byte for byte', async () => {
    expect(await pipe(archive, '-n', 'piped')).toMatchObject({ exitCode: 0 });
    await expectWhole('piped');
  });

  test('that is a descriptor alone is refused with what to do', async () => {
    const [name = ''] = readdirSync(scene.appliance.folder).filter((each) => each.endsWith('.ovf'));
    const ended = await pipe(join(scene.folder, 'sample', name));
    expect(ended).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('Give the path of the descriptor') });
    expect(await namesAndIds()).toEqual([]);
  });
});

interface Options {
  /** Bytes after which the connection of one answer, in turn, is cut. */
  readonly cuts?: readonly number[];
  readonly ranges: 'given' | 'ignored';
}

/** Serves the archive, counting what is asked for. */
async function serveArchive({ cuts = [], ranges }: Options) {
  const { size } = await stat(archive);
  const left = [...cuts];
  const seen = { bytes: 0, queries: new Set<string>() };
  const server = createServer((request, response) => {
    const [, first, last] = (ranges === 'given' && /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '')) || [];
    const start = Number(first ?? 0);
    const end = last === undefined || last === '' ? size : Math.min(Number(last) + 1, size);
    seen.queries.add(new URL(request.url ?? '/', 'http://any').search);
    const range = first === undefined ? {} : { 'content-range': `bytes ${start}-${end - 1}/${size}` };
    response.writeHead(first === undefined ? 200 : 206, { etag: '"1"', 'content-length': end - start, ...range });
    const cut = end - start > mib ? left.shift() : undefined;
    const file = createReadStream(archive, { start, end: end - 1 });
    let sent = 0;
    file.on('data', (chunk) => {
      sent += chunk.length;
      seen.bytes += chunk.length;
      if (cut !== undefined && sent > cut) response.destroy();
    });
    pipeline(file, response).catch(() => undefined);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  // the one cast: a server that listens on a port has an address with one
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/sample.ova?X-Amz-Signature=geheim`, seen, size };
}

describe('a URL', () => {
  test('that the target may not fetch is sent from here, each byte fetched about once, whatever breaks', async () => {
    const { url, seen, size } = await serveArchive({ ranges: 'given', cuts: [mib, 2 * mib] });
    const ended = await importing(url, '-n', 'fetched');
    expect(ended, ended.stderr).toMatchObject({ exitCode: 0 });
    expect(ended.stdout).toContain('so it is sent from here');
    expect(ended.stdout + ended.stderr).not.toContain('geheim');
    expect([...seen.queries]).toEqual(['?X-Amz-Signature=geheim']);
    // beside every byte once only what was on the wire when it was cut
    expect(seen.bytes).toBeLessThan(size + 2 * mib);
    await expectWhole('fetched');
  });

  test('is fetched without a byte twice when nothing breaks', async () => {
    const { url, seen, size } = await serveArchive({ ranges: 'given' });
    expect(await importing(url, '--via-client', '-n', 'unbroken')).toMatchObject({ exitCode: 0 });
    expect(seen.bytes).toBeLessThanOrEqual(size);
  });

  test('is sent from here for a user whose role may not have packages fetched', async () => {
    const own = await openScene(undefined, ['--pull-roles', 'none']);
    onTestFinished(() => own.close());
    const { url } = await serveArchive({ ranges: 'given' });
    const ended = await own.ovfkit(['import', url, '--to', 'lab', ...needed, '--json']);
    expect(ended, ended.stderr).toMatchObject({ exitCode: 0 });
    expect(ended.stdout).toContain('so it is sent from here');
  });

  test('with --pull is left to the target', async () => {
    const { url } = await serveArchive({ ranges: 'given' });
    expect((await importing(url, '--pull')).exitCode).toBeGreaterThan(0);
    expect(await namesAndIds()).toEqual([]);
  });

  test('of a server without ranges is sent while it comes', async () => {
    const { url, seen, size } = await serveArchive({ ranges: 'ignored' });
    const ended = await importing(url, '--via-client', '-n', 'once');
    expect(ended, ended.stderr).toMatchObject({ exitCode: 0 });
    expect(seen.bytes).toBe(size);
    await expectWhole('once');
  });
});

describe('a name that is taken', () => {
  const made = async (...more: readonly string[]): Promise<string> => {
    const ended = await importing(scene.appliance.folder, '-n', 'taken', ...more);
    expect(ended, ended.stderr).toMatchObject({ exitCode: 0 });
    return String(resultOf(ended)['vmId']);
  };

  test('is refused before anything is sent', async () => {
    await made();
    for (const more of [[], ['--if-exists', 'fail']]) {
      const ended = await importing(scene.appliance.folder, '-n', 'taken', ...more);
      expect(ended).toMatchObject({ exitCode: 5, stderr: expect.stringContaining('--if-exists') });
      expect(jsonLines(ended.stdout).some(({ type }) => type === 'session')).toBe(false);
    }
  });

  test('is skipped, and the machine that has it is told', async () => {
    const vmId = await made();
    const ended = await importing(scene.appliance.folder, '-n', 'taken', '--if-exists', 'skip');
    expect(ended.exitCode).toBe(0);
    expect(resultOf(ended)).toMatchObject({ status: 'succeeded', skipped: true, vmId });
    expect(jsonLines(ended.stdout).some(({ type }) => type === 'session')).toBe(false);
  });

  test('is left, and the next free one is taken', async () => {
    const vmId = await made();
    await made('--if-exists', 'rename');
    await made('--if-exists', 'rename');
    expect(await namesAndIds()).toMatchObject([{ vm: vmId, name: 'taken' }, { name: 'taken-2' }, { name: 'taken-3' }]);
  });

  test('is taken over by the new machine', async () => {
    const before = await made();
    const after = await made('--if-exists', 'replace');
    expect(after).not.toBe(before);
    expect(await namesAndIds()).toEqual([{ vm: after, name: 'taken' }]);
    await expectWhole('taken');
  });

  test('stays with the old machine when the new one is no good', async () => {
    // not of the same bytes: what the target has already is not sent
    const other = await makeAppliance({ folder: join(scene.folder, 'other'), name: 'other', capacities: [mib] });
    const vm = String(resultOf(await importing(other.folder, '-n', 'taken'))['vmId']);
    const damaged = join(scene.folder, 'damaged');
    expect(await scene.ovfkit(['unpack', archive, '-o', damaged])).toMatchObject({ exitCode: 0 });
    await damage(damaged);
    const ended = await importing(damaged, '-n', 'taken', '--if-exists', 'replace');
    expect(ended.exitCode).toBe(4);
    expect(await namesAndIds()).toEqual([{ vm, name: 'taken' }]);
  });
});

/** Flips the last byte of the last disk. */
async function damage(folder: string): Promise<void> {
  const { open } = await import('node:fs/promises');
  const [name = ''] = readdirSync(folder).filter((each) => each.endsWith('.vmdk'));
  const file = await open(join(folder, name), 'r+');
  const { size } = await file.stat();
  const { buffer } = await file.read(Buffer.alloc(1), 0, 1, size - 1);
  await file.write(Buffer.from([255 - (buffer[0] ?? 0)]), 0, 1, size - 1);
  await file.close();
}
