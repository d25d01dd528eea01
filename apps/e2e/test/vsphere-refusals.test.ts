import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { jsonLines } from '../src/ovfkit.ts';
import { openVcenterScene } from './support/vcenter-scene.ts';

const hardware = `<VirtualHardwareSection><Info/><Item><rasd:ElementName>1 CPU</rasd:ElementName><rasd:InstanceID>1</rasd:InstanceID>
  <rasd:ResourceType>3</rasd:ResourceType><rasd:VirtualQuantity>1</rasd:VirtualQuantity></Item>
  <Item><rasd:AllocationUnits>byte * 2^20</rasd:AllocationUnits><rasd:ElementName>memory</rasd:ElementName><rasd:InstanceID>2</rasd:InstanceID>
  <rasd:ResourceType>4</rasd:ResourceType><rasd:VirtualQuantity>64</rasd:VirtualQuantity></Item></VirtualHardwareSection>`;

const envelope = (content: string): string => `<?xml version="1.0" encoding="UTF-8"?>
<Envelope xmlns="http://schemas.dmtf.org/ovf/envelope/1" xmlns:ovf="http://schemas.dmtf.org/ovf/envelope/1"
  xmlns:ovf2="http://schemas.dmtf.org/ovf/envelope/2" xmlns:vmw="http://www.vmware.com/schema/ovf"
  xmlns:rasd="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_ResourceAllocationSettingData">
  <References/>${content}
</Envelope>`;

const system = (id: string, sections = ''): string =>
  `<VirtualSystem ovf:id="${id}"><Info/>${hardware}${sections}</VirtualSystem>`;

const dependsOn = (type: string): string =>
  envelope(
    system(
      'app',
      `<vmw:vServiceDependencySection ovf:required="true" vmw:id="dependency"><Info/><vmw:Type>${type}</vmw:Type>
      <vmw:Name>Audit</vmw:Name></vmw:vServiceDependencySection>`,
    ),
  );

const scaled = envelope(
  `<VirtualSystemCollection ovf:id="suite"><Info/><ovf2:ScaleOutSection ovf2:id="web"><Info/>
    <ovf2:InstanceCount ovf2:minimum="1" ovf2:default="2" ovf2:maximum="4"/></ovf2:ScaleOutSection>${system('web')}
  </VirtualSystemCollection>`,
);

test.each([
  ['a service', dependsOn('com.example.audit'), /^The package requires the vService Audit, of which .* no provider$/],
  ['an extension', dependsOn('com.vmware.vservice.extension'), /^The package requires to be registered as an ext/],
  ['several instances of a part', scaled, /^The package has parts that are made several times/],
])('a package that needs %s is refused by plan and import alike, and nothing is begun', async (_, text, message) => {
  const scene = await openVcenterScene();
  onTestFinished(() => scene.close());
  Object.assign(scene.switches, { sessionApi: 'off', library: 'off' });
  const path = join(scene.folder, 'needs.ovf');
  await writeFile(path, text);
  const to = ['--to', scene.url, '--user', scene.user, '--thumbprint', scene.thumbprint, '--cluster', 'cluster 1'];
  const planned = await scene.ovfkit(['plan', path, ...to, '--json']);
  expect(planned.exitCode).toBe(5);
  expect(jsonLines(planned.stdout).find(({ type }) => type === 'plan')).toMatchObject({
    problems: expect.arrayContaining([
      {
        ...{ check: 'package', severity: 'error', exitCode: 5, details: expect.any(Array) },
        ...{ message: expect.stringMatching(message), hint: expect.any(String) },
      },
    ]),
  });
  expect(await scene.ovfkit(['import', path, ...to, '--json'])).toMatchObject({ exitCode: 5 });
  expect(scene.server.calls.some((call) => call.endsWith('ImportVApp'))).toBe(false);
});
