import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Principal, RequestReport } from '../src/index.ts';
import { names } from './support/file-backend.ts';
import { send } from './support/http.ts';
import { basic, client, startService } from './support/service.ts';

/** A connection by hand; `from` is the address it comes from. */
async function dial(url: string, from = '127.0.0.1'): Promise<Socket> {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port), localAddress: from });
  socket.on('error', () => {}); // a server that closes at once may reset
  onTestFinished(() => void socket.destroy());
  await once(socket, 'connect');
  return socket;
}

async function answerOf(socket: Socket): Promise<string> {
  let text = '';
  socket.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  await once(socket, 'close');
  return text;
}

const errorOf = (answer: string) => JSON.parse(answer.split('\r\n\r\n')[1] ?? '').value.error_type;

describe('a header', () => {
  test('that is too long is answered 431 with the contract’s error', async () => {
    const { url } = await startService({ limits: { headerSize: 2000 } });
    const socket = await dial(url);
    socket.write(`GET /health HTTP/1.1\r\nHost: a\r\nX-Long: ${'a'.repeat(3000)}\r\n\r\n`);
    const answer = await answerOf(socket);
    expect(answer).toMatch(/^HTTP\/1\.1 431 /);
    expect(errorOf(answer)).toBe('INVALID_REQUEST');
  });

  test.each(['', 'GET /health HTTP/1.1\r\nHost: a\r\nX-Slow: '])(
    'that stops after %j is answered 408 when its time is over',
    async (start) => {
      const { url } = await startService({ limits: { headerTimeoutMs: 300 } });
      const socket = await dial(url);
      socket.write(start);
      const answer = await answerOf(socket);
      expect(answer).toMatch(/^HTTP\/1\.1 408 /);
    },
  );

  test.each([
    'Content-Length: 5\r\nTransfer-Encoding: chunked',
    'Content-Length: 5\r\nContent-Length: 6',
    'Content-Length: 5\r\nContent-Length: 5',
    'Content-Length: +5',
    'Transfer-Encoding: chunked, identity',
    'Content-Length : 5',
    'X-Folded: a\r\n b',
  ])('that two readers could read differently is answered 400: %j', async (lines) => {
    const { url } = await startService();
    const socket = await dial(url);
    socket.write(`POST /api/session HTTP/1.1\r\nHost: a\r\n${lines}\r\n\r\n0\r\n\r\nGET /health HTTP/1.1\r\n`);
    expect(await answerOf(socket)).toMatch(/^HTTP\/1\.1 400 .*INVALID_REQUEST/s);
  });

  test('that is no HTTP is answered 400', async () => {
    const { url } = await startService();
    const socket = await dial(url);
    socket.write('HELO\r\n\r\n');
    expect(errorOf(await answerOf(socket))).toBe('INVALID_REQUEST');
  });
});

test('a call’s body that trickles ends with the time for it', async () => {
  const { url, auth } = await startService({ limits: { stallTimeoutMs: 300 } });
  const socket = await dial(url);
  const path = '/rest/com/vmware/vcenter/ovf/import-session/id:resgroup-8?~action=create-for-resource-pool';
  const token = auth['vmware-api-session-id'];
  socket.write(`POST ${path} HTTP/1.1\r\nHost: a\r\nvmware-api-session-id: ${token}\r\nContent-Length: 1000\r\n\r\n`);
  const timer = setInterval(() => socket.write(' '), 50);
  onTestFinished(() => clearInterval(timer));
  const answer = await answerOf(socket);
  expect(errorOf(answer)).toBe('TIMED_OUT');
});

test('requests beyond the rate are answered 429 with the time to wait, and pass again later', async () => {
  const { url } = await startService({ limits: { requestsPerSecond: 5 } });
  const statuses: number[] = [];
  let refused: Awaited<ReturnType<typeof send>> | undefined;
  for (let count = 0; count < 15; count += 1) {
    const answer = await send({ url: `${url}/health` });
    statuses.push(answer.status);
    if (answer.status === 429) refused = answer;
  }
  expect(new Set(statuses)).toEqual(new Set([200, 429]));
  expect(refused?.headers['retry-after']).toBe('1');
  expect(refused?.json.value.error_type).toBe('SERVICE_UNAVAILABLE');
  await expect.poll(async () => (await send({ url: `${url}/health` })).status, { interval: 300 }).toBe(200);
});

describe('connections', () => {
  test('of one client beyond its limit are closed, those of another are not', async () => {
    const { url } = await startService({ limits: { connectionsPerClient: 3 } });
    const held = await Promise.all([1, 2, 3].map(() => dial(url, '127.0.0.9')));
    const fourth = await dial(url, '127.0.0.9');
    await once(fourth, 'close');
    expect((await send({ url: `${url}/health` })).status).toBe(200);
    held[0]?.destroy();
    await expect
      .poll(async () => {
        const next = await dial(url, '127.0.0.9');
        next.write('GET /health HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
        return answerOf(next);
      })
      .toMatch(/^HTTP\/1\.1 200 /);
  });

  test('of a trusted proxy have no limit, and the client behind it is named by the proxy', async () => {
    const reports: RequestReport[] = [];
    const { url } = await startService({
      limits: { connectionsPerClient: 1 },
      trustedProxies: ['127.0.0.0/8'],
      onRequest: (report) => reports.push(report),
    });
    await Promise.all([1, 2, 3].map(() => dial(url)));
    await send({ url: `${url}/health`, headers: { 'x-forwarded-for': '203.0.113.7' } });
    expect(reports.at(-1)?.address).toBe('203.0.113.7');
  });

  test('from elsewhere cannot claim another address', async () => {
    const reports: RequestReport[] = [];
    const { url } = await startService({ onRequest: (report) => reports.push(report) });
    await send({ url: `${url}/health`, headers: { 'x-forwarded-for': '203.0.113.7' } });
    expect(reports.at(-1)?.address).toBe('127.0.0.1');
  });
});

test('a download that its client does not take ends with the time for it', async () => {
  const service = await startService({ limits: { transferTimeoutMs: 300 } });
  const url = await service.exportUrl(await service.addExport('disk.vmdk', new Uint8Array(32 * 1024 * 1024)));
  const socket = await dial(service.url);
  const closed = new Promise((resolve) => void socket.once('close', resolve));
  socket.pause();
  socket.write(`GET ${new URL(url).pathname} HTTP/1.1\r\nHost: a\r\n\r\n`);
  let size = 0;
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  socket
    .on('data', (chunk: Buffer) => {
      size += chunk.length;
    })
    .resume();
  await closed;
  expect(size).toBeLessThan(32 * 1024 * 1024);
});

describe('uploads', () => {
  test.each([
    { uploadsPerUser: 2, uploads: 10 },
    { uploadsPerUser: 10, uploads: 2 },
  ])('beyond %j are refused until one is over', async (limits) => {
    const service = await startService({ limits });
    const { hostname, port } = new URL(service.url);
    const open = async () => {
      const id = await service.newImport();
      const { pathname } = new URL(await service.fileUrl(id, names.plain));
      const socket = connect(Number(port), hostname);
      onTestFinished(() => void socket.destroy());
      socket.write(`PUT ${pathname} HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nabc`);
      await service.untilTaken(id, 3);
      return socket;
    };
    const [first] = [await open(), await open()];
    const url = await service.fileUrl(await service.newImport(), names.plain);
    const refused = await send({ url, method: 'PUT', body: 'abc' });
    expect([refused.status, refused.headers['retry-after']]).toEqual([503, '1']);
    expect(refused.json.value.messages[0].default_message).toMatch(/^Too many uploads: 2 /);
    first?.destroy();
    await expect.poll(async () => (await send({ url, method: 'PUT', body: 'abc' })).status).toBe(201);
  });
});

describe('a login whose user is removed', () => {
  test('ends at once, with its tokens and its file URLs', async () => {
    const users = new Map<string, Principal>([['ann', { user: 'ann', role: 'operator', credential: 'first' }]]);
    const service = await startService({
      authenticate: async (user) => users.get(user),
      standing: async ({ user, credential }) => {
        const now = users.get(user);
        return now?.credential === credential ? now : undefined;
      },
    });
    const id = await service.newImport();
    const upload = { url: await service.fileUrl(id, names.plain), method: 'HEAD' };
    const call = { url: `${service.url}/rest/com/vmware/vcenter/ovf/export-flag`, headers: service.auth };
    expect([(await send(call)).status, (await send(upload)).status]).toEqual([200, 204]);
    users.set('ann', { user: 'ann', role: 'operator', credential: 'second' });
    expect([(await send(call)).status, (await send(upload)).status]).toEqual([401, 403]);
    const { auth } = await client(service.url);
    users.delete('ann');
    expect((await send({ ...call, headers: auth })).status).toBe(401);
  });

  test('ends what it is sending within a second or two, and what came before is kept', async () => {
    let isUser = true;
    const service = await startService({ standing: async (principal) => (isUser ? principal : undefined) });
    const url = await service.fileUrl(await service.newImport(), names.plain);
    const socket = await dial(service.url);
    socket.write(`PUT ${new URL(url).pathname} HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n`);
    const trickle = setInterval(() => socket.write('0123456789'), 50);
    onTestFinished(() => clearInterval(trickle));
    await expect.poll(async () => (await send({ url, method: 'HEAD' })).status).toBe(204);
    isUser = false;
    expect(await answerOf(socket)).toMatch(/^HTTP\/1\.1 403 /);
    isUser = true;
    expect(Number((await send({ url, method: 'HEAD' })).headers['upload-offset'])).toBeGreaterThan(0);
  });

  test('or whose role changed has the new one', async () => {
    let role: Principal['role'] = 'operator';
    const service = await startService({ standing: async ({ user }) => ({ user, role }) });
    const url = `${service.url}/rest/com/vmware/vcenter/ovf/import-session/id:x`;
    expect((await send({ url, method: 'DELETE', headers: service.auth })).status).toBe(200);
    role = 'viewer';
    expect((await send({ url, method: 'DELETE', headers: service.auth })).status).toBe(403);
  });
});

test('trying one name after another has to wait as well, but not long', async () => {
  let now = 1_000_000;
  const { url } = await startService({ clock: () => now });
  const login = (user: string, password: string) =>
    send({ url: `${url}/api/session`, method: 'POST', headers: { authorization: basic(user, password) } });
  const statuses: number[] = [];
  for (let count = 0; count < 40; count += 1) statuses.push((await login(`user-${count}`, 'guess')).status);
  expect([statuses.indexOf(503), statuses.at(-1)]).toEqual([31, 503]);
  expect((await login('ann', "ann's")).status).toBe(503);
  now += 5_000;
  expect((await login('ann', "ann's")).status).toBe(201);
});

test('a name that is no user’s is told by its length only', async () => {
  const reports: RequestReport[] = [];
  const { url } = await startService({
    isUser: async (name) => name === 'ann',
    onRequest: (report) => reports.push(report),
  });
  for (const name of ['ann', 'hunter2'])
    await send({ url: `${url}/api/session`, method: 'POST', headers: { authorization: basic(name, 'wrong') } });
  await expect.poll(() => reports.map(({ user }) => user).slice(-2)).toEqual(['ann', '(no user, 7 characters)']);
});

test('a report says who did what to what, and what was made', async () => {
  const reports: RequestReport[] = [];
  const service = await startService({ onRequest: (report) => reports.push(report) });
  const id = await service.newImport();
  await send({ url: await service.fileUrl(id, names.plain), method: 'PUT', body: 'abc' });
  await send({ url: `${service.url}/api/session`, method: 'POST', headers: { authorization: basic('ann', 'wrong') } });
  expect(reports).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ operation: 'session.create', user: 'ann', status: 200 }),
      expect.objectContaining({ operation: expect.stringMatching(/\.create_for_resource_pool$/), made: id }),
      expect.objectContaining({ operation: 'file.upload', user: 'ann', target: { import: id, file: names.plain } }),
      expect.objectContaining({ operation: 'session.create', user: 'ann', status: 401, error: 'UNAUTHENTICATED' }),
    ]),
  );
});
