import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type DescriptorEdit,
  editDescriptor,
  readDescriptor,
  summarize,
  systemsOf,
  type WritableMeaning,
  writeDescriptor,
} from '@ovfkit/package-format';
import fc from 'fast-check';
import {
  XmlBufferInputProvider,
  XmlDocument,
  XmlValidateError,
  XsdValidator,
  xmlRegisterInputProvider,
} from 'libxml2-wasm';
import { expect, test } from 'vitest';
import { envelope, envelope2, laterMeaning, sortContent, standardMeaning } from './envelope.ts';
import { plain as asData, modelOf } from './model.ts';

const corpus = process.env['OVFKIT_CORPUS'] ?? '';

/** A schema of the corpus and those it imports, which are found under names of their own. */
function createValidator({ folder, main }: { readonly folder: string; readonly main: string }) {
  const path = join(corpus, 'schemas', folder);
  const schemas = Object.fromEntries(
    readdirSync(path).map((name) => [`${folder}/${name}`, readFileSync(join(path, name))]),
  );
  const common = readFileSync(join(path, 'common.xsd'));
  xmlRegisterInputProvider(
    new XmlBufferInputProvider({ ...schemas, 'http://schemas.dmtf.org/wbem/wscim/1/common.xsd': common }),
  );
  return XsdValidator.fromDoc(XmlDocument.fromBuffer(readFileSync(join(path, main)), { url: `${folder}/${main}` }));
}

const validators = {
  '1.0': createValidator({ folder: 'ovf-1.1.1', main: 'dsp8023_1.1.1.xsd' }),
  '2.0': createValidator({ folder: 'ovf-2.0.1', main: 'dsp8023_2.0.1.xsd' }),
};

/** What the schema of the text's version has against it. */
function problemsOf(text: string): readonly string[] {
  const document = XmlDocument.fromString(text);
  const version = document.root.namespaceUri.endsWith('/2') ? '2.0' : '1.0';
  try {
    validators[version].validate(document);
    return [];
  } catch (error) {
    if (error instanceof XmlValidateError) return error.details.map(({ message }) => message);
    throw error;
  } finally {
    document.dispose();
  }
}

test('the schema refuses what is wrong, so passing it means something', () => {
  expect(problemsOf('<Envelope xmlns="http://schemas.dmtf.org/ovf/envelope/1"/>')).not.toEqual([]);
});

test('every envelope that is written is valid', () => {
  fc.assert(
    fc.property(envelope, (model) => {
      expect(problemsOf(writeDescriptor(model))).toEqual([]);
    }),
  );
});

test('every envelope that is written in OVF 2.x is valid', () => {
  fc.assert(
    fc.property(envelope2, (model) => {
      expect(problemsOf(writeDescriptor(model))).toEqual([]);
    }),
  );
});

test('every section that is written by what it says is valid', () => {
  const check = (version: '1.0' | '2.0', meaning: WritableMeaning) => {
    const content = { kind: 'VirtualSystemCollection', id: 'all', children: [], sections: [{ meaning }] } as const;
    expect(problemsOf(writeDescriptor({ version, content }))).toEqual([]);
  };
  fc.assert(fc.property(standardMeaning, (meaning) => check('1.0', meaning)));
  fc.assert(fc.property(fc.oneof(standardMeaning, laterMeaning), (meaning) => check('2.0', meaning)));
});

const descriptors = readdirSync(join(corpus, 'descriptors'), { recursive: true, encoding: 'utf8' }).filter((name) =>
  name.endsWith('.ovf'),
);

/** Undefined when it cannot be read at all, which other tests are about. */
function tryRead(name: string) {
  try {
    return readDescriptor(readFileSync(join(corpus, 'descriptors', name)));
  } catch {
    return undefined;
  }
}

const readable = descriptors.flatMap((name) => {
  const descriptor = tryRead(name);
  return descriptor === undefined ? [] : [[name, descriptor] as const];
});

test('most descriptors of the corpus can be read', () => {
  expect(readable.length).toBeGreaterThan(75);
});

test.each(readable)('%s keeps its facts when it is written', (_, descriptor) => {
  const written = readDescriptor(writeDescriptor(descriptor));
  expect(written.version).toBe(descriptor.version === '2.0' ? '2.0' : '1.0');
  expect(summarize(written)).toEqual(summarize(descriptor));
});

/** What writing adds where it is missing. */
function withFillers(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withFillers);
  if (typeof value !== 'object' || value === null) return value;
  const whole = Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withFillers(inner)]));
  if ('virtualSystemIdentifier' in whole)
    return {
      ...whole,
      elementName: whole['elementName'] ?? 'Virtual Hardware Family',
      instanceId: whole['instanceId'] ?? '0',
    };
  if ('hostResource' in whole) return { ...whole, elementName: whole['elementName'] ?? `Item ${whole['instanceId']}` };
  return 'osType' in whole ? { ...whole, id: whole['id'] ?? 1 } : whole;
}

const current = readable.filter(([, { version }]) => version === '1.0' || version === '2.0');

test.each(current)('%s says all it said when it is written anew', (_, descriptor) => {
  const written = readDescriptor(writeDescriptor(descriptor), { file: '' });
  const content = descriptor.version === '2.0' ? sortContent(descriptor.content) : descriptor.content;
  const said = (one: object) => withFillers(asData({ ...one, findings: [] }));
  expect(said(written)).toEqual(said({ ...descriptor, content }));
});

test.each(readable)('%s says the same however often it is written', (_, descriptor) => {
  const once = readDescriptor(writeDescriptor(descriptor));
  expect(modelOf(readDescriptor(writeDescriptor(once)))).toEqual(modelOf(once));
});

const plain = readable.filter(([, { findings, content, sections }]) => {
  const all = [content, ...(content.kind === 'VirtualSystemCollection' ? content.children : [])];
  const isForeign = sections.length > 0 || all.some((part) => part.sections.length > 0);
  return !isForeign && content.id !== '' && findings.every(({ severity }) => severity !== 'error');
});

test.each(plain)('%s is valid when it is written', (_, descriptor) => {
  expect(problemsOf(writeDescriptor(descriptor))).toEqual([]);
});

test.each(readable)('%s is the same to the byte when it is written without edits', (name, descriptor) => {
  const bytes = readFileSync(join(corpus, 'descriptors', name));
  const written = editDescriptor(descriptor, []);
  const isUtf8 = descriptor.findings.every(({ code }) => code !== 'ENCODING_FALSE');
  if (isUtf8) expect(Buffer.from(written)).toEqual(bytes);
  expect(modelOf(readDescriptor(written))).toEqual(modelOf(descriptor));
});

/** One of every kind that fits any descriptor with a machine. */
function everyEdit(system: string): readonly DescriptorEdit[] {
  return [
    { type: 'rename', name: 'New name' },
    { type: 'rename', name: 'Other name', system },
    { type: 'setAnnotation', annotation: 'Text', system },
    { type: 'setEula', license: 'Terms', system },
    { type: 'setEula', license: 'More terms', index: 1, system },
    {
      type: 'setProduct',
      class: 'com.example.new',
      texts: { product: 'P', vendor: 'V', version: '1', appUrl: 'http://a' },
    },
    { type: 'setProperty', class: 'com.example.new', key: 'n', propertyType: 'uint8', value: '1', label: 'N' },
    { type: 'setNetwork', name: 'a new network', description: 'D' },
    { type: 'addFile', id: 'new-file', href: 'new.vmdk', size: 1 },
    { type: 'addDisk', diskId: 'new-disk', capacity: '1', fileRef: 'new-file', format: 'urn:x' },
    { type: 'setDisk', diskId: 'new-disk', capacity: '2', capacityAllocationUnits: 'byte * 2^30' },
    { type: 'setHardwareVersion', version: 'vmx-19' },
    { type: 'setExtraConfig', key: 'new.key', value: '1', required: false },
    { type: 'setConfig', key: 'new.key', value: '1', required: false },
    { type: 'addItem', item: { instanceId: '9001', resourceType: 6, elementName: 'SCSI' }, system },
    {
      type: 'addItem',
      item: {
        instanceId: '9002',
        resourceType: 17,
        elementName: 'Disk',
        parent: '9001',
        hostResource: ['ovf:/disk/new-disk'],
      },
      system,
    },
    { type: 'setItem', instanceId: '9002', values: { addressOnParent: '0', description: 'D' }, system },
    { type: 'setOption', id: 'new-option', label: 'N' },
    { type: 'setDefaultOption', id: 'new-option' },
    { type: 'setOperatingSystem', id: 1, description: 'D', system },
    { type: 'setTransport', transport: ['iso'], system },
    { type: 'setSection', meaning: { kind: 'Install', initialBootStopDelay: 1 }, system },
  ];
}

const editable = readable.flatMap(([name, descriptor]) => {
  const [system] = systemsOf(descriptor.content);
  return system === undefined || system.id === '' ? [] : [[name, descriptor, system.id] as const];
});

test.each(editable)('%s can be edited, and is read as before when all is taken back', (_, descriptor, system) => {
  const edited = readDescriptor(editDescriptor(descriptor, everyEdit(system)));
  expect(edited.content.name).toBe(edited.content.id === system ? 'Other name' : 'New name');
  expect(edited.disks.find(({ diskId }) => diskId === 'new-disk')).toMatchObject({
    diskId: 'new-disk',
    capacity: '2',
    fileRef: 'new-file',
  });
  expect(edited.networks.at(-1)).toMatchObject({ name: 'a new network', description: 'D' });
  const back = editDescriptor(edited, [
    { type: 'removeDevice', instanceId: '9001', system },
    { type: 'removeOption', id: 'new-option' },
    { type: 'removeSection', name: 'InstallSection', system },
    { type: 'removeExtraConfig', key: 'new.key' },
    { type: 'removeConfig', key: 'new.key' },
    { type: 'removeNetwork', name: 'a new network' },
  ]);
  const { disks, files, networks, deploymentOptions } = readDescriptor(back);
  expect(deploymentOptions.map(({ id }) => id)).toEqual(descriptor.deploymentOptions.map(({ id }) => id));
  expect(asData({ disks, files, networks })).toEqual(
    asData({ disks: descriptor.disks, files: descriptor.files, networks: descriptor.networks }),
  );
});

/** What the schema has against the file as it came. */
const valid = editable.filter(([name]) => {
  try {
    return problemsOf(readFileSync(join(corpus, 'descriptors', name), 'utf8').replace(/^\uFEFF/, '')).length === 0;
  } catch {
    return false;
  }
});

test('a good part of the corpus is valid as it came, OVF 2.x as well', () => {
  expect(valid.map(([, { version }]) => version)).toContain('2.0');
  expect(valid.length).toBeGreaterThan(20);
});

test.each(valid)('%s stays valid through every edit', (_, descriptor, system) => {
  const edits = everyEdit(system);
  expect(problemsOf(editDescriptor(descriptor, []))).toEqual([]);
  for (const [index] of edits.entries())
    expect(problemsOf(editDescriptor(descriptor, edits.slice(0, index + 1))), edits[index]?.type).toEqual([]);
});
