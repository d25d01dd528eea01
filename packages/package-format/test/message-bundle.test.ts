import {
  editDescriptor,
  localizeDescriptor,
  messageOf,
  readDescriptor,
  readMessageBundle,
  withBundles,
} from '@ovfkit/package-format';
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

test('a message in a file of its own leaves the text in place', () => {
  const { messages } = readMessageBundle(
    '<Strings xmlns:ovf="http://schemas.dmtf.org/ovf/envelope/2"><Msg ovf:msgid="a" ovf:fileRef="license"/><Msg ovf:msgid="b">B</Msg></Strings>',
  );
  expect([...messages]).toEqual([['b', 'B']]);
});

const localized =
  readDescriptor(`<Envelope xmlns="http://schemas.dmtf.org/ovf/envelope/1" xmlns:ovf="http://schemas.dmtf.org/ovf/envelope/1">
  <References/>
  <NetworkSection><Info>n</Info><Network ovf:name="lan"><Description ovf:msgid="net">In place</Description></Network></NetworkSection>
  <DeploymentOptionSection><Info>o</Info><Configuration ovf:id="s"><Label ovf:msgid="small"/><Description ovf:msgid="none">Kept</Description></Configuration></DeploymentOptionSection>
  <VirtualSystem ovf:id="vm"><Info>i</Info><Name ovf:msgid="name">Machine</Name>
    <ProductSection><Info>p</Info><Product ovf:msgid="name">Product</Product><Category ovf:msgid="net">Category</Category>
      <Property ovf:key="k" ovf:type="string"><Label ovf:msgid="small">Label</Label></Property></ProductSection>
    <EulaSection><Info>e</Info><License ovf:msgid="name">Licence</License></EulaSection>
    <VirtualHardwareSection><Info>h</Info></VirtualHardwareSection></VirtualSystem>
  <Strings xml:lang="de"><Msg ovf:msgid="net">Netz</Msg><Msg ovf:msgid="small">Klein</Msg><Msg ovf:msgid="name">Maschine</Msg></Strings>
  <Strings xml:lang="de-AT"><Msg ovf:msgid="small">Kloa</Msg></Strings>
</Envelope>`);

test('a localized descriptor has every text in the language, those of its region first', () => {
  const { networks, deploymentOptions, content } = localizeDescriptor(localized, 'de-AT');
  expect(networks).toMatchObject([{ description: 'Netz' }]);
  expect(deploymentOptions).toMatchObject([{ label: 'Kloa', description: 'Kept' }]);
  expect(content).toMatchObject({
    name: 'Maschine',
    products: [{ product: 'Maschine', properties: [{ label: 'Kloa', category: 'Netz' }] }],
    eulas: [{ license: 'Maschine' }],
  });
});

test('texts in a language that no bundle has stay as they stand', () => {
  const { networks, content } = localizeDescriptor(localized, 'ja');
  expect(networks).toEqual(localized.networks);
  expect(content.name).toBe('Machine');
});

test('what is written has no translations in place', () => {
  expect(editDescriptor(localizeDescriptor(localized, 'de'), [])).toBe(editDescriptor(localized, []));
});
