import { findParams, type OvfParams } from '@ovfkit/domain';
import { readDescriptor } from '@ovfkit/package-format';
import { describe, expect, test } from 'vitest';
import type { Choices } from '../../src/import/choices.ts';
import { environmentParams } from '../../src/import/environment.ts';

const property = (key: string, value: string, more = '') =>
  `<Property ovf:key="${key}" ovf:type="string" ovf:value="${value}" ${more}/>`;
const product = (className: string, ...properties: readonly string[]) =>
  `<ProductSection ovf:class="${className}"><Info>P</Info>${properties.join('')}</ProductSection>`;
const system = (id: string, content: string) =>
  `<VirtualSystem ovf:id="${id}"><Info>S</Info>${content}<VirtualHardwareSection><Info>H</Info></VirtualHardwareSection></VirtualSystem>`;

const descriptor = readDescriptor(
  `<?xml version="1.0"?><Envelope xmlns="http://schemas.dmtf.org/ovf/envelope/1" xmlns:ovf="http://schemas.dmtf.org/ovf/envelope/1"><References/>
<VirtualSystemCollection ovf:id="suite"><Info>C</Info>${product('net', property('domain', 'lab', 'ovf:userConfigurable="true"'))}
${system('web', product('app', property('name', 'w', 'ovf:userConfigurable="true"'), property('build', '7')))}
${system('db', product('store', property('name', 'd', 'ovf:userConfigurable="true"')))}
</VirtualSystemCollection></Envelope>`,
  { lax: true },
);

const choices: Choices = {
  networks: [],
  properties: [],
  eula: 'open',
  signer: 'trusted',
  via: 'lease',
  environment: 'injected',
};
const found: readonly OvfParams[] = [{ type: 'NameAndProductParams', name: 'suite', virtualApp: true }];
const properties: readonly OvfParams[] = [
  {
    type: 'PropertyParams',
    properties: [
      { classId: 'net', id: 'domain', value: 'prod' },
      { classId: 'app', id: 'name', value: 'web01' },
      { classId: 'store', id: 'name', value: 'db01' },
    ],
  },
];

const configsOf = (params: readonly OvfParams[]) => findParams(params, 'ExtraConfigParams')?.extraConfigs ?? [];

describe('the environment of a vApp', () => {
  test('is told to each of its machines: what is its own, what all have, and of those beside it', () => {
    const [web, db, ...others] = configsOf(environmentParams(found, { choices, properties, descriptor }));
    expect(others).toEqual([]);
    expect([web, db].map((each) => [each?.key, each?.virtualSystemId])).toEqual([
      ['guestinfo.ovfEnv', 'web'],
      ['guestinfo.ovfEnv', 'db'],
    ]);
    const text = web?.value ?? '';
    expect(text).toMatch(/<Environment [^>]*oe:id="web"/);
    const [own = '', beside = ''] = text.split('<Entity oe:id="db">');
    for (const [key, value] of [
      ['net.domain', 'prod'],
      ['app.name', 'web01'],
      ['app.build', '7'],
    ])
      expect(own).toContain(`<Property oe:key="${key}" oe:value="${value}"/>`);
    expect(own).not.toContain('db01');
    expect(beside).toContain('<Property oe:key="store.name" oe:value="db01"/>');
    expect(db?.value).toContain('<Entity oe:id="web">');
  });

  test('is refused where nobody here knows which property is whose', () => {
    expect(() => environmentParams(found, { choices, properties, descriptor: undefined })).toThrow(/not read here/);
  });
});

test('a machine by itself is told what was chosen, and one that is not asked for nothing', () => {
  const alone: readonly OvfParams[] = [{ type: 'NameAndProductParams', name: 'web' }];
  const [config] = configsOf(environmentParams(alone, { choices, properties, descriptor: undefined }));
  expect(config?.virtualSystemId).toBeUndefined();
  expect(config?.value).toContain('oe:value="db01"');
  const { environment, ...silent } = choices;
  expect(environmentParams(alone, { choices: silent, properties, descriptor })).toEqual([]);
});
