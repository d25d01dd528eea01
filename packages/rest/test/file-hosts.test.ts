import { expect, onTestFinished, test } from 'vitest';
import { createFileHosts, type FileHosts } from '../src/index.ts';
import { chunksOf, textOf } from './support/backend.ts';
import { makeIdentity } from './support/certificate.ts';
import { bodyOf, type Handle, serve } from './support/http-server.ts';

function hosts(stallTimeoutMs?: number): FileHosts {
  const made = createFileHosts({ stallTimeoutMs });
  onTestFinished(() => made.close());
  return made;
}

const uploadTo = (url: string, texts: readonly string[]) => ({
  url: new URL('/nfc/ticket/disk-0.vmdk', url),
  method: 'POST' as const,
  headers: { 'content-type': 'application/x-vnd.vmware-streamVmdk' },
  size: texts.join('').length,
  bytes: chunksOf(...texts),
});

test('a file goes to its host with its length, its own headers and no login', async () => {
  const got: unknown[] = [];
  const { url } = await serve(async (request, response) => {
    const { 'content-length': length, 'content-type': type } = request.headers;
    got.push([request.method, length, type, request.headers['vmware-api-session-id'], String(await bodyOf(request))]);
    response.end();
  });
  await hosts().send(uploadTo(url, ['abc', 'def']));
  await hosts().send(uploadTo(url, []));
  const type = 'application/x-vnd.vmware-streamVmdk';
  expect(got).toEqual([
    ['POST', '6', type, undefined, 'abcdef'],
    ['POST', '0', type, undefined, ''],
  ]);
});

test('a pinned host is believed exactly when its certificate is the one, whoever signed it', async () => {
  const identity = await makeIdentity();
  const { url, seen } = await serve((_, response) => void response.end(), { identity });
  await hosts().send({ ...uploadTo(url, ['a']), thumbprint: identity.sha1 });
  await expect(hosts().send({ ...uploadTo(url, ['a']), thumbprint: 'AA'.repeat(20) })).rejects.toMatchObject({
    kind: 'UNVERIFIED_PEER',
  });
  await expect(hosts().send(uploadTo(url, ['a']))).rejects.toMatchObject({ kind: 'UNVERIFIED_PEER' });
  expect(seen).toHaveLength(1);
});

const refusals: readonly (readonly [status: number, kind: string])[] = [
  [401, 'UNAUTHORIZED'],
  [404, 'NOT_FOUND'],
  [400, 'INVALID_REQUEST'],
  [500, 'RESOURCE_INACCESSIBLE'],
  [503, 'SERVICE_UNAVAILABLE'],
  [507, 'UNABLE_TO_ALLOCATE_RESOURCE'],
];

test.each(refusals)('a host that answers %i is told about as %s, in its own words', async (status, kind) => {
  const refuse: Handle = async (request, response) => {
    await bodyOf(request);
    response.writeHead(status).end('<html><b>No more\n room</b></html>');
  };
  const { url } = await serve(refuse);
  const { host } = new URL(url);
  const refusal = { kind, message: `${host} answered ${status}: No more room` };
  await expect(hosts().send(uploadTo(url, ['abc']))).rejects.toMatchObject(refusal);
  await expect(hosts().open({ url: new URL(url) })).rejects.toMatchObject(refusal);
});

test('a success before the file was sent whole is none', async () => {
  const { url } = await serve((_, response) => void response.end());
  async function* endless() {
    yield Buffer.from('abc');
    await new Promise(() => {});
  }
  const sent = hosts().send({ ...uploadTo(url, ['abcdef']), bytes: endless() });
  await expect(sent).rejects.toMatchObject({ kind: 'RESOURCE_INACCESSIBLE' });
});

test('a host that answers before the source knows that it is at its end has the whole file', async () => {
  const { url } = await serve(async (request, response) => {
    await bodyOf(request);
    response.end();
  });
  async function* late() {
    yield Buffer.from('abcdef');
    await new Promise(() => {}); // nothing more comes, and nobody says so
  }
  await hosts().send({ ...uploadTo(url, ['abcdef']), bytes: late() });
});

test('what the source of an upload fails with is passed on as it is', async () => {
  const { url } = await serve(async (request, response) => {
    await bodyOf(request).catch(() => {});
    response.end();
  });
  const failure = new Error('the disk is gone');
  async function* failing() {
    yield Buffer.from('abc');
    throw failure;
  }
  await expect(hosts().send({ ...uploadTo(url, ['abcdef']), bytes: failing() })).rejects.toBe(failure);
});

test('a host that reads nothing ends the upload when the time of silence is over', async () => {
  const { url } = await serve((request) => void request.pause());
  await expect(hosts(50).send({ ...uploadTo(url, ['abc']), size: 3 })).rejects.toMatchObject({ kind: 'TIMED_OUT' });
});

test('a download goes on where it is asked to, or tells that it begins anew', async () => {
  const whole = 'abcdef';
  const { url } = await serve(({ url: path, headers: { range } }, response) => {
    if (range === `bytes=${whole.length}-`) return void response.writeHead(416).end('nothing follows');
    const start = path === '/ranges' ? Number(/^bytes=(\d+)-$/.exec(range ?? '')?.[1] ?? 0) : 0;
    const headers = { 'content-range': `bytes ${start}-${whole.length - 1}/${whole.length}` };
    response.writeHead(start > 0 ? 206 : 200, start > 0 ? headers : { 'content-length': whole.length });
    response.end(whole.slice(start));
  });
  const read = async (path: string, start?: number) => {
    const { bytes, ...facts } = await hosts().open({
      url: new URL(path, url),
      ...(start === undefined ? {} : { start }),
    });
    return { ...facts, text: await textOf(bytes) };
  };
  expect(await read('/ranges')).toEqual({ size: 6, offset: 0, text: 'abcdef' });
  expect(await read('/ranges', 4)).toEqual({ size: 6, offset: 4, text: 'ef' });
  expect(await read('/ranges', 6)).toEqual({ size: 6, offset: 0, text: 'abcdef' });
  expect(await read('/none', 4)).toEqual({ size: 6, offset: 0, text: 'abcdef' });
});
