import { collect } from '@ovfkit/conformance';
import { findParams, type OvfParams, type SessionBackend } from '@ovfkit/domain';
import { contentsOf, elementsOf, readDescriptor, systemsOf, textOf, type XmlElement } from '@ovfkit/package-format';
import { expect, test } from 'vitest';
import { admin, startEngine } from './support/engine.ts';
import { richDescriptor } from './support/rich-package.ts';
import { accepted, createImport, exportFiles, push, send, until } from './support/session.ts';
import { suiteDescriptor } from './support/suite-package.ts';

async function selecting(
  text: string,
  ...importFlags: string[]
): Promise<{ readonly backend: SessionBackend; readonly id: string }> {
  const { engine } = await startEngine();
  const backend = engine.backendFor(admin);
  const id = await createImport(backend, { ...push, importFlags });
  await send(backend, { id, name: 'descriptor.ovf', bytes: new TextEncoder().encode(text) });
  await until(backend, id, 'IMPORT_SELECTING_OVF_PARAMS');
  return { backend, id };
}

/** What `text` becomes with these parameters; it needs no files, or gets its own names as their bytes. */
async function imported(text: string, ...parameters: readonly OvfParams[]) {
  const { backend, id } = await selecting(text);
  await backend.importSession.instantiate({ id, instantiationParameters: [accepted, ...parameters] });
  const { files } = await backend.importSession.get({ id });
  for (const { name } of files.filter(({ sha256 }) => sha256 === ''))
    await send(backend, { id, name, bytes: new TextEncoder().encode(name) });
  const info = await until(backend, id, 'IMPORT_COMPLETED');
  return { backend, info };
}

const problemsOf = async (text: string, ...instantiationParameters: readonly OvfParams[]) => {
  const { backend, id } = await selecting(text);
  const { errors } = await backend.importSession.tryInstantiate({ id, instantiationParameters });
  return errors.map(({ name, value }) => [name, value]);
};

const ovfOf = async (backend: SessionBackend, name: string) => {
  const [machine] = await backend.inventory.vm.list({ names: [name] });
  return (await backend.inventory.vm.get({ vm: machine?.vm ?? '' })).ovf;
};

async function exportedSuite(backend: SessionBackend, vappId: string | undefined) {
  const files = await exportFiles(backend, { vappId });
  return readDescriptor(files.get('suite.ovf') ?? '');
}

const attributesOf = ({ attributes }: XmlElement) => attributes.map(({ name, value }) => `${name}=${value}`).join(' ');

test('a scale-out group is made as often as its default says, or as was asked', async () => {
  const { backend } = await imported(suiteDescriptor);
  expect((await backend.inventory.vm.list({})).map(({ name }) => name)).toEqual(['db', 'web-1', 'web-2']);
  const three = await imported(suiteDescriptor, { type: 'ScaleOutParams', groups: [{ id: 'web', instanceCount: 3 }] });
  expect((await three.backend.inventory.vm.list({})).map(({ name }) => name)).toEqual([
    'db',
    'web-1',
    'web-2',
    'web-3',
  ]);
});

test('an instance count out of bounds and a group that does not exist are told together', async () => {
  const groups = [
    { id: 'web', instanceCount: 5 },
    { id: 'none', instanceCount: 1 },
  ];
  expect(await problemsOf(suiteDescriptor, { type: 'ScaleOutParams', groups })).toEqual([
    ['groups', 'none'],
    ['groups.web', '5'],
  ]);
});

test('sections come out of an export as they went in, the start order for each machine that was made', async () => {
  const { backend, info } = await imported(suiteDescriptor);
  const { sections, content } = await exportedSuite(backend, info.vappId);
  expect(sections.map(({ name }) => name)).toEqual(['StorageGroupSection', 'NoteSection']);
  const note = sections.find(({ name }) => name === 'NoteSection')?.element;
  expect(note === undefined ? '' : elementsOf(note).map(textOf)).toEqual(['A note', 'kept as it is']);
  const own = content.sections.map(({ name }) => name);
  expect(own).toEqual(['ResourceAllocationSection', 'IpAssignmentSection', 'StartupSection']);
  const startup = content.sections.find(({ name }) => name === 'StartupSection');
  const items = startup === undefined ? [] : elementsOf(startup.element).filter(({ name }) => name === 'Item');
  expect(items.map(attributesOf)).toEqual(['id=db order=1 startDelay=30', 'id=web-1 order=2', 'id=web-2 order=2']);
  const db = systemsOf(content).find(({ id }) => id === 'db');
  expect(db?.sections.map(({ meaning }) => meaning)).toEqual([
    { kind: 'Storage', group: 'fast' },
    { kind: 'BootOrder', deviceType: 'disk', instanceId: '4' },
  ]);
});

test('what was exported can be imported again with the same machines and sections', async () => {
  const { backend, info } = await imported(suiteDescriptor);
  const files = await exportFiles(backend, { vappId: info.vappId });
  const again = await imported(new TextDecoder().decode(files.get('suite.ovf')));
  const second = await exportedSuite(again.backend, again.info.vappId);
  const first = readDescriptor(files.get('suite.ovf') ?? '');
  const facts = ({ content, sections }: typeof first) =>
    [...sections, ...contentsOf(content).flatMap((each) => each.sections)].map(({ name, element }) => [
      name,
      elementsOf(element).map(attributesOf),
    ]);
  expect(facts(second)).toEqual(facts(first));
  expect(systemsOf(second.content).map(({ id }) => id)).toEqual(['db', 'web-1', 'web-2']);
});

test('files that a section names are named in an export as the export names them', async () => {
  const section =
    '<EnvironmentFilesSection ovf:required="false" ovf:transport="iso"><Info>Files</Info><File ovf:fileRef="package" ovf:path="a/b"/></EnvironmentFilesSection>';
  const { backend, info } = await imported(richDescriptor.replace('<ProductSection>', `${section}<ProductSection>`));
  const files = await exportFiles(backend, { vmId: info.vmId });
  const { content, files: references } = readDescriptor(files.get('rich.ovf') ?? '');
  const [meaning] = content.sections.map((each) => each.meaning);
  const fileRef = meaning?.kind === 'EnvironmentFiles' ? meaning.files[0]?.fileRef : undefined;
  expect(references.find(({ id }) => id === fileRef)?.href).toBe('rich-file-0.rpm');
});

test('an IP allocation policy and protocol are kept with the machine, and only supported ones are taken', async () => {
  const params: OvfParams = { type: 'IpAllocationParams', ipAllocationPolicy: 'STATIC_IPPOOL', ipProtocol: 'IPV6' };
  const { backend } = await imported(suiteDescriptor, params);
  expect(await ovfOf(backend, 'db')).toMatchObject({ ipAllocationPolicy: 'STATIC_IPPOOL', ipProtocol: 'IPV6' });
  const wrong: OvfParams = { type: 'IpAllocationParams', ipAllocationPolicy: 'GUESSED', ipProtocol: 'IPX' };
  expect(await problemsOf(suiteDescriptor, wrong)).toEqual([
    ['ip_allocation_policy', 'GUESSED'],
    ['ip_protocol', 'IPX'],
  ]);
});

test('storage profile and provisioning hold for all disks, and those of a group for its own', async () => {
  const { backend, id } = await selecting(suiteDescriptor);
  const { parameters } = await backend.importSession.tryInstantiate({ id, instantiationParameters: [] });
  const profile = findParams(parameters, 'DatastoreMappingParams')?.availableStorageProfiles?.[0]?.id ?? '';
  expect((await backend.inventory.storagePolicy.list({})).map(({ policy }) => policy)).toEqual([profile]);
  const made = await imported(suiteDescriptor, {
    type: 'DatastoreMappingParams',
    targetProvisioningType: 'thin',
    diskGroups: [{ id: 'fast', targetProvisioningType: 'eagerZeroedThick', targetProfile: profile }],
  });
  expect((await ovfOf(made.backend, 'db'))?.disks).toEqual([
    { label: 'Disk', datastore: 'datastore-12', provisioning: 'eagerZeroedThick', storageProfile: profile },
  ]);
  expect(
    await problemsOf(suiteDescriptor, {
      type: 'DatastoreMappingParams',
      targetProfile: 'none',
      targetDatastore: 'nowhere',
      targetProvisioningType: 'THIN',
      diskGroups: [{ id: 'slow' }],
    }),
  ).toEqual([
    ['target_datastore', 'nowhere'],
    ['target_provisioning_type', 'THIN'],
    ['target_profile', 'none'],
    ['disk_groups', 'slow'],
  ]);
});

test('the parameters of a virtual datacenter set profile and provisioning too', async () => {
  const { backend } = await imported(suiteDescriptor, {
    type: 'StorageMappingParams',
    targetProvisioningType: 'thick',
  });
  expect((await ovfOf(backend, 'db'))?.disks).toMatchObject([{ provisioning: 'thick' }]);
});

test('a guest customization is kept with its machine, and its result told by the id of the machine', async () => {
  const customizations = [{ key: 'rich', value: { type: 'XML', xml: '<spec/>' } }];
  const { backend, info } = await imported(richDescriptor, { type: 'VcenterGuestCustomizationParams', customizations });
  expect(info.customizationResults).toEqual([{ key: info.vmId, value: true }]);
  expect(await ovfOf(backend, 'rich')).toMatchObject({ guestCustomization: 'XML' });
});

test('every guest customization that cannot be is told', async () => {
  const customizations = [
    { key: 'other', value: { type: 'XML', xml: '<spec/>' } },
    { key: 'rich', value: { type: 'SPECIFICATION', specificationId: 'linux' } },
    { key: 'rich', value: { type: 'SPECIFICATION' } },
    { key: 'rich', value: { type: 'XML', xml: '<spec>' } },
    { key: 'rich', value: { type: 'YAML' } },
  ];
  const problems = await problemsOf(richDescriptor, { type: 'VcenterGuestCustomizationParams', customizations });
  expect(problems).toEqual([
    ['customizations.other', ''],
    ['customizations.rich', 'linux'],
    ['customizations.rich', ''],
    ['customizations.rich', ''],
    ['customizations.rich', ''],
  ]);
});

const dependency = (type: string, required: boolean) =>
  richDescriptor.replace(
    '<ProductSection>',
    `<vmw:vServiceDependencySection ovf:required="${required}" vmw:id="dep"><Info>Wants</Info><vmw:Type>${type}</vmw:Type><vmw:Name>A service</vmw:Name></vmw:vServiceDependencySection><ProductSection>`,
  );

test('the registration of an extension has to be accepted where it is required, and is kept', async () => {
  const text = dependency('com.vmware.vservice.extension', true);
  const { backend, id } = await selecting(text);
  const { parameters } = await backend.importSession.tryInstantiate({ id, instantiationParameters: [] });
  const asked = findParams(parameters, 'VcenterExtensionParams');
  expect(asked).toEqual({ type: 'VcenterExtensionParams', required: true, registrationAccepted: false });
  await expect(backend.importSession.instantiate({ id, instantiationParameters: [accepted] })).rejects.toMatchObject({
    kind: 'INVALID_ARGUMENT',
    message: expect.stringContaining('extension'),
  });
  const agreed: OvfParams = { type: 'VcenterExtensionParams', registrationAccepted: true };
  const made = await imported(text, agreed);
  expect(await ovfOf(made.backend, 'rich')).toMatchObject({ extensionAccepted: true });
});

test('a vService that is not required stays unbound and is kept; a provider that nobody offers is refused', async () => {
  const text = dependency('com.example.backup', false);
  const { backend } = await imported(text);
  expect((await ovfOf(backend, 'rich'))?.services).toEqual([{ key: 'dep', value: '' }]);
  const dependencies = [{ id: 'dep', selectedProviderKey: 'x:y' }, { id: 'none' }];
  expect(await problemsOf(text, { type: 'VServiceParams', dependencies })).toEqual([
    ['dependencies.dep', 'x:y'],
    ['dependencies.none', 'none'],
  ]);
});

test('the key of a deployment option is told only where the package names a default or the client chose', async () => {
  const text = richDescriptor.replace(' ovf:default="true"', '');
  const { backend, id } = await selecting(text);
  const keyFor = async (...instantiationParameters: OvfParams[]) => {
    const { parameters } = await backend.importSession.tryInstantiate({ id, instantiationParameters });
    return findParams(parameters, 'DeploymentOptionParams')?.selectedKey;
  };
  expect(await keyFor()).toBeUndefined();
  expect(await keyFor({ type: 'DeploymentOptionParams', selectedKey: 'bare' })).toBe('bare');
});

test('a property that is there twice cannot be set, which is a warning', async () => {
  const twin = '<Property ovf:key="twin" ovf:type="string" ovf:userConfigurable="true"/>';
  const section = `<ProductSection ovf:class="a"><Info>A</Info>${twin}</ProductSection>`;
  const text = richDescriptor.replace('<ProductSection>', `${section}${section}<ProductSection>`);
  const { backend, id } = await selecting(text, 'LAX');
  const { parameters, warnings } = await backend.importSession.tryInstantiate({ id, instantiationParameters: [] });
  expect(findParams(parameters, 'PropertyParams')?.properties?.map((each) => each.id)).not.toContain('twin');
  expect(JSON.stringify(warnings)).toContain('property_duplicate');
});

test('only sections that nobody reads are told as unknown', async () => {
  const { backend, id } = await selecting(suiteDescriptor);
  const { parameters } = await backend.importSession.tryInstantiate({ id, instantiationParameters: [] });
  expect(findParams(parameters, 'UnknownSectionParams')?.unknownSections).toEqual([
    { tag: '{urn:example:note}NoteSection', info: 'A note' },
  ]);
});

test('a disk of a machine that was made twice is one disk of the export', async () => {
  const scaled = richDescriptor.replace(
    '<Info>A machine</Info>',
    '<Info>A machine</Info><ovf2:ScaleOutSection xmlns:ovf2="http://schemas.dmtf.org/ovf/envelope/2" ovf:required="false" ovf2:id="rich"><Info>Two</Info><ovf2:InstanceCount ovf2:minimum="2"/></ovf2:ScaleOutSection>',
  );
  const { backend, info } = await imported(scaled);
  expect((await backend.inventory.vm.list({})).map(({ name }) => name)).toEqual(['rich-1', 'rich-2']);
  const sessionId = await backend.exportSession.create({
    source: { vappId: info.vappId ?? '' },
    createSpec: { targetType: 'DOWNLOAD_TARGET' },
  });
  await expect.poll(async () => (await backend.exportSession.get({ id: sessionId })).state).toBe('EXPORT_READY');
  const { files } = await backend.exportSession.get({ id: sessionId });
  const disks = files.filter(({ fileType }) => fileType === 'DISK');
  expect(disks.map(({ name }) => name)).toEqual(['rich-disk-0.vmdk']);
  const [file] = disks;
  if (file === undefined) return expect.fail('no disk');
  const { bytes } = await backend.files.download({ kind: 'export', sessionId, file });
  expect(new TextDecoder().decode(await collect(bytes))).toBe('rich-disk.vmdk');
});

test('a machine shows the devices of its package: adapters, disks and drives with what lies in them', async () => {
  const { backend, info } = await imported(richDescriptor);
  const vm = await backend.inventory.vm.get({ vm: info.vmId ?? '' });
  expect(vm).toMatchObject({
    identity: { name: 'rich' },
    boot: { type: 'EFI' },
    hardware: { version: 'VMX_13', upgradePolicy: 'NEVER' },
    scsiAdapters: [{ key: '1000', value: { label: 'SCSI', type: 'LSILOGIC', scsi: { bus: 0, unit: 7 } } }],
    disks: [{ key: '2000', value: { type: 'SCSI', scsi: { bus: 0, unit: 0 } } }],
    nics: [
      { value: { macType: 'MANUAL', macAddress: '00:50:56:aa:bb:cc', startConnected: true, state: 'NOT_CONNECTED' } },
    ],
    cdroms: [
      {
        key: '3000',
        value: {
          label: 'CD',
          type: 'IDE',
          ide: { primary: false, master: true },
          backing: { type: 'ISO_FILE', isoFile: '[datastore1] rich/tools.iso' },
        },
      },
    ],
    floppies: [],
  });
  await backend.inventory.power.start({ vm: info.vmId ?? '' });
  const running = await backend.inventory.vm.get({ vm: info.vmId ?? '' });
  expect(running.nics.map(({ value }) => value.state)).toEqual(['CONNECTED']);
});
