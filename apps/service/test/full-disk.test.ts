import { execFileSync } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { start, temporaryFolder } from './support/process.ts';
import { descriptorFor, logIn, send } from './support/wire.ts';

// a mount that only the service and what it starts can see: it goes with the process, whatever becomes of that
const withVolume = (at: string, size: string) => [
  'unshare',
  '--map-root-user',
  '--mount',
  'sh',
  '-c',
  `mount -t tmpfs -o size=${size} tmpfs "$0" && exec "$@"`,
  at,
];

function canMount(): boolean {
  try {
    execFileSync('unshare', ['--map-root-user', '--mount', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt'], {
      stdio: 'ignore',
    });
    return true;
  } catch {
    return false;
  }
}

const password = 'correct horse';
const mebi = 1024 * 1024;

/** A service whose folder is a volume of 32 MiB, with two sessions that wait for a disk of 20 MiB each. */
async function startOnSmallVolume() {
  const data = join(await temporaryFolder(), 'data');
  await mkdir(data);
  const service = await start({
    argv: ['--data', data, '--listen', '127.0.0.1:0', '--plain-http', '--limits-disk-reserve', '4MiB'],
    environment: { OVFKITD_ADMIN_PASSWORD: password },
    within: withVolume(data, '32m'),
  });
  const admin = await logIn(service.url, password);
  const disk = Buffer.alloc(20 * mebi, 'a disk that is large for such a volume');
  const ids = [await admin.create(), await admin.create()] as const;
  for (const id of ids) {
    await admin.upload(await admin.fileUrl(id, 'descriptor.ovf'), descriptorFor(disk.length));
    await admin.until(id, 'IMPORT_SELECTING_OVF_PARAMS');
  }
  return { service, admin, disk, ids };
}

// a container may forbid it: then the same is seen with a volume that only says it is full, in packages/store-local
describe.runIf(canMount())('a volume that is full (needs the right to mount one)', () => {
  test('refuses with 507, loses nothing, and takes the rest when there is room', async () => {
    const { service, admin, disk, ids } = await startOnSmallVolume();
    const [first, second] = ids;
    expect((await admin.upload(await admin.fileUrl(first, 'disk.vmdk'), disk)).status).toBe(201);
    const url = await admin.fileUrl(second, 'disk.vmdk');
    const refused = await admin.upload(url, disk);
    expect([refused.status, JSON.parse(refused.text).value.error_type]).toEqual([507, 'UNABLE_TO_ALLOCATE_RESOURCE']);
    expect((await admin.get(first)).state).toBe('IMPORT_SELECTING_OVF_PARAMS');
    expect((await send({ url: `${service.url}/health` })).status).toBe(200);
    const kept = Number((await send({ url, method: 'HEAD' })).headers['upload-offset']);
    expect(kept).toBeGreaterThan(4 * mebi);
    await admin.call('DELETE', `${service.url}/rest/com/vmware/vcenter/ovf/import-session/id:${first}`);
    const headers = { 'content-type': 'application/partial-upload', 'upload-offset': String(kept) };
    const rest = { url, method: 'PATCH', headers, body: disk.subarray(kept) };
    await expect.poll(async () => (await send(rest)).status).toBe(201);
    await admin.instantiate(second);
    await admin.until(second, 'IMPORT_COMPLETED');
    expect(await admin.listVms()).toHaveLength(1);
  });
});
