import { defaultXmlLimits, elementsOf, readXml, textOf, writeXml, writeXmlDocument } from '@ovfkit/package-format';
import { expect, test } from 'vitest';
import { refusal, refusalCode, utf8 } from './source.ts';

const utf16 = (text: string) =>
  Uint8Array.from([...text].flatMap((c) => [c.charCodeAt(0) % 256, Math.floor(c.charCodeAt(0) / 256)]));

test('elements know their namespace and where they stand', () => {
  const { root } = readXml('<a xmlns="urn:a" xmlns:b="urn:b">\r\n  <b:c b:d="1" e="2"/></a>');
  const [child] = elementsOf(root);
  expect(child).toMatchObject({ name: 'c', namespace: 'urn:b', position: { line: 2, column: 3, offset: 37 } });
  expect(child?.attributes).toMatchObject([
    { name: 'd', namespace: 'urn:b', value: '1' },
    { name: 'e', namespace: '', value: '2' },
  ]);
});

test('text, character references and CDATA are one text', () => {
  expect(textOf(readXml('<a>x &amp; &#65;<![CDATA[<y>]]><b> z</b></a>').root)).toBe('x & A<y> z');
});

test('byte order marks and true encodings are understood', () => {
  expect(textOf(readXml(utf8('\uFEFF<?xml version="1.0" encoding="utf-8"?><a>虚</a>')).root)).toBe('虚');
  expect(
    textOf(readXml(Uint8Array.of(0xff, 0xfe, ...utf16('<?xml version="1.0" encoding="utf-16"?><a>虚</a>'))).root),
  ).toBe('虚');
  expect(textOf(readXml(utf16('<a>ü</a>')).root)).toBe('ü');
  const latin = Uint8Array.from('<?xml version="1.0" encoding="ISO-8859-1"?><a>\xfc</a>', (c) => c.charCodeAt(0));
  expect(textOf(readXml(latin).root)).toBe('ü');
});

test('a declaration of utf-16 over single bytes is noted and ignored', () => {
  const document = readXml(utf8('<?xml version="1.0" encoding="utf-16"?><a>x</a>'));
  expect(textOf(document.root)).toBe('x');
  expect(document.falseEncoding).toBe('utf-16');
});

test('bytes that are not of their encoding are refused', async () => {
  expect(await refusalCode(() => readXml(Uint8Array.of(0x3c, 0x61, 0x3e, 0xff, 0x3c)))).toBe('ENCODING_INVALID');
  expect(await refusalCode(() => readXml(utf8('<?xml version="1.0" encoding="klingon"?><a/>')))).toBe(
    'ENCODING_INVALID',
  );
});

test('an undeclared prefix is noted where it first stands', () => {
  const { root, undeclaredPrefixes } = readXml('<a>\n <o:b o:c=""/></a>');
  expect(elementsOf(root)[0]?.namespace).toBe('urn:undeclared:o');
  expect(undeclaredPrefixes).toMatchObject([{ prefix: 'o', line: 2, column: 2 }]);
});

test('a document that is not well-formed is refused with line and column', async () => {
  expect(await refusal(() => readXml('<a>\n  <b></c>\n</a>', { file: 'a.ovf' }))).toMatchObject({
    code: 'XML_INVALID',
    file: 'a.ovf',
    line: 2,
    column: 9,
  });
  for (const text of ['', 'hello', '<a>', '<a/><b/>', '<a b="1" b="2"/>', '<a>&nbsp;</a>', '<a>\u0001</a>']) {
    expect(await refusalCode(() => readXml(text))).toBe('XML_INVALID');
  }
});

test('a tree is written back with its prefixes and namespaces', () => {
  const text =
    '<?xml version="1.0" encoding="UTF-8"?>\n<a xmlns="urn:a" xmlns:b="urn:b" b:c="1">x<b:d xmlns="" e="&quot;&lt;&#10;"/> &amp;</a>\n';
  expect(writeXml(readXml(text).root)).toBe(text);
});

test('an element written elsewhere takes its namespaces along', () => {
  const { root } = readXml(
    '<a xmlns="urn:a" xmlns:v="urn:v" xmlns:t="urn:t" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><v:b xsi:type="t:T" v:c="1"/></a>',
  );
  const [child] = elementsOf(root);
  const again = child === undefined ? root : readXml(writeXml(child)).root;
  expect(again).toMatchObject({ name: 'b', namespace: 'urn:v', attributes: child?.attributes });
  expect(again.namespaces).toContainEqual({ prefix: 't', namespace: 'urn:t' });
});

test('a character that XML cannot hold is not written', async () => {
  const { root } = readXml('<a/>');
  for (const text of ['\u0000', '\u000b', '\ud800', '\uffff']) {
    expect(await refusalCode(() => writeXml({ ...root, children: [{ kind: 'text', text }] }))).toBe('VALUE_INVALID');
  }
});

test('comments, instructions, CDATA and white space are written as they were read', () => {
  const text =
    '<?xml version="1.0" encoding="UTF-8"?>\n<!-- before -->\n<?a b?>\n<a>\n <!--in--><?c?><b><![CDATA[<&]]]]><![CDATA[>]]></b>\t</a>\n<!-- after -->\n';
  const document = readXml(text);
  expect(writeXmlDocument(document)).toBe(text);
  expect(textOf(document.root)).toBe('\n <&]]>\t');
});

test('a comment that would end early is not written', async () => {
  const { root } = readXml('<a/>');
  for (const text of ['a--b', 'a-'])
    expect(await refusalCode(() => writeXml({ ...root, children: [{ kind: 'comment', text }] }))).toBe('VALUE_INVALID');
  const instruction = { kind: 'instruction', target: 't', text: 'a?>b' } as const;
  expect(await refusalCode(() => writeXml({ ...root, children: [instruction] }))).toBe('VALUE_INVALID');
});

test('comments count against the limit of elements', async () => {
  const limits = { ...defaultXmlLimits, elements: 3 };
  expect(await refusalCode(() => readXml('<a><!----><!----><!----></a>', { limits }))).toBe('XML_LIMIT');
});
