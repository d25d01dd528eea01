import { describe, expect, test } from 'vitest';
import { connect } from './support/backend.ts';
import { makeIdentity } from './support/certificate.ts';
import { uploadOf } from './support/file-address.ts';
import { answer, bodyOf, type Handle, serve } from './support/http-server.ts';
import { vcenter } from './support/vcenter.ts';

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
