import { createServer } from 'node:net';
import { describe, expect, test } from 'vitest';
import type { RetryNotice } from '../src/index.ts';
import { connect } from './support/backend.ts';
import { answer, bodyOf, serve, vapiError } from './support/http-server.ts';
import { importPath, vcenter } from './support/vcenter.ts';

const createSpec = { sourceType: 'PUSH_SOURCE' };

describe('a call that may be repeated', () => {
  test('waits as long as Retry-After says and is sent again', async () => {
    const times: number[] = [];
    const { serve: handle } = vcenter((_, response) => {
      times.push(Date.now());
      if (times.length === 1) answer(response, { status: 503, headers: { 'retry-after': '1' } });
      else answer(response, { body: { value: [] } });
    });
    const { url } = await serve(handle);
    const notices: RetryNotice[] = [];
    const backend = await connect(url, { onRetry: (notice) => notices.push(notice) });
    await backend.exportFlag.list({});
    expect((times[1] ?? 0) - (times[0] ?? 0)).toBeGreaterThanOrEqual(990);
    expect(notices).toMatchObject([
      { operation: 'export_flag.list', attempt: 1, inMs: 1000, reason: { kind: 'SERVICE_UNAVAILABLE' } },
    ]);
  });

  test('is sent again after the connection broke', async () => {
    let calls = 0;
    const { serve: handle } = vcenter((request, response) => {
      calls += 1;
      if (calls < 3) request.socket.destroy();
      else answer(response, { body: { value: [] } });
    });
    const { url } = await serve(handle);
    await expect((await connect(url)).exportFlag.list({})).resolves.toEqual([]);
    expect(calls).toBe(3);
  });

  test('is sent again when a proxy has cut its answer short and made the length fit', async () => {
    let calls = 0;
    const { serve: handle } = vcenter((_, response) => {
      calls += 1;
      const text = JSON.stringify({ value: [] });
      const part = calls === 1 ? text.slice(0, 5) : text;
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': part.length }).end(part);
    });
    const { url } = await serve(handle);
    await expect((await connect(url)).exportFlag.list({})).resolves.toEqual([]);
    expect(calls).toBe(2);
  });

  test('is not sent again when the server refuses it', async () => {
    let calls = 0;
    const { serve: handle } = vcenter((_, response) => {
      calls += 1;
      answer(response, { status: 400, body: vapiError('INVALID_ARGUMENT', 'no such flag') });
    });
    const { url } = await serve(handle);
    await expect((await connect(url)).exportFlag.list({})).rejects.toMatchObject({
      kind: 'INVALID_ARGUMENT',
      message: 'no such flag',
    });
    expect(calls).toBe(1);
  });

  test('gives up after as many tries as it was given, with what the last one said', async () => {
    let calls = 0;
    const { serve: handle } = vcenter((_, response) => {
      calls += 1;
      answer(response, { status: 503, body: vapiError('SERVICE_UNAVAILABLE', `busy ${calls}`) });
    });
    const { url } = await serve(handle);
    await expect((await connect(url, { attempts: 2 })).exportFlag.list({})).rejects.toMatchObject({
      message: 'busy 2',
    });
  });
});

describe('a create', () => {
  test('whose answer got lost is sent again with the same client token', async () => {
    const tokens: unknown[] = [];
    const { serve: handle } = vcenter(async (request, response) => {
      const body: { client_token?: unknown } = JSON.parse((await bodyOf(request)).toString());
      tokens.push(body.client_token);
      if (tokens.length === 1) request.socket.destroy();
      else answer(response, { body: { value: 'session-1' } });
    });
    const { url } = await serve(handle);
    const backend = await connect(url);
    expect(await backend.importSession.createForResourcePool({ resourcePool: 'pool', createSpec })).toBe('session-1');
    expect(tokens).toHaveLength(2);
    expect(tokens[0]).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4/);
    expect(tokens[1]).toBe(tokens[0]);
  });

  test('goes to the path that was given in place of the contract’s, the pool then in the body', async () => {
    let body: unknown;
    const { serve: handle } = vcenter(async (request, response) => {
      body = JSON.parse((await bodyOf(request)).toString());
      answer(response, { body: { value: 'session-1' } });
    });
    const server = await serve(handle);
    const backend = await connect(server.url, { paths: { 'import_session.create_for_resource_pool': importPath } });
    await backend.importSession.createForResourcePool({ resourcePool: 'pool', createSpec });
    expect(server.seen.at(-1)).toBe(`POST ${importPath}?~action=create-for-resource-pool`);
    expect(body).toMatchObject({ resource_pool: 'pool' });
  });
});

describe('an instantiate whose answer got lost', () => {
  const state = (value: string) => ({
    value: { state: value, progress: 0, files: [], errors: [], warnings: [], information: [] },
  });
  const parameters = { id: 's', instantiationParameters: [] };

  test('is not sent again when the session went on', async () => {
    let calls = 0;
    const { serve: handle } = vcenter((request, response) => {
      if (request.method === 'GET') return answer(response, { body: state('IMPORT_FILE_TRANSFER') });
      calls += 1;
      request.socket.destroy();
    });
    const { url } = await serve(handle);
    await (await connect(url)).importSession.instantiate(parameters);
    expect(calls).toBe(1);
  });

  test('is sent again when the session still waits for it', async () => {
    let calls = 0;
    const { serve: handle } = vcenter((request, response) => {
      if (request.method === 'GET') return answer(response, { body: state('IMPORT_SELECTING_OVF_PARAMS') });
      calls += 1;
      if (calls === 1) request.socket.destroy();
      else answer(response);
    });
    const { url } = await serve(handle);
    await (await connect(url)).importSession.instantiate(parameters);
    expect(calls).toBe(2);
  });

  test('has succeeded when the second is refused because the first took effect late', async () => {
    let calls = 0;
    const { serve: handle } = vcenter((request, response) => {
      if (request.method === 'GET')
        return answer(response, { body: state(calls === 1 ? 'IMPORT_SELECTING_OVF_PARAMS' : 'IMPORT_INSTANTIATING') });
      calls += 1;
      if (calls === 1) request.socket.destroy();
      else answer(response, { status: 400, body: vapiError('NOT_ALLOWED_IN_CURRENT_STATE') });
    });
    const { url } = await serve(handle);
    await (await connect(url)).importSession.instantiate(parameters);
    expect(calls).toBe(2);
  });

  test('that is refused at once stays refused', async () => {
    const { serve: handle } = vcenter((_, response) =>
      answer(response, { status: 400, body: vapiError('NOT_ALLOWED_IN_CURRENT_STATE', 'too late') }),
    );
    const { url } = await serve(handle);
    await expect((await connect(url)).importSession.instantiate(parameters)).rejects.toMatchObject({
      message: 'too late',
    });
  });
});

describe('a call ends', () => {
  test('with the reason of its signal', async () => {
    const { serve: handle } = vcenter(() => {});
    const { url } = await serve(handle);
    const backend = await connect(url);
    const reason = new Error('changed my mind');
    const call = backend.exportFlag.list(
      {},
      { signal: AbortSignal.any([AbortSignal.timeout(5_000), abortSoon(reason)]) },
    );
    await expect(call).rejects.toBe(reason);
  });

  test('with TIMED_OUT when no answer comes', async () => {
    const { serve: handle } = vcenter(() => {});
    const { url } = await serve(handle);
    const backend = await connect(url, { stallTimeoutMs: 300, attempts: 1 });
    await expect(backend.exportFlag.list({})).rejects.toMatchObject({
      kind: 'TIMED_OUT',
      message: expect.stringContaining(new URL(url).host),
    });
  });

  test('with SERVICE_UNAVAILABLE that names host and port when nobody listens', async () => {
    const listener = createServer();
    await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
    const address = listener.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    await new Promise((resolve) => listener.close(resolve));
    await expect(connect(`http://127.0.0.1:${port}`)).rejects.toMatchObject({
      kind: 'SERVICE_UNAVAILABLE',
      message: expect.stringContaining(`127.0.0.1:${port}`),
      data: { code: 'ECONNREFUSED', host: '127.0.0.1', port },
    });
  });

  test('with RESOURCE_INACCESSIBLE when the name cannot be resolved', async () => {
    await expect(connect('http://no-such-host.invalid')).rejects.toMatchObject({
      kind: 'RESOURCE_INACCESSIBLE',
      message: expect.stringMatching(/no-such-host\.invalid:80 cannot be resolved/),
    });
  });

  test('with a hint at the scheme when TLS meets plain HTTP', async () => {
    const { url } = await serve(() => {});
    await expect(connect(url.replace('http:', 'https:'))).rejects.toMatchObject({
      kind: 'RESOURCE_INACCESSIBLE',
      message: expect.stringContaining('use http:// in place of https://'),
    });
  });
});

function abortSoon(reason: Error): AbortSignal {
  const controller = new AbortController();
  setTimeout(() => controller.abort(reason), 50);
  return controller.signal;
}
