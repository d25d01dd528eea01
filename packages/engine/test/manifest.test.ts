import { createHash } from 'node:crypto';
import { sampleOva, samplePackage, writeArchive } from '@ovfkit/conformance';
import type { SessionBackend } from '@ovfkit/domain';
import { expect, test } from 'vitest';
import { admin, startEngine } from './support/engine.ts';
import { accepted, createImport, push, send, textOf, until } from './support/session.ts';

const sample = samplePackage({ name: 'listed' });
const { descriptor, disk } = sample;
const encode = (text: string) => new TextEncoder().encode(text);

const line = (algorithm: string, { name, bytes }: { readonly name: string; readonly bytes: Uint8Array }) =>
  `${algorithm}(${name})= ${createHash(algorithm).update(bytes).digest('hex')}\n`;

/** A push that has its descriptor and waits for everything else. */
async function startPush(backend: SessionBackend): Promise<string> {
  const id = await createImport(backend, { ...push, pushSourceOvfOption: 'MANIFEST' });
  await send(backend, { id, name: 'descriptor.ovf', bytes: descriptor.bytes });
  await until(backend, id, 'IMPORT_SELECTING_OVF_PARAMS');
  return id;
}

const orders = { 'before its disk': ['descriptor.mf', disk.name], 'after its disk': [disk.name, 'descriptor.mf'] };

for (const algorithm of ['SHA1', 'SHA256', 'SHA384', 'SHA512'])
  for (const [when, order] of Object.entries(orders)) {
    test(`a right ${algorithm} manifest that comes ${when} lets the import go on`, async () => {
      const { engine } = await startEngine();
      const backend = engine.backendFor(admin);
      const id = await startPush(backend);
      const manifest = encode(line(algorithm, descriptor) + line(algorithm, disk));
      for (const name of order) await send(backend, { id, name, bytes: name === disk.name ? disk.bytes : manifest });
      await backend.importSession.instantiate({ id, instantiationParameters: [accepted] });
      await until(backend, id, 'IMPORT_COMPLETED');
    });
    test(`a wrong ${algorithm} manifest that comes ${when} ends it with both digests`, async () => {
      const { engine } = await startEngine();
      const backend = engine.backendFor(admin);
      const id = await startPush(backend);
      const wrong = { name: disk.name, bytes: encode('something else') };
      const manifest = encode(line(algorithm, descriptor) + line(algorithm, wrong));
      for (const name of order) await send(backend, { id, name, bytes: name === disk.name ? disk.bytes : manifest });
      const info = await until(backend, id, 'IMPORT_ERROR');
      const digests = [disk.bytes, wrong.bytes].map((bytes) => createHash(algorithm).update(bytes).digest('hex'));
      for (const fact of [disk.name, ...digests]) expect(textOf(info)).toContain(fact);
    });
  }

test('a manifest that is no manifest ends the import with its line', async () => {
  const { engine } = await startEngine();
  const backend = engine.backendFor(admin);
  const id = await startPush(backend);
  await send(backend, { id, name: 'descriptor.mf', bytes: encode(`${line('SHA256', descriptor)}nonsense\n`) });
  const { errors } = await until(backend, id, 'IMPORT_ERROR');
  expect(errors[0]?.issues?.[0]).toMatchObject({ file: 'descriptor.mf', lineNumber: 2 });
});

test('a file that the manifest does not mention is a warning', async () => {
  const { engine } = await startEngine();
  const backend = engine.backendFor(admin);
  const id = await startPush(backend);
  await send(backend, { id, name: 'descriptor.mf', bytes: encode(line('SHA256', descriptor)) });
  const { warnings } = await backend.importSession.get({ id });
  expect(JSON.stringify(warnings)).toContain(`no digest of ${disk.name}`);
});

test('a size that the descriptor has wrong is a warning', async () => {
  const { engine } = await startEngine();
  const backend = engine.backendFor(admin);
  const id = await startPush(backend);
  await send(backend, { id, name: disk.name, bytes: disk.bytes.subarray(0, 1000) });
  const { warnings, state } = await backend.importSession.get({ id });
  expect(JSON.stringify(warnings)).toContain('has 1000 bytes');
  expect(state).toBe('IMPORT_SELECTING_OVF_PARAMS');
});

const wrongLast = {
  name: 'listed.mf',
  bytes: encode(line('SHA1', descriptor) + line('SHA1', { ...disk, bytes: encode('x') })),
};
const archives = [
  ['at its beginning', writeArchive([descriptor, wrongLast, disk])],
  ['at its end', writeArchive([descriptor, disk, wrongLast])],
] as const;

for (const [where, ova] of archives)
  test(`an archive whose manifest stands ${where} and is wrong makes nothing`, async () => {
    const { engine } = await startEngine();
    const backend = engine.backendFor(admin);
    const id = await createImport(backend, { ...push, pushSourceContentType: 'OVA_SOURCE' });
    await send(backend, { id, name: 'descriptor.ova', bytes: ova });
    await until(backend, id, 'IMPORT_SELECTING_OVF_PARAMS');
    await backend.importSession.instantiate({ id, instantiationParameters: [accepted] });
    await send(backend, { id, name: 'disk-content.ova', bytes: ova });
    expect(textOf(await until(backend, id, 'IMPORT_ERROR'))).toContain(disk.name);
    expect(await backend.inventory.vm.list({})).toEqual([]);
  });

test('an archive is read no further than its part needs', async () => {
  const { engine } = await startEngine();
  const backend = engine.backendFor(admin);
  const id = await createImport(backend, { ...push, pushSourceContentType: 'OVA_SOURCE' });
  const [file] = (await backend.importSession.get({ id })).files;
  const ova = sampleOva(sample);
  let read = 0;
  async function* counted() {
    for (let at = 0; at < ova.length; at += 512) {
      read = at + 512;
      yield ova.subarray(at, at + 512);
    }
  }
  const upload = { kind: 'import', sessionId: id, file: file ?? expect.fail('no file'), offset: 0 } as const;
  expect((await backend.files.upload({ ...upload, size: ova.length, bytes: counted() })).isComplete).toBe(true);
  expect(read).toBeLessThan(descriptor.bytes.length + 8192);
});
