import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { chunksOf, connect } from './support/backend.ts';
import { address, uploadOf } from './support/file-address.ts';
import { answer, bodyOf, serve, vapiError } from './support/http-server.ts';
import { vcenter } from './support/vcenter.ts';

describe('an upload', () => {
  test('is a PUT of the raw bytes with their length, the login and the digest', async () => {
    let got: unknown;
    const { serve: handle } = vcenter(async (request, response) => {
      const { method, headers } = request;
      got = {
        method,
        length: headers['content-length'],
        type: headers['content-type'],
        digest: headers['repr-digest'],
        token: headers['vmware-api-session-id'],
        body: (await bodyOf(request)).toString(),
      };
      answer(response);
    });
    const backend = await connect((await serve(handle)).url);
    const sha256 = createHash('sha256').update('abcdef').digest();
    const state = await backend.files.upload(
      uploadOf('abcdef', { bytes: chunksOf('abc', 'def'), sha256: sha256.toString('hex') }),
    );
    expect(state).toEqual({ offset: 6, isComplete: true });
    expect(got).toEqual({
      method: 'PUT',
      length: '6',
      type: 'application/octet-stream',
      digest: `sha-256=:${sha256.toString('base64')}:`,
      token: 'token-1',
      body: 'abcdef',
    });
  });

  test('of unknown length is sent in chunks, and one of no bytes with length 0', async () => {
    const got: unknown[] = [];
    const { serve: handle } = vcenter(async (request, response) => {
      got.push([
        request.headers['transfer-encoding'],
        request.headers['content-length'],
        (await bodyOf(request)).length,
      ]);
      answer(response);
    });
    const backend = await connect((await serve(handle)).url);
    const { size: _, ...unknown } = uploadOf('abc');
    expect(await backend.files.upload(unknown)).toEqual({ offset: 3, isComplete: true });
    expect(await backend.files.upload(uploadOf('', { bytes: chunksOf() }))).toEqual({ offset: 0, isComplete: true });
    expect(got).toEqual([
      ['chunked', undefined, 3],
      [undefined, '0', 0],
    ]);
  });

  test('is a POST with the disk type of hosts where the session says POST', async () => {
    let got: unknown;
    const { serve: handle } = vcenter((request, response) => {
      got = [request.method, request.headers['content-type']];
      request.resume();
      answer(response);
    });
    const backend = await connect((await serve(handle)).url);
    await backend.files.upload(uploadOf('x', { fileInfo: { uploadMethod: 'POST' } }));
    expect(got).toEqual(['POST', 'application/x-vnd.vmware-streamVmdk']);
  });

  test('goes on by PATCH from an offset', async () => {
    let got: unknown;
    const { serve: handle } = vcenter(async (request, response) => {
      const { method, headers } = request;
      got = [
        method,
        headers['upload-offset'],
        headers['upload-complete'],
        headers['content-length'],
        headers['content-type'],
        (await bodyOf(request)).toString(),
      ];
      answer(response, { headers: { 'upload-offset': '6', 'upload-complete': '?1' } });
    });
    const backend = await connect((await serve(handle)).url);
    expect(await backend.files.upload(uploadOf('abcdef', { offset: 4, bytes: chunksOf('ef') }))).toEqual({
      offset: 6,
      isComplete: true,
    });
    expect(got).toEqual(['PATCH', '4', '?1', '2', 'application/partial-upload', 'ef']);
  });

  test('that the server answers before reading all of it has succeeded', async () => {
    let isStopped = false;
    async function* endless(): AsyncGenerator<Uint8Array, void, undefined> {
      try {
        for (;;) yield new Uint8Array(65_536);
      } finally {
        isStopped = true;
      }
    }
    const { serve: handle } = vcenter((request, response) => {
      request.once('data', () => answer(response));
    });
    const backend = await connect((await serve(handle)).url);
    const state = await backend.files.upload(uploadOf('', { size: 2 ** 40, bytes: endless() }));
    expect(state.isComplete).toBe(true);
    await expect.poll(() => isStopped).toBe(true);
  });

  test('fails with the error of its source, unchanged, and the server never sees a whole file', async () => {
    let seen = 'nothing';
    const { serve: handle } = vcenter(async (request) => {
      seen = await bodyOf(request).then(
        () => 'whole',
        () => 'broken',
      );
    });
    const backend = await connect((await serve(handle)).url);
    const failure = new Error('the disk is gone');
    async function* failing(): AsyncGenerator<Uint8Array, void, undefined> {
      yield new Uint8Array(10);
      throw failure;
    }
    await expect(backend.files.upload(uploadOf('', { size: 20, bytes: failing() }))).rejects.toBe(failure);
    await expect.poll(() => seen).toBe('broken');
  });

  test('fails with what the server says of it', async () => {
    const { serve: handle } = vcenter(async (request, response) => {
      await bodyOf(request);
      answer(response, { status: 400, body: vapiError('INVALID_ARGUMENT', 'wrong digest') });
    });
    const backend = await connect((await serve(handle)).url);
    await expect(backend.files.upload(uploadOf('abc'))).rejects.toMatchObject({
      kind: 'INVALID_ARGUMENT',
      message: 'wrong digest',
    });
  });

  test('on which the server reads nothing ends with TIMED_OUT, one whose source is slow does not', async () => {
    const { serve: handle } = vcenter(async (request, response) => {
      if (request.url === '/up/stuck') return request.socket.pause() && undefined;
      await bodyOf(request);
      answer(response);
    });
    const backend = await connect((await serve(handle)).url, { stallTimeoutMs: 400 });
    async function* slow(): AsyncGenerator<Uint8Array, void, undefined> {
      yield new Uint8Array(1);
      await new Promise((resolve) => setTimeout(resolve, 1_000));
      yield new Uint8Array(1);
    }
    async function* much(): AsyncGenerator<Uint8Array, void, undefined> {
      for (let each = 0; each < 64; each += 1) yield new Uint8Array(1024 * 1024);
    }
    await expect(backend.files.upload(uploadOf('', { size: 2, bytes: slow() }))).resolves.toMatchObject({
      isComplete: true,
    });
    const stuck = backend.files.upload(
      uploadOf('', { size: 64 * 1024 * 1024, bytes: much(), fileInfo: { fileUrl: '/up/stuck' } }),
    );
    await expect(stuck).rejects.toMatchObject({ kind: 'TIMED_OUT', message: expect.stringContaining('No byte moved') });
  });

  test('ends with the reason of its signal', async () => {
    const { serve: handle } = vcenter((request) => void request.resume());
    const backend = await connect((await serve(handle)).url);
    const controller = new AbortController();
    const reason = new Error('enough');
    const upload = backend.files.upload(uploadOf('abc'), { signal: controller.signal });
    setTimeout(() => controller.abort(reason), 50);
    await expect(upload).rejects.toBe(reason);
  });

  test('whose login expired renews it and asks to be sent again', async () => {
    const { serve: handle, logins } = vcenter(async (request, response) => {
      await bodyOf(request);
      if (request.headers['vmware-api-session-id'] === 'token-1')
        answer(response, { status: 401, body: vapiError('UNAUTHENTICATED') });
      else answer(response);
    });
    const backend = await connect((await serve(handle)).url);
    await expect(backend.files.upload(uploadOf('abc'))).rejects.toMatchObject({ kind: 'RESOURCE_INACCESSIBLE' });
    await expect(backend.files.upload(uploadOf('abc'))).resolves.toMatchObject({ isComplete: true });
    expect(logins).toHaveLength(2);
  });

  test('whose state is asked for with an expired login renews it and asks to be asked again', async () => {
    const { serve: handle, logins } = vcenter((request, response) => {
      const isExpired = request.headers['vmware-api-session-id'] === 'token-1';
      response.writeHead(isExpired ? 401 : 204, { 'upload-offset': '2', 'upload-complete': '?0' }).end();
    });
    const backend = await connect((await serve(handle)).url);
    await expect(backend.files.uploadState(address({}))).rejects.toMatchObject({ kind: 'RESOURCE_INACCESSIBLE' });
    await expect(backend.files.uploadState(address({}))).resolves.toEqual({ offset: 2, isComplete: false });
    expect(logins).toHaveLength(2);
  });

  test('of a file without a URL is refused', async () => {
    const backend = await connect((await serve(vcenter(() => {}).serve)).url);
    const { fileUrl: _, ...file } = address({}).file;
    await expect(backend.files.upload({ ...uploadOf('a'), file })).rejects.toMatchObject({
      kind: 'NOT_ALLOWED_IN_CURRENT_STATE',
    });
  });
});

describe('what is kept of an upload', () => {
  test('is told by HEAD, and then the server is known to resume', async () => {
    const { serve: handle } = vcenter((_, response) =>
      answer(response, { headers: { 'upload-offset': '4096', 'upload-complete': '?0' } }),
    );
    const backend = await connect((await serve(handle)).url);
    expect(backend.features.resumableUpload).toBe(false);
    expect(await backend.files.uploadState(address({}))).toEqual({ offset: 4096, isComplete: false });
    expect(backend.features.resumableUpload).toBe(true);
  });

  test('is asked for by digest where uploads are resumed, without a byte, and only there', async () => {
    const seen: unknown[] = [];
    const { serve: handle } = vcenter((request, response) => {
      const { method, headers } = request;
      if (method !== 'GET')
        seen.push([method, headers['repr-digest'], headers['upload-length'], headers['content-length']]);
      answer(response, { headers: { 'upload-offset': '5', 'upload-complete': '?1' } });
    });
    const backend = await connect((await serve(handle)).url);
    const known = { size: 5, sha256: '00'.repeat(32) };
    expect(await backend.files.uploadState({ ...address({}), known })).toEqual({ offset: 0, isComplete: false });
    expect(seen).toEqual([]);
    await backend.files.uploadState(address({}));
    expect(await backend.files.uploadState({ ...address({}), known })).toEqual({ offset: 5, isComplete: true });
    expect(seen[1]).toEqual(['PATCH', `sha-256=:${Buffer.alloc(32).toString('base64')}:`, '5', '0']);
  });

  test.each([
    ['sha-256=10', true],
    ['sha-512=3, sha-256=1', true],
    ['sha-256=0', undefined],
    ['md5=10', undefined],
    [undefined, undefined],
  ])('is asked for by size alone, and %j in the answer wants the digest: %j', async (wanted, isDigestWanted) => {
    const seen: unknown[] = [];
    const { serve: handle } = vcenter(({ method, headers }, response) => {
      if (method === 'PATCH') seen.push([headers['repr-digest'], headers['upload-length']]);
      const want = wanted === undefined ? {} : { 'want-repr-digest': wanted };
      answer(response, { headers: { 'upload-offset': '0', 'upload-complete': '?0', ...want } });
    });
    const backend = await connect((await serve(handle)).url);
    await backend.files.uploadState(address({}));
    const state = await backend.files.uploadState({ ...address({}), known: { size: 5 } });
    expect(state.isDigestWanted).toBe(isDigestWanted);
    expect(seen).toEqual([[undefined, '5']]);
  });

  test.each([200, 404, 405])('is unknown where HEAD answers %i without an offset', async (status) => {
    const { serve: handle } = vcenter((_, response) => answer(response, { status }));
    const backend = await connect((await serve(handle)).url);
    await expect(backend.files.uploadState(address({}))).rejects.toMatchObject({ kind: 'UNSUPPORTED' });
    expect(backend.features.resumableUpload).toBe(false);
  });

  test('is gone when a server that resumes no longer has the file', async () => {
    let status = 200;
    const { serve: handle } = vcenter((_, response) =>
      answer(response, status === 200 ? { headers: { 'upload-offset': '1' } } : { status }),
    );
    const backend = await connect((await serve(handle)).url);
    await backend.files.uploadState(address({}));
    status = 404;
    await expect(backend.files.uploadState(address({}))).rejects.toMatchObject({ kind: 'NOT_FOUND' });
  });

  test('of a source shorter than promised is what the server then has', async () => {
    let kept = 0;
    const { serve: handle } = vcenter(async (request, response) => {
      if (request.method === 'HEAD')
        return answer(response, { headers: { 'upload-offset': String(kept), 'upload-complete': '?0' } });
      for await (const part of request) kept += part.length;
    });
    const backend = await connect((await serve(handle)).url);
    await backend.files.uploadState(address({}));
    expect(await backend.files.upload(uploadOf('abcdef', { size: 10 }))).toMatchObject({ isComplete: false });
  });
});
