import { messageOf, readDescriptor, readMessageBundle, withBundles } from '@ovfkit/package-format';
import { expect, test } from 'vitest';
import { descriptorWith, refusalCode } from './source.ts';

const strings = (attributes: string, messages: Record<string, string>) =>
  `<Strings ${attributes}>${Object.entries(messages)
    .map(([id, text]) => `<Msg ovf:msgid="${id}">${text}</Msg>`)
    .join('')}</Strings>`;

const withStrings = (...all: readonly string[]) =>
  descriptorWith({ references: '<File ovf:id="de" ovf:href="de.xml"/>' }).replace(
    '</Envelope>',
    `${all.join('')}</Envelope>`,
  );

const descriptor = readDescriptor(
  withStrings(
    strings('', { a: 'one' }),
    strings('xml:lang="fr-CA"', { a: 'un' }),
    strings('xml:lang="fr-FR"', { a: 'UN' }),
    '<Strings xml:lang="de-DE" ovf:fileRef="de"/>',
  ),
);

test('a message is found in the closest locale, and not in another language', () => {
  expect(messageOf(descriptor, 'a')).toBe('one');
  expect(messageOf(descriptor, 'a', 'fr-FR')).toBe('UN');
  expect(messageOf(descriptor, 'a', 'fr')).toBe('un');
  expect(messageOf(descriptor, 'a', 'en-GB')).toBe('one');
  expect(messageOf(descriptor, 'a', 'ja')).toBeUndefined();
  expect(messageOf(descriptor, 'b')).toBeUndefined();
});

test('bundles of other files are joined in by href', () => {
  const bundle = readMessageBundle(
    '<Strings xmlns:ovf="http://schemas.dmtf.org/ovf/envelope/1"><Msg ovf:msgid="a">eins</Msg></Strings>',
  );
  const joined = withBundles(descriptor, new Map([['de.xml', bundle]]));
  expect(messageOf(joined, 'a', 'de')).toBe('eins');
  expect(messageOf(descriptor, 'a', 'de')).toBeUndefined();
});

test('a bundle that is something else is refused', async () => {
  expect(await refusalCode(() => readMessageBundle('<Envelope/>'))).toBe('DESCRIPTOR_INVALID');
});

test('a message is unknown only when every bundle is there to be searched', () => {
  const text = (bundle: string) => withStrings(bundle).replace('<Info>A machine', '<Info ovf:msgid="x">A machine');
  const codes = (bundle: string) => readDescriptor(text(bundle)).findings.map(({ code }) => code);
  expect(codes(strings('', { a: 'one' }))).toContain('MESSAGE_UNKNOWN');
  expect(codes('<Strings ovf:fileRef="de"/>')).not.toContain('MESSAGE_UNKNOWN');
  expect(codes('<Strings ovf:fileRef="nope"/>')).toContain('BUNDLE_FILE_UNKNOWN');
});
