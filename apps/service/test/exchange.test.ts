import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import { expect, onTestFinished, test } from 'vitest';
import { start, temporaryFolder } from './support/process.ts';
import { descriptorFor, type FileEntry, logIn, send } from './support/wire.ts';

const password = 'correct horse';
const disk = randomBytes(3_000_000);

async function startService(environment: Record<string, string> = {}) {
  const service = await start({
    argv: ['--data', await temporaryFolder(), '--listen', '127.0.0.1:0', '--plain-http'],
    environment: { OVFKITD_ADMIN_PASSWORD: password, ...environment },
  });
  return { url: service.url, client: await logIn(service.url, password) };
}

/** Serves the package on this machine: the descriptor's URL, and how many requests came. */
async function servePackage(): Promise<{ readonly url: string; readonly asked: () => number }> {
  let asked = 0;
  const files = new Map([
    ['/a/appliance.ovf', Buffer.from(descriptorFor(disk.length))],
    ['/a/disk.vmdk', disk],
  ]);
  const server = createServer(({ url = '' }, response) => {
    asked += 1;
    const file = files.get(url);
    response.writeHead(file ? 200 : 404, { 'content-length': file?.length ?? 0 }).end(file);
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  onTestFinished(() => void server.close());
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : '';
  return { url: `http://127.0.0.1:${port}/a/appliance.ovf`, asked: () => asked };
}

const pullOf = (uri: string) => ({ source_type: 'PULL_SOURCE', pull_source: uri });

test('what was pulled is exported again, byte for byte, as a folder and as an archive, in one piece and in ranges', async () => {
  const { url, client } = await startService();
  const id = await client.create(pullOf((await servePackage()).url));
  await client.until(id, 'IMPORT_SELECTING_OVF_PARAMS');
  await client.instantiate(id);
  const { vm_id: vm } = await client.until(id, 'IMPORT_COMPLETED');
  const exports = `${url}/rest/com/vmware/vcenter/ovf/export-session`;

  async function exportAs(type: string): Promise<readonly FileEntry[]> {
    const session = await client.call('POST', exports, {
      source: { vm_id: vm },
      create_spec: {
        '@class': 'com.vmware.vcenter.ovf.export_session.create_spec',
        target_type: 'DOWNLOAD_TARGET',
        target_content_type: type,
      },
    });
    for (;;) {
      const info = await client.call('GET', `${exports}/id:${session}`);
      if (info.state === 'EXPORT_READY') return info.files;
      if (info.state !== 'EXPORT_PREPARING') throw new Error(JSON.stringify(info));
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  const folder = await exportAs('OVF_TARGET');
  const exported = folder.find(({ name }) => name.endsWith('.vmdk'))?.file_url ?? '';
  const whole = await send({ url: exported });
  expect(whole.bytes.equals(disk)).toBe(true);
  const headers = { range: 'bytes=1000000-', 'if-range': String(whole.headers.etag) };
  const rest = await send({ url: exported, headers });
  expect(rest.status).toBe(206);
  expect(rest.bytes.equals(disk.subarray(1_000_000))).toBe(true);

  const [archive] = await exportAs('OVA_TARGET');
  const { bytes } = await send({ url: archive?.file_url ?? '' });
  expect(bytes.subarray(257, 262).toString()).toBe('ustar');
  expect(bytes.includes(disk)).toBe(true);
  const part = await send({ url: archive?.file_url ?? '', headers: { range: 'bytes=2000-1500000' } });
  expect(part.bytes.equals(bytes.subarray(2000, 1_500_001))).toBe(true);
});

test('a pull from a network that is denied ends in an error, and nothing was asked for', async () => {
  const { client } = await startService({ OVFKITD_PULL_DENY: '127.0.0.0/8' });
  const source = await servePackage();
  const id = await client.create(pullOf(source.url));
  await expect(client.until(id, 'IMPORT_SELECTING_OVF_PARAMS')).rejects.toThrow(/not allowed|refused/i);
  expect(source.asked()).toBe(0);
});

test('users of a role that may not have packages fetched push them, and are refused a pull by name', async () => {
  const { url, client } = await startService({ OVFKITD_PULL_ROLES: 'operator' });
  const { asked, ...source } = await servePackage();
  await expect(client.create(pullOf(source.url))).rejects.toThrow(/UNAUTHORIZED|403/);
  const probe = `${url}/rest/com/vmware/vcenter/ovf/import-session?~action=probe`;
  await expect(client.call('POST', probe, { uri: source.url })).rejects.toThrow(/UNAUTHORIZED|403/);
  expect(asked()).toBe(0);
  await expect(client.create({ source_type: 'PUSH_SOURCE' })).resolves.toEqual(expect.any(String));
});
