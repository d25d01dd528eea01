import { expect, test } from 'vitest';
import { writeEnvironment } from '../src/ovf-environment.ts';
import { readXml } from '../src/xml.ts';

test('an environment has its properties in the namespace of DSP0243, whatever their values hold', () => {
  const value = 'a "quoted" <value> & more\nlines';
  const text = writeEnvironment({
    id: 'vm',
    platform: { kind: 'VMware ESXi', vendor: 'VMware, Inc.' },
    properties: [
      { key: 'app.hostname', value: 'web01' },
      { key: 'motd', value },
    ],
  });
  expect(text).toContain('xmlns="http://schemas.dmtf.org/ovf/environment/1"');
  expect(text).toContain('<Property oe:key="app.hostname" oe:value="web01"/>');
  expect(text).toContain('<Kind>VMware ESXi</Kind>');
  const { root } = readXml(text);
  expect(JSON.stringify(root)).toContain(JSON.stringify(value).slice(1, -1));
});

test('a guest without properties is told where it runs', () => {
  const text = writeEnvironment({ id: 'vm', platform: { kind: 'K', vendor: 'V' }, properties: [] });
  expect(text).not.toContain('PropertySection');
});

test('a guest is told of those beside it, after what is its own', () => {
  const text = writeEnvironment({
    id: 'web',
    platform: { kind: 'K', vendor: 'V' },
    properties: [{ key: 'name', value: 'web' }],
    entities: [
      { id: 'db', properties: [{ key: 'name', value: 'db' }] },
      { id: 'cache', properties: [] },
    ],
  });
  expect(text.replaceAll(/>\s+</g, '><')).toContain(
    '<Entity oe:id="db"><PropertySection><Property oe:key="name" oe:value="db"/></PropertySection></Entity><Entity oe:id="cache"/>',
  );
  expect(text.indexOf('oe:value="web"')).toBeLessThan(text.indexOf('<Entity'));
});
