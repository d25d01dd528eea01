import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { noise, readArchive } from '@ovfkit/conformance';
import type { ImportInfo, OvfParams, SessionBackend } from '@ovfkit/domain';
import { type Content, readDescriptor, readManifest, readXml, writeXml, type XmlElement } from '@ovfkit/package-format';
import {
  XmlBufferInputProvider,
  XmlDocument,
  XmlValidateError,
  XsdValidator,
  xmlRegisterInputProvider,
} from 'libxml2-wasm';
import { expect, test } from 'vitest';
import { admin, startEngine } from './support/engine.ts';
import { accepted, createImport, exportFiles, named, push, send, until } from './support/session.ts';

/** For packages that register themselves. */
const allowed: OvfParams = { type: 'VcenterExtensionParams', registrationAccepted: true };

const corpus = process.env['OVFKIT_CORPUS'] ?? '';
const descriptors = join(corpus, 'descriptors');
const schemaFolder = join(corpus, 'schemas/ovf-1.1.1');
const schemas = Object.fromEntries(
  readdirSync(schemaFolder).map((name) => [`schemas/${name}`, readFileSync(join(schemaFolder, name))]),
);
const common = readFileSync(join(schemaFolder, 'common.xsd'));
xmlRegisterInputProvider(
  new XmlBufferInputProvider({ ...schemas, 'http://schemas.dmtf.org/wbem/wscim/1/common.xsd': common }),
);
const schema = readFileSync(join(schemaFolder, 'dsp8023_1.1.1.xsd'));
const validator = XsdValidator.fromDoc(XmlDocument.fromBuffer(schema, { url: 'schemas/dsp8023_1.1.1.xsd' }));

/** Sections of vendors are known to their own schemas only; RandomSection is one package's own idea of an OVF section. */
function withoutForeignSections(element: XmlElement, own = element.namespace): XmlElement {
  const holders = ['Envelope', 'VirtualSystem', 'VirtualSystemCollection'];
  if (!holders.includes(element.name)) return element;
  const children = element.children
    .filter((child) => child.kind !== 'element' || (child.namespace === own && child.name !== 'RandomSection'))
    .map((child) => (child.kind === 'element' ? withoutForeignSections(child, own) : child));
  return { ...element, children };
}

/** What DSP8023 1.1.1 has against a descriptor. */
function schemaProblems(text: string): readonly string[] {
  const document = XmlDocument.fromString(writeXml(withoutForeignSections(readXml(text).root)));
  try {
    validator.validate(document);
    return [];
  } catch (error) {
    if (error instanceof XmlValidateError) return error.details.map(({ message }) => message);
    throw error;
  } finally {
    document.dispose();
  }
}

/** Sends everything the session still asks for; a file's bytes are noise of its announced size, at most a few kilobytes. */
async function sendRest(backend: SessionBackend, id: string): Promise<ReadonlyMap<string, Uint8Array>> {
  const sent = new Map<string, Uint8Array>();
  const { files } = await backend.importSession.get({ id });
  for (const { name, optionalUpload, sha256 } of files) {
    if (optionalUpload || sha256 !== '') continue;
    const bytes = noise(1000 + sent.size, name);
    sent.set(name, bytes);
    await send(backend, { id, name, bytes });
  }
  return sent;
}

/** Exported, a package is valid, right by its manifest, and reads without a fault. */
async function checkExport(backend: SessionBackend, info: ImportInfo): Promise<ReadonlyMap<string, Uint8Array>> {
  const spec = { exportFlags: ['PRESERVE_MAC', 'EXTRA_CONFIG', 'BIOS_UUID', 'IP', 'CDROM'] };
  const files = await exportFiles(backend, { vmId: info.vmId, vappId: info.vappId, spec });
  const names = [...files.keys()];
  const text = new TextDecoder().decode(files.get(names.find((name) => name.endsWith('.ovf')) ?? ''));
  expect(schemaProblems(text)).toEqual([]);
  expect(readDescriptor(text).findings.filter(({ severity }) => severity === 'error')).toEqual([]);
  const manifest = readManifest(files.get(names.find((name) => name.endsWith('.mf')) ?? '') ?? '');
  expect(manifest.entries).toHaveLength(names.length - 1);
  for (const { name, digest } of manifest.entries)
    expect(
      createHash('sha256')
        .update(files.get(name) ?? '')
        .digest('hex'),
      name,
    ).toBe(digest);
  return files;
}

const goodArchives = [
  'harvester-vm-import-controller--test.ova',
  'vmware-go-vcloud-director--template_with_custom_chunk_size.ova',
  'vmware-terraform-provider-vcd--test_vapp_template.ova',
  'openstack-glance--testserver.ova',
];

for (const name of goodArchives)
  test(`${name} is imported as an archive, and its disks come out again`, async () => {
    const { engine, faults } = await startEngine();
    const backend = engine.backendFor(admin);
    const bytes = readFileSync(join(descriptors, name));
    const id = await createImport(backend, { ...push, pushSourceContentType: 'OVA_SOURCE' });
    await send(backend, { id, name: 'descriptor.ova', bytes });
    await until(backend, id, 'IMPORT_SELECTING_OVF_PARAMS');
    await backend.importSession.instantiate({ id, instantiationParameters: [accepted, named('one')] });
    await send(backend, { id, name: 'disk-content.ova', bytes });
    const files = await checkExport(backend, await until(backend, id, 'IMPORT_COMPLETED'));
    const members = readArchive(bytes).filter((member) => /\.vmdk(?:\.\d{9})?$/.test(member.name));
    const expected = Buffer.concat(members.map((member) => member.bytes));
    expect(Buffer.from(files.get('one-disk-0.vmdk') ?? '').equals(expected)).toBe(true);
    expect(faults).toEqual([]);
  });

const brokenArchives: readonly (readonly [string, RegExp])[] = [
  ['Awingu-open-ovf--ourOVF/ourOVF.ova', /certificate_invalid/],
  ['ganeti-ganeti--ovfdata/ova.ova', /ova_compressed/],
  ['ganeti-ganeti--ovfdata/no_ovf.ova', /ova_compressed/],
  ['ganeti-ganeti--ovfdata/wrong_ova.ova', /tar_invalid/],
  ['openstack-glance--testserver-no-ovf.ova', /descriptor_missing/],
  ['openstack-glance--testserver-bad-ovf.ova', /xml_invalid/],
];

for (const [name, fault] of brokenArchives)
  test(`${name} is refused, and the fault is named`, async () => {
    const { engine, faults } = await startEngine();
    const backend = engine.backendFor(admin);
    const id = await createImport(backend, { ...push, pushSourceContentType: 'OVA_SOURCE' });
    await send(backend, { id, name: 'descriptor.ova', bytes: readFileSync(join(descriptors, name)) });
    const { errors } = await until(backend, id, 'IMPORT_ERROR');
    expect(JSON.stringify(errors)).toMatch(fault);
    expect(faults).toEqual([]);
  });

const single = readdirSync(descriptors, { recursive: true, encoding: 'utf8' }).filter((name) =>
  /\.(?:ovf|xml)$/.test(name),
);

/** Whether the reader finds no fault, which package-format's own tests hold against the corpus. */
function isSound(text: Uint8Array): boolean {
  try {
    return readDescriptor(text).findings.every(({ severity }) => severity !== 'error');
  } catch {
    return false;
  }
}

for (const name of single)
  test(`${name} is imported and exported again, or refused with a reason`, async () => {
    const { engine, faults } = await startEngine();
    const backend = engine.backendFor(admin);
    const bytes = readFileSync(join(descriptors, name));
    const id = await createImport(backend, push);
    await send(backend, { id, name: 'descriptor.ovf', bytes });
    const read = await until(backend, id, 'IMPORT_SELECTING_OVF_PARAMS', 'IMPORT_MSG_BUNDLES_TRANSFER', 'IMPORT_ERROR');
    if (!isSound(bytes)) {
      expect(read.state).toBe('IMPORT_ERROR');
      expect(read.errors[0]?.category).toBe('VALIDATION');
      return;
    }
    expect(read.errors).toEqual([]);
    for (const file of read.files.filter(({ fileType }) => fileType === 'MSG_BUNDLE')) {
      const path = join(descriptors, name, '..', file.name);
      const bundle = existsSync(path) ? readFileSync(path) : new TextEncoder().encode('<Strings/>');
      await send(backend, { id, name: file.name, bytes: bundle });
    }
    await until(backend, id, 'IMPORT_SELECTING_OVF_PARAMS');
    const { parameters, errors } = await backend.importSession.tryInstantiate({ id, instantiationParameters: [] });
    expect(errors).toEqual([]);
    // what was told may be sent back as it is, but for the licences and the name
    const given = [
      ...parameters.filter(({ type }) => type !== 'EulaParams' && type !== allowed.type),
      accepted,
      allowed,
      named('again'),
    ];
    const answer = await backend.importSession.tryInstantiate({ id, instantiationParameters: given });
    const filled = [...given, ...filledIn(answer.errors)];
    await backend.importSession.instantiate({ id, instantiationParameters: filled });
    if ((await backend.importSession.get({ id })).state === 'IMPORT_FILE_TRANSFER') await sendRest(backend, id);
    const files = await checkExport(backend, await until(backend, id, 'IMPORT_COMPLETED'));
    const { content } = readDescriptor([...files].find(([each]) => each.endsWith('.ovf'))?.[1] ?? '');
    expect(insideOf(content)).toBe(scaled.get(name) ?? insideOf(readDescriptor(bytes).content));
    expect(faults).toEqual([]);
  });

/** Of packages that are made in several instances, what is made. */
const scaled: ReadonlyMap<string, string> = new Map([
  [
    'vmware-govmomi--scaleoutStartup.ovf',
    [1, 2].map((n) => `childVapp-${n}[grandChildVapp-${n}-1[] grandChildVapp-${n}-2[]]`).join(' '),
  ],
]);

/** The ids in a collection as they are nested. */
function insideOf(content: Content): string {
  if (content.kind === 'VirtualSystem') return '';
  const shapeOf = (each: Content) => `${each.id}${each.kind === 'VirtualSystem' ? '' : `[${insideOf(each)}]`}`;
  return content.children.map(shapeOf).join(' ');
}

/** A password that is long enough for every property that has to have one. */
function filledIn(errors: ImportInfo['errors']) {
  const properties = errors.map(({ name = '' }) => ({ id: name, value: 'Secret-Password-1' }));
  return properties.length === 0 ? [] : [{ type: 'PropertyParams', properties } as const];
}
