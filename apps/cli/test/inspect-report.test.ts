import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { inspectReport } from '../src/inspect-report.ts';
import { inspectPage } from '../src/output/inspect-page.ts';
import { plainStyle } from '../src/output/style.ts';
import { widthOf } from '../src/output/text-width.ts';
import { openWithDescriptor } from '../src/package.ts';

const descriptor = `<Envelope xmlns="http://schemas.dmtf.org/ovf/envelope/1" xmlns:ovf="http://schemas.dmtf.org/ovf/envelope/1"
 xmlns:rasd="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_ResourceAllocationSettingData"
 xmlns:vssd="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_VirtualSystemSettingData">
<References><File ovf:id="f" ovf:href="disk.vmdk" ovf:size="100"/></References>
<DiskSection><Info>d</Info><Disk ovf:diskId="d" ovf:capacity="1048576" ovf:fileRef="f"/></DiskSection>
<NetworkSection><Info>n</Info><Network ovf:name="Front"><Description>to the world</Description></Network></NetworkSection>
<DeploymentOptionSection><Info>o</Info>
 <Configuration ovf:id="small"><Label ovf:msgid="small.label">Small</Label><Description>s</Description></Configuration>
 <Configuration ovf:id="large" ovf:default="true"><Label>Large</Label><Description>l</Description></Configuration>
</DeploymentOptionSection>
<VirtualSystemCollection ovf:id="shop"><Info>c</Info><Name>Shop</Name>
 <VirtualSystem ovf:id="web"><Info>s</Info><Name>Web server</Name>
  <OperatingSystemSection ovf:id="100"><Info>o</Info><Description>Linux</Description></OperatingSystemSection>
  <ProductSection ovf:class="com.shop"><Info>p</Info><Product>Shop</Product>
   <Property ovf:key="size" ovf:type="string" ovf:value="s" ovf:userConfigurable="true"><Value ovf:value="xl" ovf:configuration="large"/></Property>
   <Property ovf:key="secret" ovf:type="string" ovf:password="true" ovf:value="hunter2" ovf:qualifiers="MinLen(8)" ovf:userConfigurable="true"/>
   <Property ovf:key="tiny" ovf:type="string" ovf:configuration="small" ovf:value="t"/>
  </ProductSection>
  <VirtualHardwareSection><Info>h</Info>
   <System><vssd:ElementName>e</vssd:ElementName><vssd:InstanceID>0</vssd:InstanceID><vssd:VirtualSystemType>vmx-13 vmx-15</vssd:VirtualSystemType></System>
   <Item><rasd:ElementName>cpu</rasd:ElementName><rasd:InstanceID>1</rasd:InstanceID><rasd:ResourceType>3</rasd:ResourceType><rasd:VirtualQuantity>1</rasd:VirtualQuantity></Item>
   <Item ovf:configuration="large"><rasd:ElementName>cpu</rasd:ElementName><rasd:InstanceID>1</rasd:InstanceID><rasd:ResourceType>3</rasd:ResourceType><rasd:VirtualQuantity>8</rasd:VirtualQuantity></Item>
   <Item><rasd:Connection>Front</rasd:Connection><rasd:ElementName>nic</rasd:ElementName><rasd:InstanceID>2</rasd:InstanceID><rasd:ResourceSubType>VmxNet3</rasd:ResourceSubType><rasd:ResourceType>10</rasd:ResourceType></Item>
   <Item><rasd:ElementName>disk</rasd:ElementName><rasd:HostResource>ovf:/disk/d</rasd:HostResource><rasd:InstanceID>3</rasd:InstanceID><rasd:ResourceType>17</rasd:ResourceType></Item>
  </VirtualHardwareSection>
 </VirtualSystem>
</VirtualSystemCollection>
<Strings xml:lang="de-DE"><Msg ovf:msgid="small.label">Klein</Msg></Strings>
</Envelope>`;

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ovfkit-inspect-'));
  await writeFile(join(folder, 'shop.ovf'), descriptor);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function report(options: { readonly option?: string; readonly locale?: string } = {}) {
  const signal = new AbortController().signal;
  const opened = await openWithDescriptor(join(folder, 'shop.ovf'), { signal, ca: undefined });
  await opened.reader.close();
  return inspectReport(opened, { path: 'shop.ovf', ...options });
}

describe('the report', () => {
  test('has the keys that the documentation lists, and no others', async () => {
    const text = await readFile(new URL('../../../docs/cli.md', import.meta.url), 'utf8');
    const [section = ''] = /^## inspect$[\s\S]*?(?=^## )/m.exec(text) ?? [];
    const listed = section
      .split('\n')
      .filter((line) => line.startsWith('| `'))
      .flatMap((line) => [...(line.split('|')[1] ?? '').matchAll(/`(\w+)`/g)].map(([, key]) => key));
    expect(listed.toSorted()).toEqual(Object.keys(await report()).toSorted());
  });

  test('nests systems in their collections, and says what they are', async () => {
    expect(await report()).toMatchObject({
      content: { kind: 'VirtualSystemCollection', name: 'Shop', children: [{ kind: 'VirtualSystem', id: 'web' }] },
      systems: [{ id: 'web', guest: { id: 100, description: 'Linux' }, hardware: ['vmx-13', 'vmx-15'] }],
      networkDetails: [{ name: 'Front', description: 'to the world', adapters: 1 }],
    });
  });

  test('has values and properties as they are under the option', async () => {
    expect(await report()).toMatchObject({
      option: 'large',
      hardware: { cpus: 8 },
      properties: [
        { name: 'com.shop.size', default: 's', value: 'xl', exists: true },
        { name: 'com.shop.secret', password: true, qualifiers: 'MinLen(8)' },
        { name: 'com.shop.tiny', exists: false, options: ['small'] },
      ],
      deploymentOptions: [{ hardware: { cpus: 1 } }, { hardware: { cpus: 8, transferBytes: 100 } }],
    });
    expect(await report({ option: 'small' })).toMatchObject({
      hardware: { cpus: 1 },
      properties: [{ value: 's' }, {}, { exists: true }],
    });
  });

  test('has the texts in place, or those of the language that is asked for', async () => {
    expect((await report()).deploymentOptions[0]?.label).toBe('Small');
    expect((await report({ locale: 'de' })).deploymentOptions[0]?.label).toBe('Klein');
  });
});

describe('the page', () => {
  test('shows the vApp above its system, and neither a secret nor a property of another option', async () => {
    const page = inspectPage(await report(), { style: plainStyle, width: undefined }).join('\n');
    expect(page).toMatch(/^ {2}Shop \(vApp\)[^\n]*\n {4}Web server /m);
    expect(page).toContain('(secret)');
    expect(page).toContain('8.. characters');
    expect(page).not.toContain('hunter2');
    expect(page).not.toContain('com.shop.tiny');
  });

  test.each([60, 80, 200])('fits into %i columns', async (width) => {
    const lines = inspectPage(await report(), { style: plainStyle, width });
    expect(Math.max(...lines.map(widthOf))).toBeLessThanOrEqual(width);
  });
});
