import { collect, samplePackage } from '@ovfkit/conformance';
import type { OvfParams, SessionBackend } from '@ovfkit/domain';
import { readDescriptor, systemsOf } from '@ovfkit/package-format';
import { expect, test } from 'vitest';
import { admin, startEngine } from './support/engine.ts';
import { richDescriptor } from './support/rich-package.ts';
import { accepted, createImport, exportFiles, push, send, until } from './support/session.ts';

const bytesOf = (text: string) => new TextEncoder().encode(text);

/** An import of the rich package, with every file it needs. */
async function importRich(backend: SessionBackend, parameters: readonly OvfParams[] = []): Promise<string> {
  const id = await createImport(backend, push);
  await send(backend, { id, name: 'descriptor.ovf', bytes: bytesOf(richDescriptor) });
  await until(backend, id, 'IMPORT_SELECTING_OVF_PARAMS');
  await backend.importSession.instantiate({ id, instantiationParameters: [accepted, ...parameters] });
  const { files } = await backend.importSession.get({ id });
  for (const { name, fileType } of files.filter((file) => file.sha256 === ''))
    await send(backend, { id, name, bytes: bytesOf(`${fileType} ${name}`) });
  const { vmId = '' } = await until(backend, id, 'IMPORT_COMPLETED');
  return vmId;
}

async function exportText(backend: SessionBackend, vmId: string, ...exportFlags: string[]) {
  const files = await exportFiles(backend, { vmId, spec: { exportFlags } });
  const text = new TextDecoder().decode([...files].find(([name]) => name.endsWith('.ovf'))?.[1]);
  return { files, text, names: [...files.keys()].toSorted() };
}

test('without flags an export keeps addresses, extra configuration and media to itself', async () => {
  const { engine } = await startEngine();
  const backend = engine.backendFor(admin);
  const { text, names } = await exportText(backend, await importRich(backend));
  expect(text).not.toContain('00:50:56:aa:bb:cc');
  expect(text).not.toContain('guestinfo.note');
  expect(text).not.toContain('uuid.bios');
  expect(text).not.toContain('10.1.2.3');
  expect(names).toEqual(['rich-disk-0.vmdk', 'rich-file-0.rpm', 'rich-nvram-0.nvram', 'rich.mf', 'rich.ovf']);
});

const flagCases = [
  ['PRESERVE_MAC', '00:50:56:aa:bb:cc'],
  ['EXTRA_CONFIG', 'guestinfo.note'],
  ['BIOS_UUID', 'uuid.bios'],
  ['IP', '10.1.2.3'],
  ['CDROM', 'rich-cd-0.iso'],
] as const;

for (const [flag, text] of flagCases)
  test(`${flag} puts ${text} into an export`, async () => {
    const { engine } = await startEngine();
    const backend = engine.backendFor(admin);
    const address: OvfParams = { type: 'PropertyParams', properties: [{ id: 'address', value: '10.1.2.3' }] };
    const vmId = await importRich(backend, [address]);
    expect((await exportText(backend, vmId)).text).not.toContain(text);
    expect((await exportText(backend, vmId, flag)).text).toContain(text);
  });

test('media and firmware come out as they went in', async () => {
  const { engine } = await startEngine();
  const backend = engine.backendFor(admin);
  const { files } = await exportText(backend, await importRich(backend), 'CDROM');
  expect(new TextDecoder().decode(files.get('rich-cd-0.iso'))).toBe('CONTENT tools.iso');
  expect(new TextDecoder().decode(files.get('rich-nvram-0.nvram'))).toBe('NVRAM rich.nvram');
});

test('a value that was chosen is the default of the export, and a password never is', async () => {
  const { engine } = await startEngine();
  const backend = engine.backendFor(admin);
  const properties = [
    { id: 'greeting', value: 'chosen' },
    { id: 'secret', value: 'hidden-word' },
  ];
  const { text } = await exportText(backend, await importRich(backend, [{ type: 'PropertyParams', properties }]));
  expect(text).toContain('chosen');
  expect(text).not.toContain('hidden-word');
});

test('what decides how the machine runs survives an import and an export', async () => {
  const { engine } = await startEngine();
  const backend = engine.backendFor(admin);
  const { text } = await exportText(backend, await importRich(backend));
  const before = systemsOf(readDescriptor(richDescriptor).content)[0];
  const after = systemsOf(readDescriptor(text).content)[0];
  const facts = (system: typeof before) => {
    const hardware = system?.hardware[0];
    const cpu = hardware?.items.find(({ resourceType }) => resourceType === 3);
    const qualifiers = system?.products[0]?.properties.map(({ key, vendorQualifiers }) => [key, vendorQualifiers]);
    return [hardware?.config, hardware?.transport, cpu?.limit, cpu?.reservation, qualifiers, system?.operatingSystem];
  };
  expect(facts(after)).toEqual(facts(before));
  expect(facts(after)[2]).toBe(1800);
});

test('a delta disk comes out with the disk it is a difference to', async () => {
  const { engine } = await startEngine();
  const backend = engine.backendFor(admin);
  const text = richDescriptor
    .replace('<File ovf:id="iso"', '<File ovf:id="base" ovf:href="base.vmdk"/><File ovf:id="iso"')
    .replace(
      '<Disk ovf:diskId="blank"',
      '<Disk ovf:diskId="d0" ovf:fileRef="base" ovf:capacity="1073741824"/><Disk ovf:diskId="blank"',
    )
    .replace('ovf:diskId="d1"', 'ovf:diskId="d1" ovf:parentRef="d0"');
  const id = await createImport(backend, push);
  await send(backend, { id, name: 'descriptor.ovf', bytes: bytesOf(text) });
  await until(backend, id, 'IMPORT_SELECTING_OVF_PARAMS');
  await backend.importSession.instantiate({ id, instantiationParameters: [accepted] });
  const { files } = await backend.importSession.get({ id });
  for (const { name } of files.filter((file) => file.sha256 === ''))
    await send(backend, { id, name, bytes: bytesOf(name) });
  const { vmId = '' } = await until(backend, id, 'IMPORT_COMPLETED');
  await backend.importSession.delete({ id });
  const exported = await exportText(backend, vmId);
  const { disks, files: references } = readDescriptor(exported.text);
  const delta = disks.find(({ parentRef }) => parentRef !== undefined);
  const base = disks.find(({ diskId }) => diskId === delta?.parentRef);
  const contents = [base, delta].map((disk) => {
    const href = references.find((file) => file.id === disk?.fileRef)?.href ?? '';
    return new TextDecoder().decode(exported.files.get(href));
  });
  expect(contents).toEqual(['base.vmdk', 'rich-disk.vmdk']);
});

test('a disk that only another option uses is neither asked for nor made', async () => {
  const { engine } = await startEngine();
  const backend = engine.backendFor(admin);
  const option: OvfParams = { type: 'DeploymentOptionParams', selectedKey: 'bare' };
  const { files, text } = await exportText(backend, await importRich(backend, [option]));
  expect([...files.keys()]).not.toContain('rich-disk-0.vmdk');
  const [system] = systemsOf(readDescriptor(text).content);
  expect(system?.hardware[0]?.items.filter(({ resourceType }) => resourceType === 17)).toEqual([]);
});

test('extra configuration is left out and changed as the parameters say', async () => {
  const { engine } = await startEngine();
  const backend = engine.backendFor(admin);
  const extra: OvfParams = {
    type: 'ExtraConfigParams',
    excludeKeys: ['uuid.bios'],
    extraConfigs: [{ key: 'guestinfo.note', value: 'rewritten' }],
  };
  const { text } = await exportText(backend, await importRich(backend, [extra]), 'EXTRA_CONFIG', 'BIOS_UUID');
  expect(text).toContain('rewritten');
  expect(text).not.toContain('uuid.bios');
});

test('a vApp is exported with all its machines', async () => {
  const { engine } = await startEngine();
  const backend = engine.backendFor(admin);
  const id = await createImport(backend, push);
  const one = richDescriptor.slice(richDescriptor.indexOf('<VirtualSystem '), richDescriptor.indexOf('</Envelope>'));
  const two = one.replace('ovf:id="rich"', 'ovf:id="other"').replace('<Name>rich</Name>', '<Name>other</Name>');
  const collection = `<VirtualSystemCollection ovf:id="pair"><Info>Two</Info><Name>pair</Name>${one}${two}</VirtualSystemCollection>`;
  await send(backend, { id, name: 'descriptor.ovf', bytes: bytesOf(richDescriptor.replace(one, collection)) });
  await until(backend, id, 'IMPORT_SELECTING_OVF_PARAMS');
  await backend.importSession.instantiate({ id, instantiationParameters: [accepted] });
  const { files } = await backend.importSession.get({ id });
  for (const { name } of files.filter((file) => file.sha256 === ''))
    await send(backend, { id, name, bytes: bytesOf(name) });
  const { vappId = '' } = await until(backend, id, 'IMPORT_COMPLETED');
  const exported = await exportFiles(backend, { vappId });
  const { content } = readDescriptor(exported.get('pair.ovf') ?? '');
  expect(content.kind).toBe('VirtualSystemCollection');
  expect(systemsOf(content).map(({ name }) => name)).toEqual(['rich', 'other']);
  expect([...exported.keys()].filter((name) => name.endsWith('.vmdk'))).toEqual(['pair-disk-0.vmdk']);
  await backend.inventory.vapp.delete({ vapp: vappId });
  expect(await backend.inventory.vm.list({})).toEqual([]);
});

test('a machine is not deleted while an export sends its disks', async () => {
  const { engine } = await startEngine();
  const backend = engine.backendFor(admin);
  const vmId = await importRich(backend);
  const sessionId = await backend.exportSession.create({
    source: { vmId },
    createSpec: { targetType: 'DOWNLOAD_TARGET' },
  });
  await expect.poll(async () => (await backend.exportSession.get({ id: sessionId })).state).toBe('EXPORT_READY');
  await expect(backend.inventory.vm.delete({ vm: vmId })).rejects.toMatchObject({
    kind: 'NOT_ALLOWED_IN_CURRENT_STATE',
    message: expect.stringContaining(sessionId),
  });
  const { files } = await backend.exportSession.get({ id: sessionId });
  const file = files.find(({ fileType }) => fileType === 'DISK') ?? expect.fail('no disk');
  const { bytes } = await backend.files.download({ kind: 'export', sessionId, file });
  expect((await collect(bytes)).length).toBe(file.size);
  await backend.exportSession.delete({ id: sessionId });
  await backend.inventory.vm.delete({ vm: vmId });
  expect(await backend.inventory.vm.list({})).toEqual([]);
});

test('a name that no file may have gives files that one may', async () => {
  const { engine } = await startEngine();
  const backend = engine.backendFor(admin);
  const sample = samplePackage({ name: 'plain' });
  const id = await createImport(backend, push);
  await send(backend, { id, name: 'descriptor.ovf', bytes: sample.descriptor.bytes });
  await until(backend, id, 'IMPORT_SELECTING_OVF_PARAMS');
  const instantiationParameters = [accepted, { type: 'NameAndProductParams', name: '../a/b:c' } as const];
  await backend.importSession.instantiate({ id, instantiationParameters });
  await send(backend, { id, name: sample.disk.name, bytes: sample.disk.bytes });
  const { vmId } = await until(backend, id, 'IMPORT_COMPLETED');
  const files = await exportFiles(backend, { vmId });
  for (const name of files.keys()) expect(name).toMatch(/^[^./\\:][^/\\:]*$/);
});

test('a machine that runs is not exported', async () => {
  const { engine } = await startEngine();
  const backend = engine.backendFor(admin);
  const vmId = await importRich(backend);
  await backend.inventory.power.start({ vm: vmId });
  const create = () =>
    backend.exportSession.create({ source: { vmId }, createSpec: { targetType: 'DOWNLOAD_TARGET' } });
  await expect(create()).rejects.toMatchObject({ kind: 'NOT_ALLOWED_IN_CURRENT_STATE' });
  await backend.inventory.power.stop({ vm: vmId });
  await expect(create()).resolves.toEqual(expect.any(String));
});

test('a question for the files of an export with an unknown target type or flag is refused', async () => {
  const { engine } = await startEngine();
  const { exportSession } = engine.backendFor(admin);
  const ask = (previewSpec: { readonly targetType?: string; readonly exportFlags?: string[] }) =>
    exportSession.preview({ source: { vmId: 'vm-1' }, previewSpec });
  await expect(ask({ targetType: 'PAPER_TARGET' })).rejects.toMatchObject({ kind: 'INVALID_ARGUMENT' });
  await expect(ask({ exportFlags: ['COLOURS'] })).rejects.toMatchObject({ kind: 'INVALID_ARGUMENT' });
  await expect(ask({ targetType: 'DOWNLOAD_TARGET' })).rejects.toMatchObject({ kind: 'NOT_FOUND' });
});

test('a session that is gone is told by a message with its id as an argument', async () => {
  const { engine } = await startEngine();
  const error: unknown = await engine
    .backendFor(admin)
    .exportSession.get({ id: 'gone' })
    .catch((reason: unknown) => reason);
  expect(error).toMatchObject({ messages: [{ id: 'com.ovfkit.session.not_found', args: ['export', 'gone'] }] });
});
