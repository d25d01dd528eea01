import {
  checkName,
  defaultXmlLimits,
  nameProblem,
  readDescriptor,
  readManifest,
  readXml,
  resolveConfiguration,
} from '@ovfkit/package-format';
import { expect, test } from 'vitest';
import { descriptorWith, item, refusalCode } from './source.ts';

test('a DOCTYPE is refused before any entity is looked at', async () => {
  const bomb = `<!DOCTYPE a [<!ENTITY b "${'x'.repeat(1000)}"><!ENTITY c "${'&b;'.repeat(1000)}">]><a>&c;</a>`;
  expect(await refusalCode(() => readDescriptor(bomb))).toBe('XML_FORBIDDEN');
  expect(await refusalCode(() => readDescriptor('<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>'))).toBe('XML_FORBIDDEN');
});

test('an entity that is none of the five is refused', async () => {
  expect(await refusalCode(() => readXml('<a>&b;</a>'))).toBe('XML_INVALID');
});

test('nesting has an end', async () => {
  expect(await refusalCode(() => readXml(`${'<a>'.repeat(200_000)}`))).toBe('XML_LIMIT');
  expect(readXml(`${'<a>'.repeat(100)}${'</a>'.repeat(100)}`).root.name).toBe('a');
});

test('the number of elements, of attributes and the size have an end', async () => {
  const limits = { ...defaultXmlLimits, elements: 100, attributes: 10, textSize: 5000 };
  expect(await refusalCode(() => readXml(`<a>${'<b/>'.repeat(100)}</a>`, { limits }))).toBe('XML_LIMIT');
  expect(
    await refusalCode(() => readXml(`<a ${Array.from({ length: 11 }, (_, n) => `b${n}=""`).join(' ')}/>`, { limits })),
  ).toBe('XML_LIMIT');
  expect(await refusalCode(() => readXml(`<a>${'x'.repeat(5000)}</a>`, { limits }))).toBe('TOO_LARGE');
});

test('names that mean something to objects are names like any other', () => {
  const { files, disks } = readDescriptor(
    descriptorWith({
      references: '<File ovf:id="__proto__" ovf:href="constructor"/>',
      sections:
        '<DiskSection><Info/><Disk ovf:diskId="__proto__" ovf:capacity="1" ovf:fileRef="__proto__"/></DiskSection>',
      hardware: item({ InstanceID: '__proto__', ResourceType: 17, HostResource: 'ovf:/disk/__proto__' }),
    }),
  );
  expect(files).toMatchObject([{ id: '__proto__', href: 'constructor' }]);
  expect(disks).toMatchObject([{ diskId: '__proto__', fileRef: '__proto__' }]);
});

test.each([
  '../disk.vmdk',
  'a/../../disk.vmdk',
  '/etc/passwd',
  '\\\\server\\share',
  'a\\..\\..\\b',
  'C:disk.vmdk',
  'c:\\disk.vmdk',
  'a\0b',
  'a\nb',
  '',
  '.',
  '..',
  'a/./b',
  'a//b',
  'a/',
  'https://example.com/disk.vmdk',
  'x'.repeat(1025),
])('the name %j is refused', async (name) => {
  expect(nameProblem(name)).toBeTypeOf('string');
  expect(await refusalCode(() => checkName(name))).toBe('NAME_REFUSED');
});

test.each(['disk.vmdk', 'sub/folder/disk.vmdk', '..disk', 'a..b', '虚拟机.vmdk', 'with, comma and space', '.hidden'])(
  'the name %j is allowed',
  (name) => {
    expect(checkName(name)).toBe(name);
  },
);

test('numbers are neither rounded nor wrapped, they are findings', () => {
  for (const [size, code] of [
    ['9223372036854775808', 'NUMBER_OUT_OF_RANGE'],
    ['9007199254740993', 'NUMBER_OUT_OF_RANGE'],
    ['-2', 'NUMBER_NEGATIVE'],
    ['4e9', 'NUMBER_INVALID'],
  ]) {
    const { files, findings } = readDescriptor(
      descriptorWith({ references: `<File ovf:id="f" ovf:href="f" ovf:size="${size}"/>` }),
    );
    expect(files[0]?.size).toBeUndefined();
    expect(findings.map((finding) => finding.code)).toContain(code);
  }
});

test('a pattern that makes regular expressions slow does not', () => {
  const started = performance.now();
  readDescriptor(
    descriptorWith({ hardware: item({ InstanceID: 1, ResourceType: 17, HostResource: '/'.repeat(200_000) }) }),
  );
  expect(performance.now() - started).toBeLessThan(2000);
});

test('many of everything, all referring to each other, take no more than seconds', () => {
  const many = (count: number, one: (n: number) => string) => Array.from({ length: count }, (_, n) => one(n)).join('');
  const started = performance.now();
  const descriptor = readDescriptor(
    descriptorWith({
      references: many(10_000, (n) => `<File ovf:id="f${n}" ovf:href="f${n}"/>`),
      sections: `<DiskSection><Info/>${many(10_000, (n) => `<Disk ovf:diskId="d${n}" ovf:capacity="1" ovf:fileRef="f${n}" ovf:parentRef="d${n + 1}"/>`)}</DiskSection>`,
      hardware: many(10_000, (n) =>
        item({ HostResource: `ovf:/disk/d${n}`, InstanceID: n, Parent: 9999 - n, ResourceType: 17 }),
      ),
    }),
  );
  expect(resolveConfiguration(descriptor).files).toHaveLength(10_000);
  expect(performance.now() - started).toBeLessThan(8000);
});

test('a manifest line of a megabyte is refused without being searched', async () => {
  const started = performance.now();
  expect(await refusalCode(() => readManifest(`SHA1(${')='.repeat(500_000)} x y`))).toBe('MANIFEST_INVALID');
  expect(performance.now() - started).toBeLessThan(2000);
});

test('long qualifiers are read once for all values of a property', () => {
  const list = Array.from({ length: 50_000 }, (_, at) => `'v${at}'`).join(',');
  const values = '<Value ovf:value="x" ovf:configuration="o"/>'.repeat(20_000);
  const start = performance.now();
  const { findings } = readDescriptor(
    `<Envelope xmlns="http://schemas.dmtf.org/ovf/envelope/1" xmlns:ovf="http://schemas.dmtf.org/ovf/envelope/1"><References/><ProductSection><Info/><Property ovf:key="k" ovf:type="string" ovf:qualifiers="ValueMap{${list}}">${values}</Property></ProductSection></Envelope>`,
  );
  expect(findings.filter(({ code }) => code === 'PROPERTY_VALUE_INVALID')).toHaveLength(20_000);
  expect(performance.now() - start).toBeLessThan(5000);
});
