import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { type Ended, jsonLines, runOvfkit } from '../src/ovfkit.ts';
import { startService } from '../src/service.ts';
import { openVcsimScene, type VcsimScene } from './support/vcsim-scene.ts';

/** Asks for a serial port, which the simulator has not. */
const serial = `<?xml version="1.0" encoding="UTF-8"?>
<Envelope xmlns="http://schemas.dmtf.org/ovf/envelope/1" xmlns:ovf="http://schemas.dmtf.org/ovf/envelope/1"
  xmlns:rasd="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_ResourceAllocationSettingData"
  xmlns:vssd="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_VirtualSystemSettingData"><References/>
<VirtualSystem ovf:id="app"><Info/><VirtualHardwareSection><Info/>
<System><vssd:ElementName>hardware</vssd:ElementName><vssd:InstanceID>0</vssd:InstanceID>
  <vssd:VirtualSystemType>vmx-13</vssd:VirtualSystemType></System>
<Item><rasd:ElementName>1 CPU</rasd:ElementName><rasd:InstanceID>1</rasd:InstanceID><rasd:ResourceType>3</rasd:ResourceType>
  <rasd:VirtualQuantity>1</rasd:VirtualQuantity></Item>
<Item><rasd:AllocationUnits>byte * 2^20</rasd:AllocationUnits><rasd:ElementName>memory</rasd:ElementName><rasd:InstanceID>2</rasd:InstanceID>
  <rasd:ResourceType>4</rasd:ResourceType><rasd:VirtualQuantity>64</rasd:VirtualQuantity></Item>
<Item><rasd:ElementName>Serial port</rasd:ElementName><rasd:InstanceID>3</rasd:InstanceID><rasd:ResourceType>21</rasd:ResourceType></Item>
</VirtualHardwareSection></VirtualSystem></Envelope>`;

const place = ['--cluster', 'DC0_C0', '--json'] as const;

type Run = (words: readonly string[]) => Promise<Ended>;

const directly =
  (via: string) =>
  async ({ vcsim, ovfkit }: VcsimScene): Promise<Run> =>
  (words) =>
    ovfkit([...words, '--to', vcsim.url, '--user', vcsim.user, '--thumbprint', vcsim.thumbprint, '--via', via]);

async function byGateway({ vcsim, folder }: VcsimScene): Promise<Run> {
  const passwordFile = join(folder, 'password');
  await writeFile(passwordFile, vcsim.password, { mode: 0o600 });
  const flags = [
    ...['--vsphere-url', vcsim.url, '--vsphere-user', vcsim.user, '--vsphere-thumbprint', vcsim.thumbprint],
    ...['--vsphere-password-file', passwordFile],
  ];
  const gateway = await startService({ data: join(folder, 'gateway'), flags });
  onTestFinished(async () => void (await gateway.stop()));
  const { url, user, password, thumbprint } = gateway;
  const env = { OVFKIT_PASSWORD: password };
  const at = ['--to', url, '--user', user, '--thumbprint', thumbprint];
  return (words) => runOvfkit([...words, ...at], { config: join(folder, 'gateway-config'), env });
}

test.each([
  ['by a lease', directly('lease')],
  ['by way of the content library', directly('library')],
  ['by a gateway', byGateway],
])(
  'what a vCenter that is not ours would refuse is part of the plan %s, and ends the import before it begins',
  async (...row) => {
    const [, reach] = row;
    const scene = await openVcsimScene();
    onTestFinished(() => scene.close());
    const items = await scene.makeLibrary('staging');
    const path = join(scene.folder, 'serial.ovf');
    await writeFile(path, serial);
    const before = await scene.machines();
    const run = await reach(scene);
    const planned = await run(['plan', path, ...place]);
    expect(planned.exitCode).toBe(5);
    const plan = jsonLines(planned.stdout).find(({ type }) => type === 'plan');
    expect(plan?.['problems']).toContainEqual({
      ...{ check: 'hardware', severity: 'error', exitCode: 5, details: [] },
      message: 'vSphere says: unsupported resource type: 21',
      hint: expect.stringContaining('ovfkit repair'),
    });
    const imported = await run(['import', path, ...place]);
    expect(imported.exitCode).toBe(5);
    expect(imported.stdout).toContain('unsupported resource type: 21');
    expect([await scene.machines(), await items()]).toEqual([before, 0]);
  },
);
