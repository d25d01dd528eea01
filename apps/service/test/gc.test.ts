import { createHash, randomBytes, randomInt } from 'node:crypto';
import { mkdir, readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { type Running, run, start, temporaryFolder } from './support/process.ts';
import { descriptorFor, logIn, send } from './support/wire.ts';

const password = 'correct horse';
const size = 3 * 1024 * 1024;

const begin = (data: string, ...more: readonly string[]): Promise<Running> =>
  start({
    argv: ['--data', data, '--listen', '127.0.0.1:0', '--plain-http', ...more],
    environment: { OVFKITD_ADMIN_PASSWORD: password },
  });

const gc = (data: string, ...flags: readonly string[]) => run({ argv: ['gc', '--data', data, ...flags] });

const nothing = { code: 0, output: '', log: '' };

/** Sizes of the files of blobs, large ones only. */
async function keptDisks(data: string): Promise<readonly number[]> {
  const entries = await readdir(join(data, 'blobs'), { withFileTypes: true, recursive: true });
  const files = entries.filter((entry) => entry.isFile());
  const sizes = await Promise.all(files.map(async ({ parentPath, name }) => (await stat(join(parentPath, name))).size));
  return sizes.filter((each) => each > 100_000);
}

/** Imports the bytes under a name of its own, asking by digest first, as far as the service lives. */
async function importBytes(service: Running, { name, bytes }: { readonly name: string; readonly bytes: Uint8Array }) {
  const client = await logIn(service.url, password);
  const id = await client.create();
  const descriptor = descriptorFor(size).replace('<Name>vm1</Name>', `<Name>${name}</Name>`);
  await client.upload(await client.fileUrl(id, 'descriptor.ovf'), descriptor);
  await client.until(id, 'IMPORT_SELECTING_OVF_PARAMS');
  await client.instantiate(id);
  const url = await client.fileUrl(id, 'disk.vmdk');
  const answer = await send({
    url,
    method: 'PATCH',
    headers: {
      'content-type': 'application/partial-upload',
      'content-length': '0',
      'upload-offset': '0',
      'upload-complete': '?0',
      'upload-length': String(size),
      'repr-digest': `sha-256=:${createHash('sha256').update(bytes).digest('base64')}:`,
    },
  });
  if (answer.headers['upload-complete'] === '?0') await client.upload(url, bytes);
  await client.until(id, 'IMPORT_COMPLETED');
  return answer.headers['upload-complete'];
}

test('imports of the same bytes, killed with -9 at any moment, leave each byte once and nothing that nobody needs', async () => {
  const data = await temporaryFolder();
  const bytes = randomBytes(size);
  // sessions that were cut off end soon, and take along what only they had: a service gives none less time than it had
  const soon = ['--session-idle-timeout', '2s', '--session-terminal-timeout', '2s'];
  for (let round = 0; round < 6; round++) {
    const service = await begin(data, ...soon);
    const imports = ['a', 'b'].map((each) =>
      importBytes(service, { name: `vm-${round}-${each}`, bytes }).catch(() => undefined),
    ); // the service dies under them
    await delay(randomInt(50, 700));
    await service.stop('SIGKILL');
    await Promise.all(imports);
  }
  const service = await begin(data, ...soon);
  await importBytes(service, { name: 'last', bytes });
  expect(await importBytes(service, { name: 'very-last', bytes })).toBe('?1');
  await expect.poll(() => keptDisks(data), { timeout: 20_000 }).toHaveLength(1);
  await service.stop();
  expect(await gc(data, '--dry-run')).toEqual(nothing);
  expect(await gc(data)).toEqual(nothing);
}, 120_000);

test('gc tells what nobody needs without touching it, deletes it, and then lists nothing', async () => {
  const data = await temporaryFolder();
  await (await begin(data)).stop();
  const folder = join(data, 'blobs', 'import%2F+', '5f3a%2F+');
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'disk.vmdk.part'), 'left over');
  const told = await gc(data, '--dry-run');
  expect(told).toEqual({ code: 0, output: 'orphan  "import/5f3a/disk.vmdk"  9 bytes\n', log: '' });
  expect(await readdir(folder)).toEqual(['disk.vmdk.part']);
  expect((await gc(data)).output).toBe('deleted  "import/5f3a/disk.vmdk"  9 bytes\n');
  expect(await gc(data)).toEqual(nothing);
});

test('gc tells of a machine whose bytes are gone, and fails', async () => {
  const data = await temporaryFolder();
  const service = await begin(data);
  await importBytes(service, { name: 'one', bytes: randomBytes(size) });
  await service.stop();
  const [entry] = (await readdir(join(data, 'blobs'), { withFileTypes: true, recursive: true })).filter((each) =>
    each.name.startsWith('disk.vmdk'),
  );
  await writeFile(join(entry?.parentPath ?? '', entry?.name ?? ''), 'short');
  const { code, output, log } = await gc(data);
  expect(code).toBe(1);
  expect(output).toMatch(/^missing {2}"import\/[^/]+\/disk\.vmdk" {2}needed by virtual machine vm-\d+\n$/);
  expect(log).toContain('restore them from a backup');
});

test('gc and a second service are refused beside a running one, which is named', async () => {
  const data = await temporaryFolder();
  const { pid } = await begin(data);
  for (const argv of [
    ['gc', '--data', data],
    ['--data', data, '--listen', '127.0.0.1:0', '--plain-http'],
  ]) {
    const { code, log } = await run({ argv });
    expect(code).toBe(1);
    expect(log).toContain(`in use by process ${pid}`);
  }
});
