import { samplePackage, writeArchive } from '@ovfkit/conformance';
import { expect, test } from 'vitest';
import { admin, startEngine } from './support/engine.ts';
import { accepted, createImport, pieces, push, send, textOf, until } from './support/session.ts';

const sample = samplePackage({ name: 'parts', languages: ['de'] });
const { descriptor, disk, bundles, manifest } = sample;
const pushArchive = { ...push, pushSourceContentType: 'OVA_SOURCE' } as const;

test('two parts of an archive are sent at once, though a manifest lies in the way of both', async () => {
  const { engine } = await startEngine();
  const backend = engine.backendFor(admin);
  const id = await createImport(backend, pushArchive);
  const ova = writeArchive([descriptor, disk, manifest, ...bundles]);
  await send(backend, { id, name: 'descriptor.ova', bytes: ova });
  const { files } = await until(backend, id, 'IMPORT_MSG_BUNDLES_TRANSFER');
  const insideManifest = Buffer.from(ova).indexOf('SHA256(') + 10;
  let goOn = () => {};
  const gate = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  let reached = () => {};
  const isInside = new Promise<void>((resolve) => {
    reached = resolve;
  });
  async function* held() {
    yield* pieces(ova.subarray(0, insideManifest));
    reached();
    await gate;
    yield* pieces(ova.subarray(insideManifest));
  }
  const file = files.find(({ name }) => name === 'message-bundle.ova') ?? expect.fail('no part for bundles');
  const upload = { kind: 'import', sessionId: id, file, offset: 0, size: ova.length } as const;
  const slow = backend.files.upload({ ...upload, bytes: held() });
  await isInside;
  try {
    expect((await send(backend, { id, name: 'disk-content.ova', bytes: ova })).isComplete).toBe(true);
  } finally {
    goOn();
  }
  expect((await slow).isComplete).toBe(true);
  await until(backend, id, 'IMPORT_SELECTING_OVF_PARAMS');
  await backend.importSession.instantiate({ id, instantiationParameters: [accepted] });
  await until(backend, id, 'IMPORT_COMPLETED');
});

test('a manifest at the end of an archive that has bundles only is looked for by their part', async () => {
  const { engine } = await startEngine();
  const backend = engine.backendFor(admin);
  const id = await createImport(backend, pushArchive);
  const text = new TextDecoder().decode(descriptor.bytes);
  const bare = text
    .replace(/<File ovf:id="file1"[^>]*>/, '')
    .replace(/<DiskSection>.*<\/DiskSection>/s, '')
    .replace(/<Item>(?:(?!<\/Item>).)*ovf:\/disk\/(?:(?!<\/Item>).)*<\/Item>/s, '');
  const wrong = { name: 'parts.mf', bytes: new TextEncoder().encode(`SHA1(${bundles[0]?.name})= ${'0'.repeat(40)}\n`) };
  const diskless = { name: descriptor.name, bytes: new TextEncoder().encode(bare) };
  const ova = writeArchive([diskless, ...bundles, { name: 'readme', bytes: new Uint8Array(9) }, wrong]);
  await send(backend, { id, name: 'descriptor.ova', bytes: ova });
  await until(backend, id, 'IMPORT_MSG_BUNDLES_TRANSFER');
  await send(backend, { id, name: 'message-bundle.ova', bytes: ova });
  expect(textOf(await until(backend, id, 'IMPORT_ERROR'))).toContain(bundles[0]?.name);
});

test('an archive without a bundle that its descriptor names ends the import with its name', async () => {
  const { engine } = await startEngine();
  const backend = engine.backendFor(admin);
  const id = await createImport(backend, pushArchive);
  const ova = writeArchive([descriptor, disk, manifest]);
  await send(backend, { id, name: 'descriptor.ova', bytes: ova });
  await until(backend, id, 'IMPORT_MSG_BUNDLES_TRANSFER');
  await send(backend, { id, name: 'message-bundle.ova', bytes: ova });
  expect(textOf(await until(backend, id, 'IMPORT_ERROR'))).toContain(bundles[0]?.name);
});
