import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, test, vi } from 'vitest';
import { send } from './support/http.ts';
import { startService } from './support/service.ts';

const paths: string[] = [];
const service = await startService({ onRequest: ({ path }) => paths.push(path) });

test('no answer may be framed, sniffed, or told on by a referrer', async () => {
  const url = await service.exportUrl(await service.addExport('disk.vmdk', new Uint8Array(10)));
  for (const each of [`${service.url}/`, `${service.url}/health`, `${service.url}/none`, url])
    expect((await send({ url: each })).headers).toMatchObject({
      'x-frame-options': 'DENY',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
    });
  expect((await send({ url: `${service.url}/` })).headers['content-security-policy']).toContain(
    "frame-ancestors 'none'",
  );
});

test.each(['same-site', 'cross-site'])('a cookie that comes with a %s page of a browser is none', async (site) => {
  const url = `${service.url}/rest/com/vmware/vcenter/ovf/export-flag`;
  const cookie = `vmware-api-session-id=${service.auth['vmware-api-session-id']}`;
  expect((await send({ url, headers: { cookie, 'sec-fetch-site': 'same-origin' } })).status).toBe(200);
  expect((await send({ url, headers: { cookie, 'sec-fetch-site': site } })).status).toBe(401);
  expect((await send({ url, headers: { ...service.auth, 'sec-fetch-site': site } })).status).toBe(200);
});

test('a request with two Hosts is refused', async () => {
  const { hostname, port } = new URL(service.url);
  const socket = connect(Number(port), hostname);
  socket.end('GET /health HTTP/1.1\r\nHost: a\r\nHost: b\r\nConnection: close\r\n\r\n');
  const [answer] = await once(socket.setEncoding('utf8'), 'data');
  expect(answer).toMatch(/^HTTP\/1\.1 400 /);
});

test('no spelling of a path brings a capability into a report', async () => {
  const { pathname } = new URL(await service.fileUrl(await service.newImport(), 'disk.vmdk'));
  const capability = pathname.split('/')[3] ?? '';
  const spellings = [pathname, `/${pathname}`, pathname.replace('ovf', '%6fvf'), `/a/..${pathname}`];
  for (const spelling of spellings) {
    const before = paths.length;
    await send({ url: `${service.url}${spelling}`, method: 'HEAD' });
    await vi.waitFor(() => expect(paths.length).toBeGreaterThan(before));
  }
  expect(paths.filter((path) => path.includes(capability))).toEqual([]);
});
