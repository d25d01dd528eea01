import { readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readDescriptor } from '@ovfkit/package-format';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { withOptionsFile } from '../../src/import/options-file.ts';
import { deploymentSpec, deploymentSpecSchema } from '../../src/spec/deployment-spec.ts';
import { govcOptions } from '../../src/spec/govc-options.ts';
import { readOptionsFile } from '../../src/spec/read-options-file.ts';

const descriptor = readDescriptor(`<?xml version="1.0"?>
<Envelope xmlns="http://schemas.dmtf.org/ovf/envelope/1" xmlns:ovf="http://schemas.dmtf.org/ovf/envelope/1">
  <References/>
  <NetworkSection><Info>n</Info><Network ovf:name="A"><Description>Front</Description></Network><Network ovf:name="B"/></NetworkSection>
  <DeploymentOptionSection><Info>o</Info>
    <Configuration ovf:id="small"><Label>Small</Label><Description>s</Description></Configuration>
    <Configuration ovf:id="large" ovf:default="true"><Label>Large</Label><Description>l</Description></Configuration>
  </DeploymentOptionSection>
  <VirtualSystem ovf:id="vm"><Info>A system</Info>
    <ProductSection ovf:class="net" ovf:instance="1"><Info>p</Info>
      <Property ovf:key="dhcp" ovf:type="boolean" ovf:value="false" ovf:userConfigurable="true"><Value ovf:configuration="large" ovf:value="true"/></Property>
      <Property ovf:key="host" ovf:type="string" ovf:qualifiers="MinLen(1)" ovf:userConfigurable="true"><Label>Host</Label></Property>
      <Property ovf:key="secret" ovf:type="string" ovf:password="true" ovf:value="x" ovf:userConfigurable="true"/>
      <Property ovf:key="build" ovf:type="string" ovf:value="7"/>
    </ProductSection>
    <AnnotationSection><Info>a</Info><Annotation>Hello</Annotation></AnnotationSection>
  </VirtualSystem>
</Envelope>`);

describe('the options file of govc', () => {
  test('has the keys of govc in its order, with the values of the default option', () => {
    const spec = JSON.parse(JSON.stringify(govcOptions(descriptor)));
    expect(Object.keys(spec)).toEqual([
      'Deployment',
      'DiskProvisioning',
      'IPAllocationPolicy',
      'IPProtocol',
      'PropertyMapping',
      'NetworkMapping',
      'Annotation',
      'MarkAsTemplate',
      'PowerOn',
      'InjectOvfEnv',
      'WaitForIP',
      'Name',
    ]);
    expect(spec).toMatchObject({
      Deployment: 'large',
      DiskProvisioning: 'flat',
      PropertyMapping: [
        { Key: 'net.dhcp.1', Value: 'True' },
        { Key: 'net.host.1', Value: '' },
        { Key: 'net.secret.1', Value: 'x' },
      ],
      NetworkMapping: [
        { Name: 'A', Network: '' },
        { Name: 'B', Network: '' },
      ],
      Annotation: 'Hello',
      Name: null,
    });
  });

  test('has the alternatives, the option asked for first, and hidden properties when they are wanted', () => {
    const spec = govcOptions(descriptor, { option: 'small', properties: 'all', alternatives: 'with' });
    expect(spec.AllDeploymentOptions).toEqual(['small', 'large']);
    expect(spec.AllDiskProvisioningOptions).toContain('eagerZeroedThick');
    expect(spec.PropertyMapping).toContainEqual({ Key: 'net.build.1', Value: '7' });
    expect(spec.PropertyMapping).toContainEqual({ Key: 'net.dhcp.1', Value: 'False' });
  });

  test('is read back as choices; what is empty decides nothing', () => {
    const filled = {
      ...govcOptions(descriptor),
      NetworkMapping: [
        { Name: 'A', Network: 'VM=1' },
        { Name: 'B', Network: '' },
      ],
    };
    expect(readOptionsFile(JSON.stringify(filled), 'o.json')).toMatchObject({
      deploymentOption: 'large',
      diskMode: 'thick',
      annotation: 'Hello',
      name: undefined,
      net: ['A=VM=1'],
      prop: [
        { key: 'net.dhcp.1', value: 'True' },
        { key: 'net.secret.1', value: 'x' },
      ],
    });
  });

  test.each([
    ['PowerOn', { powerOn: true }],
    ['MarkAsTemplate', { markAsTemplate: true }],
    ['InjectOvfEnv', { injectOvfEnv: true }],
    ['WaitForIP', { waitForIp: 300 }],
  ])('with %s means what the flag of that name does, and without it nothing', (key, meant) => {
    const file = govcOptions(descriptor);
    expect(readOptionsFile(JSON.stringify({ ...file, [key]: true }), 'o.json')).toMatchObject(meant);
    const [[name = ''] = []] = Object.entries(meant);
    expect(readOptionsFile(JSON.stringify(file), 'o.json')).toHaveProperty(name, undefined);
  });

  test('with another IP allocation policy is refused, for nobody would give out addresses so', () => {
    const file = { ...govcOptions(descriptor), IPAllocationPolicy: 'fixedPolicy' };
    expect(() => readOptionsFile(JSON.stringify(file), 'o.json')).toThrow('IPAllocationPolicy');
  });
});

describe('the deployment spec', () => {
  const spec = deploymentSpec(descriptor);

  test('keeps to its schema and tells no default of a password', () => {
    expect(deploymentSpecSchema.parse(JSON.parse(JSON.stringify(spec)))).toEqual(JSON.parse(JSON.stringify(spec)));
    expect(spec.properties.map(({ key, value }) => [key, value])).toEqual([
      ['net.dhcp.1', 'true'],
      ['net.host.1', null],
      ['net.secret.1', null],
    ]);
  });

  test('docs/spec.schema.json is the schema', async () => {
    const path = new URL('../../../../docs/spec.schema.json', import.meta.url);
    expect(JSON.parse(await readFile(path, 'utf8'))).toEqual(z.toJSONSchema(deploymentSpecSchema, { io: 'input' }));
  });

  test('a misspelt key is refused by name', () => {
    expect(() => readOptionsFile(JSON.stringify({ ...spec, netwroks: [] }), 's.json')).toThrow(
      expect.objectContaining({ exitClass: 'usage', details: [expect.stringContaining('netwroks')] }),
    );
  });

  test('fills what no flag says', async () => {
    const path = join(tmpdir(), `ovfkit-spec-${process.pid}.json`);
    const networks = [
      { source: 'A', target: 'X' },
      { source: 'B', target: 'Y' },
    ];
    await writeFile(path, JSON.stringify({ ...spec, networks, acceptEula: true, name: 'from-file' }));
    try {
      const merged = await withOptionsFile({
        options: path,
        name: 'flag',
        net: ['B=Z'],
        prop: [{ key: 'net.dhcp.1', value: 'false' }],
      });
      expect(merged).toMatchObject({ name: 'flag', acceptEula: true, deploymentOption: 'large', net: ['B=Z', 'A=X'] });
      expect(merged.prop).toEqual([{ key: 'net.dhcp.1', value: 'false' }]);
      expect((await withOptionsFile({ options: path, net: ['Everywhere'] })).net).toEqual(['Everywhere']);
    } finally {
      await rm(path);
    }
  });
});
