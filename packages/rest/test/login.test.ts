import { expect, test } from 'vitest';
import { createRestBackend, type RetryNotice } from '../src/index.ts';
import { connect } from './support/backend.ts';
import { answer, serve, vapiError } from './support/http-server.ts';
import { vcenter } from './support/vcenter.ts';

test('a login sends Basic and asks for the token in the body, and every call carries it', async () => {
  const tokens: unknown[] = [];
  const { serve: handle, logins } = vcenter((request, response) => {
    tokens.push(request.headers['vmware-api-session-id']);
    answer(response, { body: { value: [] } });
  });
  const { url } = await serve(handle);
  const backend = await connect(url);
  await backend.exportFlag.list({});
  expect(logins.map(({ headers }) => [headers.authorization, headers['vmware-use-header-authn']])).toEqual([
    [`Basic ${btoa('u:p')}`, 'true'],
  ]);
  expect(tokens).toEqual(['token-1']);
});

test('calls that find the login expired share one new login and are repeated', async () => {
  const { serve: handle, logins } = vcenter((request, response) => {
    if (request.headers['vmware-api-session-id'] !== 'token-2')
      return answer(response, { status: 401, body: vapiError('UNAUTHENTICATED') });
    answer(response, { body: { value: [] } });
  });
  const { url } = await serve(handle);
  const backend = await connect(url);
  const lists = await Promise.all(Array.from({ length: 8 }, () => backend.exportFlag.list({})));
  expect(lists).toHaveLength(8);
  expect(logins).toHaveLength(2);
});

test('a login that the server forgot before it was used is renewed once more', async () => {
  const { serve: handle, logins } = vcenter((request, response) => {
    if (request.headers['vmware-api-session-id'] !== 'token-3')
      return answer(response, { status: 401, body: vapiError('UNAUTHENTICATED') });
    answer(response, { body: { value: [] } });
  });
  const { url } = await serve(handle);
  const backend = await connect(url);
  await expect(backend.exportFlag.list({})).resolves.toEqual([]);
  expect(logins).toHaveLength(3);
});

test('a login that a proxy answers in place of the server is tried again', async () => {
  const { serve: handle, logins } = vcenter(() => {});
  let calls = 0;
  const { url } = await serve((request, response) => {
    calls += 1;
    if (calls === 1) return answer(response, { status: 502 });
    if (calls === 2) request.socket.destroy();
    else return handle(request, response);
  });
  const notices: RetryNotice[] = [];
  await connect(url, { onRetry: (notice) => notices.push(notice) });
  expect(logins).toHaveLength(1);
  expect(notices.map(({ operation, reason }) => [operation, reason.kind])).toEqual([
    ['session.create', 'SERVICE_UNAVAILABLE'],
    ['session.create', 'RESOURCE_INACCESSIBLE'],
  ]);
});

test('a call that is refused with the new logins as well is given up', async () => {
  const { serve: handle, logins } = vcenter((_, response) =>
    answer(response, { status: 401, body: vapiError('UNAUTHENTICATED') }),
  );
  const { url } = await serve(handle);
  const backend = await connect(url);
  await expect(backend.exportFlag.list({})).rejects.toMatchObject({ kind: 'UNAUTHENTICATED' });
  expect(logins).toHaveLength(3);
});

test('a wrong password is told as such and is not tried again', async () => {
  const server = await serve((_, response) => answer(response, { status: 401, body: vapiError('UNAUTHENTICATED') }));
  await expect(connect(server.url)).rejects.toMatchObject({
    kind: 'UNAUTHENTICATED',
    message: expect.stringContaining('password of u'),
  });
  expect(server.seen).toEqual(['POST /rest/com/vmware/cis/session']);
});

test('closing logs out what was logged in', async () => {
  const { serve: handle, logouts } = vcenter(() => {});
  const { url } = await serve(handle);
  const backend = await createRestBackend({ url, user: 'u', password: 'p' });
  await backend.close();
  expect(logouts.map(({ headers }) => headers['vmware-api-session-id'])).toEqual(['token-1']);
});

test('a token that was given is used as it is and not logged out', async () => {
  const {
    serve: handle,
    logins,
    logouts,
  } = vcenter((request, response) =>
    answer(response, {
      body: {
        value: [
          { network: 'network-1', type: 'STANDARD_PORTGROUP', name: String(request.headers['vmware-api-session-id']) },
        ],
      },
    }),
  );
  const { url } = await serve(handle);
  const backend = await createRestBackend({ url, token: 'mine' });
  expect(await backend.inventory.network.list({})).toMatchObject([{ name: 'mine' }]);
  await backend.close();
  expect([logins, logouts]).toEqual([[], []]);
});

test('a server that is neither vCenter nor ovfkitd is told as such', async () => {
  const { url } = await serve((_, response) => answer(response, { status: 404 }));
  await expect(connect(url)).rejects.toMatchObject({
    kind: 'OPERATION_NOT_FOUND',
    message: expect.stringContaining('Check that the URL'),
  });
});

test('a caller that gives up does not take the login of the others with it', async () => {
  let release = (): void => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  let logins = 0;
  const { serve: handle } = vcenter((request, response) =>
    request.headers['vmware-api-session-id'] === 'fresh'
      ? answer(response, { body: { value: [] } })
      : answer(response, { status: 401, body: vapiError('UNAUTHENTICATED') }),
  );
  const { url } = await serve(async (request, response) => {
    if (request.url !== '/rest/com/vmware/cis/session' || request.method === 'DELETE') return handle(request, response);
    logins += 1;
    if (logins > 1) await held;
    answer(response, { body: { value: logins > 1 ? 'fresh' : 'stale' } });
  });
  const backend = await connect(url);
  const controller = new AbortController();
  const impatient = backend.exportFlag.list({}, { signal: controller.signal });
  const patient = backend.exportFlag.list({});
  setTimeout(() => controller.abort(new Error('enough')), 50);
  await expect(impatient).rejects.toThrow('enough');
  release();
  await expect(patient).resolves.toEqual([]);
  expect(logins).toBe(2);
});

test('a connection that is canceled while its login is not answered ends at once', async () => {
  const { url } = await serve(() => undefined);
  const controller = new AbortController();
  const startedAt = performance.now();
  setTimeout(() => controller.abort(new Error('enough')), 100);
  const made = createRestBackend({ url, user: 'u', password: 'p', stallTimeoutMs: 20_000, signal: controller.signal });
  await expect(made).rejects.toThrow('enough');
  expect(performance.now() - startedAt).toBeLessThan(5_000);
});

test.each([
  ['a vCenter without /rest', 401, /is a vCenter without \/rest.*switched on/],
  ['neither a vCenter nor an ovfkitd', 404, /Check that the URL is that of a vCenter/],
])('a server without a login is told to be %s', async (_, status, text) => {
  const { url, seen } = await serve((request, response) =>
    answer(response, { status: request.url === '/api/vcenter/ovf/export-flag' ? status : 404 }),
  );
  const made = createRestBackend({ url, user: 'u', password: 'p' });
  await expect(made).rejects.toMatchObject({ kind: 'OPERATION_NOT_FOUND', message: expect.stringMatching(text) });
  expect(seen).toContain('GET /api/vcenter/ovf/export-flag');
});
