import { samplePackage } from '@ovfkit/conformance';
import { findParams, type ImportInfo, type OvfParams, type SessionBackend } from '@ovfkit/domain';
import { signManifest } from '@ovfkit/package-format/node';
import { expect, test } from 'vitest';
import { admin, type StartOptions, startEngine } from './support/engine.ts';
import { serveFiles } from './support/file-server.ts';
import { httpPullSource } from './support/http-pull-source.ts';
import { createItem, fillItem } from './support/library.ts';
import { accepted, createImport, pieces, push, send, textOf, until } from './support/session.ts';
import { signer } from './support/signer.ts';

const sample = samplePackage({ name: 'signed' });
const { descriptor, disk } = sample;
const manifest = sample.manifest.bytes;
/** The signer's certificate is valid then. */
const clock = () => Date.parse('2030-01-01');
const bytesOf = (text: string) => new TextEncoder().encode(text);
const signatureOver = (bytes: Uint8Array) =>
  bytesOf(signManifest({ manifest: bytes, manifestName: 'descriptor.mf', identity: signer }));
const certificate = signatureOver(manifest);

/** A push that has everything but its disk, and this signature. */
async function startPush(given: Uint8Array = certificate, options: StartOptions = {}) {
  const { engine } = await startEngine({ clock, ...options });
  const backend = engine.backendFor(admin);
  const id = await createImport(backend, { ...push, pushSourceOvfOption: 'MANIFEST_CERTIFICATE' });
  await send(backend, { id, name: 'descriptor.ovf', bytes: descriptor.bytes });
  await until(backend, id, 'IMPORT_SELECTING_OVF_PARAMS');
  await send(backend, { id, name: 'descriptor.cert', bytes: given });
  await send(backend, { id, name: 'descriptor.mf', bytes: manifest });
  return { backend, id };
}

/** What the warnings of a session say of the signature. */
const doubtsIn = ({ warnings }: ImportInfo) =>
  warnings
    .flatMap(({ issues = [] }) => issues.map(({ message }) => message.id))
    .filter((id) => id.startsWith('com.ovfkit.signature.'));

async function askedOf(backend: SessionBackend, id: string) {
  const { parameters } = await backend.importSession.tryInstantiate({ id, instantiationParameters: [] });
  return findParams(parameters, 'CertificateParams');
}

test('a package of a trusted signer is imported, and its parameters name the signer', async () => {
  const { backend, id } = await startPush(certificate, { signerRoots: [signer.chain] });
  expect(await askedOf(backend, id)).toMatchObject({
    issuer: 'CN=Test signer',
    subject: 'CN=Test signer',
    isValid: true,
    isSelfSigned: true,
    x509: expect.stringContaining('BEGIN CERTIFICATE'),
    warnings: [],
  });
  await send(backend, { id, name: disk.name, bytes: disk.bytes });
  await backend.importSession.instantiate({ id, instantiationParameters: [accepted] });
  expect(doubtsIn(await until(backend, id, 'IMPORT_COMPLETED'))).toEqual([]);
});

test('a signature over other bytes ends the import, and names its file', async () => {
  const { backend, id } = await startPush(signatureOver(bytesOf('SHA256(x)= 00\n')));
  const info = await until(backend, id, 'IMPORT_ERROR');
  expect(info.errors).toMatchObject([
    { category: 'VALIDATION', issues: [{ category: 'VALIDATION_ERROR', file: 'descriptor.cert', lineNumber: -1 }] },
  ]);
});

test('a certificate that cannot be read ends the import', async () => {
  const { backend, id } = await startPush(bytesOf('no certificate'));
  const info = await until(backend, id, 'IMPORT_ERROR');
  expect(info.errors).toMatchObject([{ issues: [{ category: 'PARSE_ERROR', file: 'descriptor.cert' }] }]);
});

test('a doubt about the signer is a warning, and holds up instantiate until it is ignored by name', async () => {
  const { backend, id } = await startPush(certificate, { clock: () => Date.parse('2300-01-01'), signerRoots: [] });
  const asked = await askedOf(backend, id);
  expect(asked?.isValid).toBe(false);
  expect(asked?.warnings?.map(({ type, ignored }) => [type, ignored])).toEqual([
    ['SELF_SIGNED_CERTIFICATE', false],
    ['EXPIRED_CERTIFICATE', false],
  ]);
  expect(doubtsIn(await backend.importSession.get({ id }))).toEqual([
    'com.ovfkit.signature.chain_untrusted',
    'com.ovfkit.signature.certificate_expired',
  ]);
  const [first, second] = asked?.warnings ?? [];
  if (asked === undefined || first === undefined || second === undefined) return expect.fail('no warnings');
  const ignoring = (...types: string[]): OvfParams => ({
    ...asked,
    warnings: [first, second].map((each) => ({ ...each, ignored: types.includes(String(each.type)) })),
  });
  const call = (params: OvfParams) =>
    backend.importSession.instantiate({ id, instantiationParameters: [accepted, params] });
  await expect(call(ignoring('EXPIRED_CERTIFICATE'))).rejects.toMatchObject({ kind: 'INVALID_ARGUMENT' });
  const half = await backend.importSession.tryInstantiate({
    id,
    instantiationParameters: [ignoring('EXPIRED_CERTIFICATE')],
  });
  expect(half.errors.map(({ name, value }) => [name, value])).toEqual([['warnings', 'SELF_SIGNED_CERTIFICATE']]);
  await call(ignoring('EXPIRED_CERTIFICATE', 'SELF_SIGNED_CERTIFICATE'));
  await send(backend, { id, name: disk.name, bytes: disk.bytes });
  await until(backend, id, 'IMPORT_COMPLETED');
});

/** An item of a library with everything of the package, and this signature. */
async function startItem(given: Uint8Array) {
  const started = await startEngine({ clock, signerRoots: [signer.chain] });
  const backend = started.engine.backendFor(admin);
  const { itemId } = await createItem(backend, { name: 'signed' });
  const files = [
    { name: 'signed.mf', bytes: manifest },
    { name: 'signed.cert', bytes: given },
    { name: 'signed.ovf', bytes: descriptor.bytes },
    disk,
  ];
  const update = await fillItem(backend, itemId, files);
  const createSpec = { importFlags: [], sourceType: 'CONTENT_LIBRARY_SOURCE', contentLibraryItem: itemId };
  return { ...started, backend, itemId, update, createSpec };
}

test('an item of a library takes no files whose signature is over other bytes, and says so of the certificate', async () => {
  const { backend, itemId, update } = await startItem(signatureOver(bytesOf('SHA256(x)= 00\n')));
  expect(await backend.contentLibrary.updateSession.get({ updateSessionId: update })).toMatchObject({
    state: 'ERROR',
    errorMessage: { id: 'com.ovfkit.signature.wrong', args: ['signed.cert', 'CN=Test signer'] },
  });
  expect(await backend.contentLibrary.itemFile.list({ libraryItemId: itemId })).toEqual([]);
});

test('an import of an item whose certificate was exchanged where it lies ends with the reason', async () => {
  const { backend, store, itemId, createSpec } = await startItem(certificate);
  const good = await createImport(backend, createSpec);
  await until(backend, good, 'IMPORT_SELECTING_OVF_PARAMS');
  expect(await askedOf(backend, good)).toMatchObject({ isValid: true });
  const other = signatureOver(bytesOf('SHA256(x)= 00\n'));
  await store.blobs.append('item/other.cert', 0, pieces(other, 1000));
  const item = await store.library.item(itemId);
  const exchanged = { blob: 'item/other.cert', size: other.length };
  await store.library.replaceItem({
    ...item,
    files: item.files.map((file) => (file.name === 'signed.cert' ? { ...file, ...exchanged } : file)),
  });
  const { errors } = await until(backend, await createImport(backend, createSpec), 'IMPORT_ERROR');
  expect(errors).toMatchObject([{ issues: [{ file: 'signed.cert', message: { id: 'com.ovfkit.signature.wrong' } }] }]);
});

test('the signature of a package that is pulled is verified before its parameters are asked for', async () => {
  const files = (cert: Uint8Array) =>
    [
      ['signed.ovf', descriptor.bytes],
      ['signed.mf', manifest],
      ['signed.cert', cert],
      [disk.name, disk.bytes],
    ] as const;
  const { engine } = await startEngine({ clock, pull: httpPullSource, signerRoots: [signer.chain] });
  const backend = engine.backendFor(admin);
  const pull = async (cert: Uint8Array) => {
    const { url } = await serveFiles(files(cert));
    return createImport(backend, { importFlags: [], sourceType: 'PULL_SOURCE', pullSource: `${url}/signed.ovf` });
  };
  const good = await pull(certificate);
  await until(backend, good, 'IMPORT_SELECTING_OVF_PARAMS');
  expect(await askedOf(backend, good)).toMatchObject({ isValid: true });
  const bad = await until(backend, await pull(signatureOver(descriptor.bytes)), 'IMPORT_ERROR');
  expect(textOf(bad)).toContain('signed.cert');
});
