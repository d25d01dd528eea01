import 'reflect-metadata'; // what @peculiar/x509 is built with wants it first
import { once } from 'node:events';
import { request } from 'node:http';
import { type ConnectionOptions, connect } from 'node:tls';
import { PemConverter, SubjectAlternativeNameExtension, X509CertificateGenerator } from '@peculiar/x509';
import { expect, test } from 'vitest';
import { names } from './support/file-backend.ts';
import { send } from './support/http.ts';
import { basic, startService } from './support/service.ts';

async function makeTls() {
  const keys = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify']);
  const certificate = await X509CertificateGenerator.createSelfSigned({
    name: 'CN=localhost',
    keys,
    extensions: [new SubjectAlternativeNameExtension([{ type: 'ip', value: '127.0.0.1' }])],
  });
  const sha1 = Buffer.from(await certificate.getThumbprint('SHA-1'))
    .toString('hex')
    .toUpperCase();
  const key = PemConverter.encode(await crypto.subtle.exportKey('pkcs8', keys.privateKey), 'PRIVATE KEY');
  return { key, cert: certificate.toString('pem'), thumbprint: sha1.match(/../g)?.join(':') };
}

test('over TLS the cookie is secure, and files carry the thumbprint of the certificate', async () => {
  const { key, cert, thumbprint } = await makeTls();
  const service = await startService({ tls: { key, cert } }, cert);
  expect(service.url).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/);
  const login = await send({
    url: `${service.url}/api/session`,
    method: 'POST',
    headers: { authorization: basic('ann', "ann's") },
    ca: cert,
  });
  expect(login.headers['set-cookie']?.[0]).toMatch(/; Secure$/);
  const id = await service.newImport();
  const info = await send({
    url: `${service.url}/rest/com/vmware/vcenter/ovf/import-session/id:${id}`,
    headers: service.auth,
    ca: cert,
  });
  const [file] = info.json.value.files;
  expect(file.file_url).toMatch(/^https:/);
  expect(file.ssl_thumb_print).toBe(thumbprint);
  const upload = await send({ url: file.file_url, method: 'PUT', body: 'x'.repeat(3_000_000), ca: cert });
  expect(upload.status).toBe(201);
});

test('browsers are told to stay with TLS, and old versions and weak ciphers are refused', async () => {
  const { key, cert } = await makeTls();
  const { url } = await startService({ tls: { key, cert } }, cert);
  const health = await send({ url: `${url}/health`, ca: cert });
  expect(health.headers['strict-transport-security']).toMatch(/^max-age=\d{8}/);
  const shake = async (options: ConnectionOptions) => {
    const socket = connect({ host: '127.0.0.1', port: Number(new URL(url).port), ca: cert, ...options });
    const outcome = await Promise.race([once(socket, 'secureConnect'), once(socket, 'error')]).catch(
      (error: unknown) => [error],
    );
    socket.destroy();
    return outcome[0] instanceof Error ? 'refused' : 'open';
  };
  const anything = 'ALL:@SECLEVEL=0';
  expect(await shake({ maxVersion: 'TLSv1.2' })).toBe('open');
  expect(await shake({ maxVersion: 'TLSv1.1', minVersion: 'TLSv1', ciphers: anything })).toBe('refused');
  for (const ciphers of ['ECDHE-ECDSA-AES128-SHA:@SECLEVEL=0', 'ECDHE-ECDSA-AES256-SHA384', 'aNULL:@SECLEVEL=0'])
    expect(await shake({ maxVersion: 'TLSv1.2', ciphers }), ciphers).toBe('refused');
});

test('a client that does not trust the certificate is not served', async () => {
  const { key, cert } = await makeTls();
  const { url } = await startService({ tls: { key, cert } }, cert);
  await expect(send({ url: `${url}/health` })).rejects.toMatchObject({ code: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
});

test('closing cuts an upload, waits until what arrived is kept, and takes no more connections', async () => {
  const service = await startService();
  const id = await service.newImport();
  const url = await service.fileUrl(id, names.plain);
  const open = request(url, { method: 'PUT', agent: false, headers: { 'content-length': 10_000_000 } });
  const broken = once(open, 'error');
  open.write(Buffer.alloc(300_000));
  await service.untilTaken(id, 300_000);
  await service.server.close();
  await broken;
  const { files } = await service.backend.importSession.get({ id });
  const file = files.find((each) => each.name === names.plain);
  expect(file).toBeDefined();
  if (file) {
    const state = await service.backend.files.uploadState({ kind: 'import', sessionId: id, file });
    expect(state).toEqual({ offset: 300_000, isComplete: false });
  }
  await expect(send({ url })).rejects.toMatchObject({ code: 'ECONNREFUSED' });
});

test('closing twice, and without having listened, is no error', async () => {
  const service = await startService();
  await service.server.close();
  await service.server.close();
});

test('a port that is taken is an error of listen', async () => {
  const first = await startService();
  const second = startService();
  const { port } = new URL(first.url);
  await expect((await second).server.listen({ host: '127.0.0.1', port: Number(port) })).rejects.toThrow();
});
