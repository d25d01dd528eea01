import { collect } from '@ovfkit/conformance';
import { expect, test } from 'vitest';
import { imported } from './support/choices.ts';
import { richDescriptor } from './support/rich-package.ts';

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
