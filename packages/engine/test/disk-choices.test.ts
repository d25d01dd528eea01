import { findParams, type OvfParams } from '@ovfkit/domain';
import { expect, test } from 'vitest';
import { imported, ovfOf, problemsOf, selecting } from './support/choices.ts';
import { richDescriptor } from './support/rich-package.ts';

/** With another disk beside the one it has. */
const twoDisks = richDescriptor
  .replace('<Item ovf:configuration="full"><rasd:AddressOnParent>0', '<Item><rasd:AddressOnParent>0')
  .replace(
    '<vmw:Config ovf:required="false" vmw:key="firmware"',
    `<Item><rasd:AddressOnParent>1</rasd:AddressOnParent><rasd:ElementName>Data</rasd:ElementName>
      <rasd:HostResource>ovf:/disk/blank</rasd:HostResource><rasd:InstanceID>8</rasd:InstanceID><rasd:Parent>3</rasd:Parent>
      <rasd:ResourceType>17</rasd:ResourceType></Item>$&`,
  );

test('each disk of a package that groups none can be placed by itself', async () => {
  const { backend, id } = await selecting(twoDisks);
  const { parameters } = await backend.importSession.tryInstantiate({ id, instantiationParameters: [] });
  expect(findParams(parameters, 'DatastoreMappingParams')?.diskGroups?.map((group) => group.id)).toEqual([
    'd1',
    'blank',
  ]);
  const made = await imported(twoDisks, {
    type: 'DatastoreMappingParams',
    targetProvisioningType: 'thin',
    diskGroups: [{ id: 'blank', targetProvisioningType: 'thick' }],
  });
  const disks = (await ovfOf(made.backend, 'rich'))?.disks ?? [];
  expect(disks.map(({ provisioning }) => provisioning)).toEqual(['thin', 'thick']);
  const nowhere: OvfParams = {
    type: 'DatastoreMappingParams',
    diskGroups: [{ id: 'blank', targetDatastore: 'nowhere' }, { id: 'third' }],
  };
  expect(await problemsOf(twoDisks, nowhere)).toEqual([
    ['target_datastore', 'nowhere'],
    ['disk_groups', 'third'],
  ]);
});

test('what a guest is told can be given though the package has nothing of it, and nothing else can', async () => {
  const { backend } = await imported(richDescriptor, {
    type: 'ExtraConfigParams',
    extraConfigs: [{ key: 'guestinfo.ovfEnv', value: '<Environment/>' }],
  });
  expect((await ovfOf(backend, 'rich'))?.extraConfig).toContainEqual({
    key: 'guestinfo.ovfEnv',
    value: '<Environment/>',
  });
  const other: OvfParams = {
    type: 'ExtraConfigParams',
    extraConfigs: [{ key: 'isolation.tools.copy.disable', value: 'no' }],
  };
  expect(await problemsOf(richDescriptor, other)).toEqual([['extra_configs', 'isolation.tools.copy.disable']]);
});
