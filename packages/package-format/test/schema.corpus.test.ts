import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readDescriptor, summarize, writeDescriptor } from '@ovfkit/package-format';
import fc from 'fast-check';
import {
  XmlBufferInputProvider,
  XmlDocument,
  XmlValidateError,
  XsdValidator,
  xmlRegisterInputProvider,
} from 'libxml2-wasm';
import { expect, test } from 'vitest';
import { envelope } from './envelope.ts';

const corpus = process.env['OVFKIT_CORPUS'] ?? '';
const folder = join(corpus, 'schemas/ovf-1.1.1');
const schemas = Object.fromEntries(
  readdirSync(folder).map((name) => [`schemas/${name}`, readFileSync(join(folder, name))]),
);
const common = readFileSync(join(folder, 'common.xsd'));
xmlRegisterInputProvider(
  new XmlBufferInputProvider({ ...schemas, 'http://schemas.dmtf.org/wbem/wscim/1/common.xsd': common }),
);
const main = readFileSync(join(folder, 'dsp8023_1.1.1.xsd'));
const validator = XsdValidator.fromDoc(XmlDocument.fromBuffer(main, { url: 'schemas/dsp8023_1.1.1.xsd' }));

/** What the schema has against the text. */
function problemsOf(text: string): readonly string[] {
  const document = XmlDocument.fromString(text);
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
  expect(summarize(readDescriptor(writeDescriptor(descriptor)))).toEqual(summarize(descriptor));
});

const plain = readable.filter(([, { findings, content, sections }]) => {
  const all = [content, ...(content.kind === 'VirtualSystemCollection' ? content.children : [])];
  const isForeign = sections.length > 0 || all.some((part) => part.sections.length > 0);
  return !isForeign && content.id !== '' && findings.every(({ severity }) => severity !== 'error');
});

test.each(plain)('%s is valid when it is written', (_, descriptor) => {
  expect(problemsOf(writeDescriptor(descriptor))).toEqual([]);
});
