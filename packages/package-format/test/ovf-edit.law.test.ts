import {
  type DescriptorEdit,
  editDescriptor,
  elementsOf,
  readDescriptor,
  writeDescriptor,
  type XmlElement,
} from '@ovfkit/package-format';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { envelope } from './envelope.ts';
import { modelOf } from './model.ts';

/** Ways to write one document that all mean the same. */
const spelling = fc.record({
  quote: fc.constantFrom('"', "'"),
  space: fc.constantFrom(' ', '\n      ', '\t'),
  equals: fc.constantFrom('=', ' = '),
  close: fc.constantFrom('/>', ' />', '\n/>'),
  newline: fc.constantFrom('\n', '\r\n'),
  mark: fc.constantFrom('', '\uFEFF'),
  remark: fc.constantFrom('', '<!-- a > b -->', '<?target a > b?>', '<![CDATA[ ]]>'),
  declaration: fc.constantFrom('', "<?xml version='1.0' encoding='utf-8' standalone='yes'?>", '<?xml version="1.0"?>'),
});
type Spelling = typeof spelling extends fc.Arbitrary<infer T> ? T : never;

function respell(text: string, { quote, space, equals, close, newline, mark, remark, declaration }: Spelling): string {
  const respelled = text
    .replace(/^<\?xml.*?\?>/, declaration)
    .replaceAll(/\s([\w:]+)="([^"]*)"(?=[^<>]*>)/g, (_, name: string, value: string) => {
      const kept = quote === "'" ? value.replaceAll("'", '&#x27;') : value;
      return `${space}${name}${equals}${quote}${kept}${quote}`;
    })
    .replaceAll('/>', close)
    .replaceAll('</Info>', `</Info>${remark}`)
    .replaceAll('\n', newline);
  return `${mark}${declaration === '' ? respelled.trimStart() : respelled}`;
}

const spelled = fc.tuple(envelope, spelling).map(([model, how]) => respell(writeDescriptor(model), how));

function below(element: XmlElement, name: string): readonly XmlElement[] {
  return elementsOf(element).flatMap((child) => (child.name === name ? [child] : below(child, name)));
}

test('a descriptor that nobody edits stays as it is, however it is spelled', () => {
  fc.assert(
    fc.property(spelled, (text) => {
      expect(editDescriptor(readDescriptor(text), [])).toBe(text);
      const bytes = new TextEncoder().encode(text);
      expect(new TextEncoder().encode(editDescriptor(readDescriptor(bytes), []))).toEqual(bytes);
    }),
  );
});

test('spelling a descriptor in another way changes nothing in what it says', () => {
  fc.assert(
    fc.property(envelope, spelling, (model, how) => {
      const text = writeDescriptor(model);
      const other = respell(text, { ...how, remark: '' });
      expect(modelOf(readDescriptor(other))).toEqual(modelOf(readDescriptor(text)));
    }),
  );
});

/** Edits of one element, and that element. */
function editsOf(root: XmlElement): readonly (readonly [DescriptorEdit, XmlElement])[] {
  const attributeOf = (element: XmlElement, name: string) =>
    element.attributes.find((attribute) => attribute.name === name)?.value ?? '';
  const only = (name: string, key: string) =>
    below(root, name).filter(
      (element, _, all) => all.filter((other) => attributeOf(other, key) === attributeOf(element, key)).length === 1,
    );
  return [
    ...only('File', 'id').map((file) => [{ type: 'setFile', id: attributeOf(file, 'id'), size: 123 }, file] as const),
    ...only('Disk', 'diskId').map(
      (disk) =>
        [{ type: 'setDisk', diskId: attributeOf(disk, 'diskId'), capacity: '7', format: "it's & that" }, disk] as const,
    ),
    ...only('Network', 'name').map(
      (network) =>
        [{ type: 'setNetwork', name: attributeOf(network, 'name'), description: '<new>\n' }, network] as const,
    ),
    ...only('Property', 'key').map(
      (property) =>
        [{ type: 'setProperty', key: attributeOf(property, 'key'), value: '"a" & \'b\'' }, property] as const,
    ),
    ...below(root, 'EulaSection')
      .slice(0, 1)
      .map((section) => [{ type: 'setEula', license: 'Terms\n' }, section] as const),
  ];
}

test('an edit changes its own element and no byte beside it', () => {
  fc.assert(
    fc.property(spelled, (text) => {
      const descriptor = readDescriptor(text);
      for (const [edit, { position, end }] of editsOf(descriptor.root)) {
        const edited = editDescriptor(descriptor, [edit]);
        const [head, tail] = [text.slice(0, position.offset), text.slice(end)];
        expect(edited.startsWith(head) && edited.endsWith(tail), edit.type).toBe(true);
        expect(editDescriptor(readDescriptor(edited), [edit]), edit.type).toBe(edited);
      }
    }),
    { numRuns: 40 },
  );
});

test('what is removed takes its own text along and no other', () => {
  fc.assert(
    fc.property(spelled, (text) => {
      const descriptor = readDescriptor(text);
      const added = editDescriptor(descriptor, [{ type: 'addFile', id: 'new-file', href: 'new.vmdk' }]);
      const removed = editDescriptor(readDescriptor(added), [{ type: 'removeFile', id: 'new-file' }]);
      const isEmpty = descriptor.files.length === 0;
      // References without a file may have had no end tag
      if (isEmpty) expect(modelOf(readDescriptor(removed))).toEqual(modelOf(descriptor));
      else expect(removed).toBe(text);
    }),
  );
});
