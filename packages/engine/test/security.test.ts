import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { samplePackage } from '@ovfkit/conformance';
import { expect, test } from 'vitest';
import { admin, startEngine, tempFolder } from './support/engine.ts';
import { richDescriptor } from './support/rich-package.ts';
import { accepted, createImport, exportFiles, push, send, textOf, until } from './support/session.ts';

const { descriptor, disk } = samplePackage({ name: 'hostile' });
const text = new TextDecoder().decode(descriptor.bytes);
const encode = (content: string) => new TextEncoder().encode(content);

const names = [
  '../../../escape.vmdk',
  '/etc/escape.vmdk',
  '__proto__',
  'constructor',
  'a/../../b.vmdk',
  'C:\\escape.vmdk',
  'é %2F..%2F.vmdk',
];

for (const name of names)
  test(`a disk named ${name} stays in the store, and comes out under a name of ours`, async () => {
    const folder = await tempFolder();
    const { engine } = await startEngine({ folder: join(folder, 'data') });
    const backend = engine.backendFor(admin);
    const id = await createImport(backend, push);
    await send(backend, {
      id,
      name: 'descriptor.ovf',
      bytes: encode(text.replace(`ovf:href="${disk.name}"`, `ovf:href="${name}"`)),
    });
    await until(backend, id, 'IMPORT_SELECTING_OVF_PARAMS');
    await backend.importSession.instantiate({ id, instantiationParameters: [accepted] });
    await send(backend, { id, name, bytes: disk.bytes });
    const { vmId } = await until(backend, id, 'IMPORT_COMPLETED');
    expect(await readdir(folder)).toEqual(['data']);
    expect(existsSync('/etc/escape.vmdk')).toBe(false);
    const files = await exportFiles(backend, { vmId });
    for (const exported of files.keys()) expect(exported).toMatch(/^hostile[-.\w]*$/);
  });

const descriptors = [
  ['a document type', text.replace('<Envelope', '<!DOCTYPE x [<!ENTITY a "b">]><Envelope'), 'xml_forbidden'],
  ['a file with the name of the descriptor', text.replaceAll(disk.name, 'descriptor.ovf'), 'name_refused'],
  ['pieces without a size', text.replace(/ovf:size="\d+"/, 'ovf:chunkSize="10"'), 'value_invalid'],
  [
    'a terabyte in pieces of a byte',
    text.replace(/ovf:size="\d+"/, 'ovf:size="1099511627776" ovf:chunkSize="1"'),
    'too_large',
  ],
  ['a name as long as a book', text.replaceAll(disk.name, 'n'.repeat(5_000)), 'too_large'],
  ['nothing at all', '', 'xml_invalid'],
] as const;

for (const [what, content, code] of descriptors)
  test(`a descriptor with ${what} ends the session with the reason`, async () => {
    const { engine, faults } = await startEngine();
    const backend = engine.backendFor(admin);
    const id = await createImport(backend, push);
    await send(backend, { id, name: 'descriptor.ovf', bytes: encode(content) });
    expect(textOf(await until(backend, id, 'IMPORT_ERROR'))).toContain(code);
    expect(faults).toEqual([]);
  });

test('a descriptor beyond the limit is refused', async () => {
  const { engine } = await startEngine({ limits: { textSize: 1000 } });
  const backend = engine.backendFor(admin);
  const id = await createImport(backend, push);
  await expect(send(backend, { id, name: 'descriptor.ovf', bytes: descriptor.bytes })).rejects.toMatchObject({
    kind: 'INVALID_ARGUMENT',
  });
  expect(textOf(await until(backend, id, 'IMPORT_ERROR'))).toContain('too_large');
});

test('a package with more files than the limit is refused', async () => {
  const { engine } = await startEngine({ limits: { members: 3 } });
  const backend = engine.backendFor(admin);
  const id = await createImport(backend, push);
  const files = [1, 2, 3].map((index) => `<File ovf:id="x${index}" ovf:href="extra-${index}.bin"/>`).join('');
  await send(backend, {
    id,
    name: 'descriptor.ovf',
    bytes: encode(text.replace('</References>', `${files}</References>`)),
  });
  expect(textOf(await until(backend, id, 'IMPORT_ERROR'))).toContain('too_large');
});

test('what lax mode forgives is refused without it', async () => {
  const twice = richDescriptor.replace('<rasd:InstanceID>6<', '<rasd:InstanceID>3<');
  for (const [importFlags, state] of [
    [[], 'IMPORT_ERROR'],
    [['LAX'], 'IMPORT_SELECTING_OVF_PARAMS'],
  ] as const) {
    const { engine } = await startEngine();
    const backend = engine.backendFor(admin);
    const id = await createImport(backend, { ...push, importFlags: [...importFlags] });
    await send(backend, { id, name: 'descriptor.ovf', bytes: encode(twice) });
    const info = await until(backend, id, 'IMPORT_ERROR', 'IMPORT_SELECTING_OVF_PARAMS');
    expect([info.state, info.warnings.length > 0 || info.errors.length > 0]).toEqual([state, true]);
  }
});

test('many files of one session may arrive at once', async () => {
  const { engine, faults } = await startEngine();
  const backend = engine.backendFor(admin);
  const many = Array.from({ length: 24 }, (_, index) => `extra-${index}.bin`);
  const files = many.map((name, index) => `<File ovf:id="x${index}" ovf:href="${name}"/>`).join('');
  const id = await createImport(backend, push);
  await send(backend, {
    id,
    name: 'descriptor.ovf',
    bytes: encode(text.replace('</References>', `${files}</References>`)),
  });
  await until(backend, id, 'IMPORT_SELECTING_OVF_PARAMS');
  await backend.importSession.instantiate({ id, instantiationParameters: [accepted] });
  await Promise.all(
    [...many, disk.name].map((name) =>
      send(backend, { id, name, bytes: name === disk.name ? disk.bytes : encode(name) }),
    ),
  );
  await until(backend, id, 'IMPORT_COMPLETED');
  expect(faults).toEqual([]);
});
