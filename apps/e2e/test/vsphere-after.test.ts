import { expect, onTestFinished, test } from 'vitest';
import { change, sampleOf } from '../../../packages/vsphere/test/support/vim-server/model.ts';
import { resultOf } from './support/scene.ts';
import { openVcenterScene, type VcenterScene } from './support/vcenter-scene.ts';

async function open(): Promise<VcenterScene> {
  const scene = await openVcenterScene();
  onTestFinished(() => scene.close());
  Object.assign(scene.switches, { sessionApi: 'off', library: 'off' });
  return scene;
}

const importTo = ({ appliance, locator, thumbprint }: VcenterScene, ...more: readonly string[]): readonly string[] => [
  ...['import', appliance, '--to', `${locator}/DC%201/host/cluster%201`, '--thumbprint', thumbprint, '--json'],
  ...['--datastore', 'ssd', '--net', 'Frontend=VM Network', '--net', 'Backend=prod', '--accept-eula', ...more],
];

test('an import is powered on, and waits until its guest tells an address', async () => {
  const scene = await open();
  const { model } = scene.server;
  const tellAddress = (): void => {
    const machine = model.all().find(({ properties }) => properties['name'] === 'sample');
    if (machine !== undefined)
      change(machine, 'guest', { toolsRunningStatus: 'guestToolsRunning', ipAddress: '192.0.2.7' });
  };
  scene.server.trouble('PowerOnVM_Task', { meanwhile: () => setTimeout(tellAddress, 1_500) });
  const ended = await scene.ovfkit(importTo(scene, '--power-on', '--wait-for-ip', '60'));
  expect(resultOf(ended)).toMatchObject({
    status: 'succeeded',
    addresses: [{ vm: expect.stringMatching(/^vm-/), address: '192.0.2.7' }],
  });
});

test('an import by a storage policy is made with it, and becomes a template', async () => {
  const scene = await open();
  const ended = await scene.ovfkit(importTo(scene, '--storage-policy', 'gold', '--mark-as-template'));
  expect(ended).toMatchObject({ exitCode: 0, stderr: '' });
  const { vmId } = resultOf(ended);
  const machine = JSON.stringify(sampleOf(scene.server.model, String(vmId)).properties['config']);
  expect(machine).toContain('aa6d5a82-1c88-45da-85d3-3d74b91a5bad');
  expect(machine).toContain('"template":true');
});
