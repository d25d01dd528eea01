import { createHash } from 'node:crypto';
import type { FileAddress, OvfFileInfo, Upload } from '@ovfkit/domain';
import { describe, expect, test } from 'vitest';
import { chunksOf, connect, textOf } from './support/backend.ts';
import { makeIdentity } from './support/certificate.ts';
import { answer, bodyOf, type Handle, serve, vapiError } from './support/http-server.ts';
import { vcenter } from './support/vcenter.ts';

const address = (file: Partial<OvfFileInfo>, kind: FileAddress['kind'] = 'import'): FileAddress => ({
  kind,
  sessionId: 's',
  file: {
    name: 'disk.vmdk',
    fileType: 'DISK',
    optionalUpload: false,
    bytesTransferred: 0,
    fileUrl: '/up/disk',
    ...file,
  },
});

const uploadOf = (text: string, input: Partial<Upload> & { readonly fileInfo?: Partial<OvfFileInfo> } = {}): Upload => {
  const { fileInfo = {}, ...others } = input;
  return { ...address(fileInfo), offset: 0, size: text.length, bytes: chunksOf(text), ...others };
};

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

describe('a file at another host', () => {
  const record =
    (into: unknown[]): Handle =>
    async (request, response) => {
      await bodyOf(request);
      into.push(request.headers['vmware-api-session-id']);
      answer(response);
    };

  test('is pinned by the thumbprint of its entry and never sees the login', async () => {
    const identity = await makeIdentity();
    const tokens: unknown[] = [];
    const other = await serve(record(tokens), { identity });
    const backend = await connect((await serve(vcenter(() => {}).serve)).url);
    const fileInfo = { fileUrl: `${other.url}/disk`, sslThumbPrint: identity.sha1 };
    await expect(backend.files.upload(uploadOf('abc', { fileInfo }))).resolves.toMatchObject({ isComplete: true });
    expect(tokens).toEqual([undefined]);
  });

  test('is refused when its certificate is another one', async () => {
    const [identity, expected] = [await makeIdentity(), await makeIdentity()];
    const other = await serve(record([]), { identity });
    const backend = await connect((await serve(vcenter(() => {}).serve)).url);
    const fileInfo = { fileUrl: `${other.url}/disk`, sslThumbPrint: expected.sha1 };
    await expect(backend.files.upload(uploadOf('abc', { fileInfo }))).rejects.toMatchObject({
      kind: 'UNVERIFIED_PEER',
    });
    expect(other.seen).toEqual([]);
  });

  test('does not profit from the pin of the server itself', async () => {
    const identity = await makeIdentity();
    const other = await serve(record([]), { identity });
    const server = await serve(vcenter(() => {}).serve, { identity });
    const backend = await connect(server.url, { thumbprint: identity.sha256 });
    const elsewhere = other.url.replace('127.0.0.1', 'localhost');
    await expect(
      backend.files.upload(uploadOf('abc', { fileInfo: { fileUrl: `${elsewhere}/disk` } })),
    ).rejects.toMatchObject({
      kind: 'UNVERIFIED_PEER',
    });
  });

  test('written as * is the server itself', async () => {
    const tokens: unknown[] = [];
    const server = await serve(vcenter(record(tokens)).serve);
    const backend = await connect(server.url);
    await backend.files.upload(
      uploadOf('abc', { fileInfo: { fileUrl: `${server.url.replace('127.0.0.1', '*')}/disk` } }),
    );
    expect(tokens).toEqual(['token-1']);
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

describe('a download', () => {
  const content = 'The quick brown fox';

  test('gives size, strong validator and bytes', async () => {
    const { serve: handle } = vcenter(
      (_, response) => void response.writeHead(200, { 'content-length': content.length, etag: '"1"' }).end(content),
    );
    const backend = await connect((await serve(handle)).url);
    const download = await backend.files.download(address({}, 'export'));
    expect(download).toMatchObject({ size: 19, etag: '"1"' });
    expect(await textOf(download.bytes)).toBe(content);
  });

  test('of a range asks for it, its end counted in as HTTP does', async () => {
    let asked: unknown;
    const { serve: handle } = vcenter((request, response) => {
      asked = request.headers.range;
      response.writeHead(206, { 'content-range': 'bytes 4-8/19' }).end(content.slice(4, 9));
    });
    const backend = await connect((await serve(handle)).url);
    const download = await backend.files.download({ ...address({}, 'export'), range: { start: 4, end: 9 } });
    expect(asked).toBe('bytes=4-8');
    expect(download.size).toBe(19);
    expect(await textOf(download.bytes)).toBe('quick');
  });

  test('of a range from a server that ignores ranges gives the range all the same', async () => {
    const { serve: handle } = vcenter((_, response) => void response.end(content));
    const backend = await connect((await serve(handle)).url);
    const { bytes } = await backend.files.download({ ...address({}, 'export'), range: { start: 4, end: 9 } });
    expect(await textOf(bytes)).toBe('quick');
  });

  test('does not take a weak validator for a strong one', async () => {
    const { serve: handle } = vcenter((_, response) => void response.writeHead(200, { etag: 'W/"1"' }).end(content));
    const backend = await connect((await serve(handle)).url);
    expect((await backend.files.download(address({}, 'export'))).etag).toBeUndefined();
  });

  test('that breaks off ends with an error, not as if it were whole', async () => {
    const { serve: handle } = vcenter((request, response) => {
      response.writeHead(200, { 'content-length': 19 }).write(content.slice(0, 9));
      setTimeout(() => request.socket.destroy(), 50);
    });
    const backend = await connect((await serve(handle)).url);
    const { bytes } = await backend.files.download(address({}, 'export'));
    await expect(textOf(bytes)).rejects.toMatchObject({ kind: 'RESOURCE_INACCESSIBLE' });
  });

  test('on which nothing comes ends with TIMED_OUT', async () => {
    const { serve: handle } = vcenter(
      (_, response) => void response.writeHead(200, { 'content-length': 19 }).write('a'),
    );
    const backend = await connect((await serve(handle)).url, { stallTimeoutMs: 300 });
    const { bytes } = await backend.files.download(address({}, 'export'));
    await expect(textOf(bytes)).rejects.toMatchObject({ kind: 'TIMED_OUT' });
  });

  test('whose reader takes its time does not end', async () => {
    const { serve: handle } = vcenter((_, response) => void response.end(content));
    const backend = await connect((await serve(handle)).url, { stallTimeoutMs: 300 });
    const { bytes } = await backend.files.download(address({}, 'export'));
    let text = '';
    for await (const chunk of bytes) {
      await new Promise((resolve) => setTimeout(resolve, 700));
      text += Buffer.from(chunk).toString();
    }
    expect(text).toBe(content);
  });

  test('beyond the end is INVALID_ARGUMENT', async () => {
    const { serve: handle } = vcenter((_, response) => answer(response, { status: 416 }));
    const backend = await connect((await serve(handle)).url);
    await expect(
      backend.files.download({ ...address({}, 'export'), range: { start: 99, end: 100 } }),
    ).rejects.toMatchObject({
      kind: 'INVALID_ARGUMENT',
    });
  });
});
