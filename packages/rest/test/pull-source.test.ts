import { describe, expect, test } from 'vitest';
import { createPullSource, type PullSourceOptions } from '../src/index.ts';
import { textOf } from './support/backend.ts';
import { makeIdentity } from './support/certificate.ts';
import { answer, type Handle, serve } from './support/http-server.ts';

const pullSource = (options: Partial<PullSourceOptions> = {}) =>
  createPullSource({ isAllowed: () => true, stallTimeoutMs: 2_000, ...options });

const text: Handle = (_, response) => void response.writeHead(200, { 'content-length': 5, etag: '"v1"' }).end('hello');
const redirectTo =
  (location: string): Handle =>
  (_, response) =>
    void response.writeHead(302, { location }).end();

describe('a pull', () => {
  test('gives URL, size, validator and bytes', async () => {
    const { url } = await serve(text);
    const file = await pullSource().open({ url: `${url}/a.ovf` });
    expect(file).toMatchObject({ url: `${url}/a.ovf`, size: 5, etag: '"v1"', offset: 0 });
    expect(await textOf(file.bytes)).toBe('hello');
  });

  test('of a range says where its bytes begin', async () => {
    const { url } = await serve((request, response) => {
      expect(request.headers.range).toBe('bytes=2-');
      response.writeHead(206, { 'content-range': 'bytes 2-4/5' }).end('llo');
    });
    const file = await pullSource().open({ url, range: { start: 2, end: Number.MAX_SAFE_INTEGER } });
    expect(file).toMatchObject({ offset: 2, size: 5 });
    expect(await textOf(file.bytes)).toBe('llo');
  });

  test('of a range from a server without ranges begins at 0', async () => {
    const { url } = await serve(text);
    expect(await pullSource().open({ url, range: { start: 2, end: 5 } })).toMatchObject({ offset: 0, size: 5 });
  });

  test.each([
    [404, 'NOT_FOUND'],
    [410, 'NOT_FOUND'],
    [403, 'RESOURCE_INACCESSIBLE'],
    [500, 'RESOURCE_INACCESSIBLE'],
  ])('that is answered %i is %s', async (status, kind) => {
    const { url } = await serve((_, response) => answer(response, { status }));
    await expect(pullSource().open({ url: `${url}/a.ovf?secret=1` })).rejects.toMatchObject({
      kind,
      message: expect.stringMatching(new RegExp(`a\\.ovf answers ${status}`)),
    });
  });

  test('takes a percent sign in its user name as it is when it begins no escape', async () => {
    const seen: unknown[] = [];
    const { url } = await serve((request, response) => {
      seen.push(request.headers.authorization);
      return text(request, response);
    });
    await pullSource().open({ url: url.replace('//', '//50%:x@') });
    expect(seen).toEqual([`Basic ${Buffer.from('50%:x').toString('base64')}`]);
  });

  test('sends the credentials of its URL, and to no other host', async () => {
    const seen: unknown[] = [];
    const other = await serve((request, response) => {
      seen.push(request.headers.authorization);
      return text(request, response);
    });
    const first = await serve((request, response) => {
      seen.push(request.headers.authorization);
      return redirectTo(`${other.url}/b`)(request, response);
    });
    await pullSource().open({ url: first.url.replace('//', '//me:p%40ss@') });
    expect(seen).toEqual([`Basic ${btoa('me:p@ss')}`, undefined]);
  });

  test('over http does not look at a thumbprint, whatever it is', async () => {
    const { url } = await serve(text);
    const { bytes } = await pullSource().open({ url, thumbprint: 'zz' });
    expect(await textOf(bytes)).not.toBe('');
  });

  test.each(['ftp://host/a', 'file:///etc/passwd', 'not a url'])('of %j is refused', async (url) => {
    await expect(pullSource().open({ url })).rejects.toMatchObject({ kind: 'INVALID_ARGUMENT' });
  });

  test('on which nothing comes ends with TIMED_OUT', async () => {
    const { url } = await serve((_, response) => void response.writeHead(200, { 'content-length': 5 }).write('h'));
    const { bytes } = await pullSource({ stallTimeoutMs: 300 }).open({ url });
    await expect(textOf(bytes)).rejects.toMatchObject({ kind: 'TIMED_OUT' });
  });

  test('ends with the reason of its signal', async () => {
    const { url } = await serve(() => {});
    const controller = new AbortController();
    const reason = new Error('enough');
    setTimeout(() => controller.abort(reason), 50);
    await expect(pullSource().open({ url, signal: controller.signal })).rejects.toBe(reason);
  });
});

describe('a redirect', () => {
  test('on the same host keeps the credentials, also for what resolves against the new address', async () => {
    const seen: unknown[] = [];
    const { url } = await serve((request, response) => {
      seen.push(request.headers.authorization);
      return request.url === '/a' ? redirectTo('/b/c.ovf')(request, response) : text(request, response);
    });
    const file = await pullSource().open({ url: `${url.replace('//', '//me:pass%20word@')}/a` });
    expect(file.url).toBe(`${url.replace('//', '//me:pass%20word@')}/b/c.ovf`);
    const basic = `Basic ${Buffer.from('me:pass word').toString('base64')}`;
    expect(seen).toEqual([basic, basic]);
  });

  test('is followed, and the URL after it is told', async () => {
    const target = await serve(text);
    const { url } = await serve(redirectTo(`${target.url}/moved/a.ovf`));
    expect(await pullSource().open({ url })).toMatchObject({ url: `${target.url}/moved/a.ovf` });
  });

  test('may be relative', async () => {
    const server = await serve((request, response) =>
      request.url === '/a' ? redirectTo('b/c')(request, response) : text(request, response),
    );
    expect(await pullSource().open({ url: `${server.url}/a` })).toMatchObject({ url: `${server.url}/b/c` });
  });

  test('that never ends is given up after five', async () => {
    const server = await serve((request, response) => redirectTo(`${request.url}x`)(request, response));
    await expect(pullSource().open({ url: `${server.url}/` })).rejects.toMatchObject({ kind: 'RESOURCE_INACCESSIBLE' });
    expect(server.seen).toHaveLength(6);
  });

  test('from https to http is refused', async () => {
    const identity = await makeIdentity();
    const plain = await serve(text);
    const { url } = await serve(redirectTo(plain.url), { identity });
    await expect(pullSource({ ca: identity.cert }).open({ url })).rejects.toMatchObject({
      kind: 'RESOURCE_INACCESSIBLE',
      message: expect.stringContaining('from https to http'),
    });
    expect(plain.seen).toEqual([]);
  });

  test('to an address that is not allowed is refused before anything is sent there', async () => {
    const target = await serve(text);
    const first = await serve(redirectTo(target.url.replace('127.0.0.1', '127.0.0.2')));
    const source = pullSource({ isAllowed: (address) => address !== '127.0.0.2' });
    await expect(source.open({ url: first.url })).rejects.toMatchObject({ kind: 'INVALID_ARGUMENT' });
    expect(target.connections()).toBe(0);
  });
});

describe('an address that is not allowed', () => {
  const source = pullSource({ isAllowed: (address) => !address.startsWith('127.') && address !== '::1' });

  test.each([
    '127.0.0.1',
    '2130706433',
    '0x7f.1',
    '0177.0.0.1',
    '0x7f000001',
    '127.1',
    '①②⑦.0.0.1',
    '127.0.0.1.',
    '[2002:7f00:1::]',
    '[64:ff9b:1::127.0.0.1]',
    '[2001:0:c000:201::80ff:fffe]',
    '[::ffff:127.0.0.1]',
    '[::ffff:7f00:1]',
    '[0:0:0:0:0:FFFF:127.0.0.1]',
    '[64:ff9b::127.0.0.1]',
    '[::127.0.0.1]',
    'localhost',
  ])('is refused when it is written as %s, without a connection', async (host) => {
    const server = await serve(text);
    const { port } = new URL(server.url);
    await expect(source.open({ url: `http://${host}:${port}/` })).rejects.toMatchObject({ kind: 'INVALID_ARGUMENT' });
    expect(server.connections()).toBe(0);
  });

  test('is not told to whoever asked: the message names the host', async () => {
    const { url } = await serve(text);
    const { port } = new URL(url);
    await expect(source.open({ url: `http://localhost:${port}/` })).rejects.toMatchObject({
      message: expect.stringMatching(/^(?!.*127\.).*localhost/),
    });
  });

  test('shows no thumbprint either', async () => {
    const server = await serve(text, { identity: await makeIdentity() });
    await expect(source.thumbprint(server.url)).rejects.toMatchObject({ kind: 'INVALID_ARGUMENT' });
    expect(server.connections()).toBe(0);
  });
});

describe('a certificate', () => {
  test('is accepted by its SHA-1 and nothing else is asked', async () => {
    const identity = await makeIdentity({ host: 'elsewhere.example', validFor: -3600_000 });
    const { url } = await serve(text, { identity });
    expect(await textOf((await pullSource().open({ url, thumbprint: identity.sha1.toLowerCase() })).bytes)).toBe(
      'hello',
    );
  });

  test('that does not match the pin is refused with the thumbprint seen, before any request', async () => {
    const [identity, other] = [await makeIdentity(), await makeIdentity()];
    const server = await serve(text, { identity });
    await expect(
      pullSource({ ca: identity.cert }).open({ url: server.url, thumbprint: other.sha1 }),
    ).rejects.toMatchObject({
      kind: 'UNVERIFIED_PEER',
      data: { thumbprint: identity.sha1 },
    });
    expect(server.seen).toEqual([]);
  });

  test('that is not trusted is refused with its thumbprint, which can be asked for', async () => {
    const identity = await makeIdentity();
    const { url } = await serve(text, { identity });
    await expect(pullSource().open({ url })).rejects.toMatchObject({
      kind: 'UNVERIFIED_PEER',
      data: { thumbprint: identity.sha1 },
    });
    expect(await pullSource().thumbprint(url)).toBe(identity.sha1);
  });

  test('is pinned by SHA-1 only, as the contract has it', async () => {
    const identity = await makeIdentity();
    const { url } = await serve(text, { identity });
    await expect(pullSource().open({ url, thumbprint: identity.sha256 })).rejects.toMatchObject({
      kind: 'INVALID_ARGUMENT',
    });
  });

  test('of plain HTTP has no thumbprint', async () => {
    const { url } = await serve(text);
    expect(await pullSource().thumbprint(url)).toBeUndefined();
  });
});
