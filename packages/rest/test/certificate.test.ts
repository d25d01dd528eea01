import { describe, expect, test } from 'vitest';
import { peerCertificate, readThumbprint } from '../src/index.ts';
import { connect } from './support/backend.ts';
import { makeIdentity } from './support/certificate.ts';
import { serve } from './support/http-server.ts';
import { vcenter } from './support/vcenter.ts';

const tlsVcenter = async (identity: Awaited<ReturnType<typeof makeIdentity>>) =>
  serve(vcenter(() => {}).serve, { identity });

describe('a pinned certificate', () => {
  test('is accepted by its SHA-256 in lower case without colons', async () => {
    const identity = await makeIdentity();
    const { url } = await tlsVcenter(identity);
    const backend = await connect(url, { thumbprint: identity.sha256.replaceAll(':', '').toLowerCase() });
    expect(backend.about.sessionApi).toBe('present');
  });

  test('is accepted by its SHA-1, although it has expired and names another host', async () => {
    const identity = await makeIdentity({ host: 'elsewhere.example', validFor: -3600_000 });
    const { url } = await tlsVcenter(identity);
    const backend = await connect(url, { thumbprint: identity.sha1 });
    expect(backend.about.sessionApi).toBe('present');
  });

  test('that is not the one shown is refused before any request is sent, with both thumbprints', async () => {
    const [identity, other] = [await makeIdentity(), await makeIdentity()];
    const server = await tlsVcenter(identity);
    await expect(connect(server.url, { thumbprint: other.sha256 })).rejects.toMatchObject({
      kind: 'UNVERIFIED_PEER',
      message: expect.stringMatching(new RegExp(`${other.sha256}.*${identity.sha256}.*${identity.sha1}`)),
      data: { expected: other.sha256, thumbprint: identity.sha1, thumbprintSha256: identity.sha256 },
    });
    expect(server.connections()).toBeGreaterThan(0);
    expect(server.seen).toEqual([]);
  });

  test('is refused even when the CA would vouch for it, if another is pinned', async () => {
    const [identity, other] = [await makeIdentity(), await makeIdentity()];
    const server = await tlsVcenter(identity);
    await expect(connect(server.url, { ca: identity.cert, thumbprint: other.sha1 })).rejects.toMatchObject({
      kind: 'UNVERIFIED_PEER',
    });
    expect(server.seen).toEqual([]);
  });
});

describe('without a pin', () => {
  test('a self-signed certificate is refused, and the text says which thumbprint to pin', async () => {
    const identity = await makeIdentity();
    const server = await tlsVcenter(identity);
    await expect(connect(server.url)).rejects.toMatchObject({
      kind: 'UNVERIFIED_PEER',
      message: expect.stringContaining(identity.sha256),
      data: { thumbprint: identity.sha1, reason: 'DEPTH_ZERO_SELF_SIGNED_CERT' },
    });
    expect(server.seen).toEqual([]);
  });

  test('a certificate of a given CA is trusted', async () => {
    const identity = await makeIdentity();
    const { url } = await tlsVcenter(identity);
    expect((await connect(url, { ca: identity.cert })).about.sessionApi).toBe('present');
  });

  test('a certificate of a given CA for another host is refused', async () => {
    const identity = await makeIdentity({ host: 'elsewhere.example' });
    const server = await tlsVcenter(identity);
    await expect(connect(server.url, { ca: identity.cert })).rejects.toMatchObject({
      kind: 'UNVERIFIED_PEER',
      data: { reason: 'ERR_TLS_CERT_ALTNAME_INVALID' },
    });
    expect(server.seen).toEqual([]);
  });

  test('an expired certificate of a given CA is refused', async () => {
    const identity = await makeIdentity({ validFor: -3600_000 });
    const { url } = await tlsVcenter(identity);
    await expect(connect(url, { ca: identity.cert })).rejects.toMatchObject({ data: { reason: 'CERT_HAS_EXPIRED' } });
  });
});

describe('a look at a certificate', () => {
  test('tells both thumbprints and why it is not trusted, and sends nothing', async () => {
    const identity = await makeIdentity();
    const server = await tlsVcenter(identity);
    expect(await peerCertificate(new URL(server.url))).toMatchObject({
      sha1: identity.sha1,
      sha256: identity.sha256,
      subject: 'CN=127.0.0.1',
      problem: 'DEPTH_ZERO_SELF_SIGNED_CERT',
    });
    expect(server.seen).toEqual([]);
  });

  test('of a plain HTTP server gives nothing', async () => {
    expect(await peerCertificate(new URL('http://127.0.0.1:1'))).toBeUndefined();
  });
});

describe('a thumbprint', () => {
  const hex = '5fa2109c7b3e44d1900ac8116e572bfd039ea166';
  test.each([
    hex,
    hex.toUpperCase(),
    `SHA1:${hex}`,
    `sha-1 ${hex}`,
    ` ${hex}\n`,
    hex.replaceAll(/../g, '$&:').slice(0, -1),
  ])('is read from %j', (text) => {
    expect(readThumbprint(text)).toBe('5F:A2:10:9C:7B:3E:44:D1:90:0A:C8:11:6E:57:2B:FD:03:9E:A1:66');
  });

  test.each(['', hex.slice(2), `${hex}00`, hex.replace('5', 'g')])('is not read from %j', (text) => {
    expect(() => readThumbprint(text)).toThrow(expect.objectContaining({ kind: 'INVALID_ARGUMENT' }));
  });
});

describe('the wrong scheme', () => {
  test('http at a port that speaks TLS is told at once, with what to write instead', async () => {
    const { url } = await tlsVcenter(await makeIdentity());
    const notices: unknown[] = [];
    const plain = connect(url.replace('https:', 'http:'), { onRetry: (notice) => notices.push(notice) });
    await expect(plain).rejects.toMatchObject({
      kind: 'RESOURCE_INACCESSIBLE',
      message: expect.stringMatching(/speaks TLS: use https:\/\/ in place of http:\/\//),
    });
    expect(notices).toEqual([]);
  });
});
