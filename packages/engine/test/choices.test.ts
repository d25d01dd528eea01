import { findParams, type OvfParams } from '@ovfkit/domain';
import { contentsOf, elementsOf, readDescriptor, systemsOf, textOf } from '@ovfkit/package-format';
import { expect, test } from 'vitest';
import { attributesOf, exportedSuite, imported, ovfOf, problemsOf, selecting } from './support/choices.ts';
import { richDescriptor } from './support/rich-package.ts';
import { accepted, exportFiles } from './support/session.ts';
import { suiteDescriptor } from './support/suite-package.ts';

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
  expect(own).toEqual(['ResourceAllocationSection', 'StartupSection', 'IpAssignmentSection']);
  const orders = contentsOf(content).flatMap((part) => part.sections.filter(({ name }) => name === 'StartupSection'));
  expect(
    orders.map(({ element }) =>
      elementsOf(element)
        .filter(({ name }) => name === 'Item')
        .map(attributesOf),
    ),
  ).toEqual([
    ['id=db order=1 startDelay=30', 'id=tier order=2'],
    ['id=web-1 order=7', 'id=web-2 order=7'],
  ]);
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
