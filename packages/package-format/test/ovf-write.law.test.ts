import {
  type Content,
  type Descriptor,
  editDescriptor,
  PackageError,
  readDescriptor,
  writeDescriptor,
} from '@ovfkit/package-format';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { envelope, envelope2, inOrderOf2, laterMeaning, standardMeaning, vmwareMeaning } from './envelope.ts';
import { plain, modelOf as wholeModelOf } from './model.ts';

/** What was read, without what is not part of the model. */
function modelOf({ files, disks, networks, deploymentOptions, content, bundles }: Descriptor) {
  return { files, disks, networks, deploymentOptions, content: contentOf(content), bundles };
}

function contentOf({ position, sections, ...content }: Content): object {
  if (content.kind === 'VirtualSystemCollection') return { ...content, children: content.children.map(contentOf) };
  return {
    ...content,
    hardware: content.hardware.map((part) => ({ ...part, items: part.items.map(({ position: _, ...one }) => one) })),
  };
}

test('what is written is read back', () => {
  fc.assert(
    fc.property(envelope, (model) => {
      expect(modelOf(readDescriptor(writeDescriptor(model)))).toEqual(model);
    }),
  );
});

test('what is written in OVF 2.x is read back', () => {
  fc.assert(
    fc.property(envelope2, ({ version, ...model }) => {
      const written = readDescriptor(writeDescriptor({ ...model, version }));
      expect(written.version).toBe('2.0');
      expect(modelOf(written)).toEqual(model);
    }),
  );
});

test('what a section is to say is read back, in OVF 1.x and 2.x', () => {
  const meaning = fc.oneof(standardMeaning, laterMeaning, vmwareMeaning);
  fc.assert(
    fc.property(meaning, fc.constantFrom('1.0' as const, '2.0' as const), fc.boolean(), (says, version, required) => {
      const section = { meaning: says, info: 'Info', required };
      const content = { kind: 'VirtualSystemCollection', id: 'all', children: [], sections: [section] } as const;
      const { content: read, findings } = readDescriptor(writeDescriptor({ version, content }));
      const expected =
        says.kind === 'ResourceAllocation' && version === '2.0' ? { ...says, items: inOrderOf2(says.items) } : says;
      expect(read.sections).toMatchObject([{ info: 'Info', required }]);
      expect(plain(read.sections[0]?.meaning)).toEqual(plain(expected));
      // not every section belongs in a collection
      const codes = findings.map(({ code }) => code).filter((code) => code !== 'SECTION_MISPLACED');
      expect(codes.filter((code) => code.startsWith('SECTION_'))).toEqual([]);
    }),
  );
});

test('what was read can be written and read again', () => {
  fc.assert(
    fc.property(envelope, (model) => {
      const once = readDescriptor(writeDescriptor(model));
      expect(modelOf(readDescriptor(writeDescriptor(once)))).toEqual(modelOf(once));
    }),
  );
});

test('a damaged descriptor gives findings or a PackageError, nothing else', () => {
  fc.assert(
    fc.property(
      envelope,
      fc.array(fc.tuple(fc.nat(), fc.string({ maxLength: 3 })), { minLength: 1, maxLength: 4 }),
      (model, damages) => {
        let damaged = writeDescriptor(model);
        for (const [at, insert] of damages) {
          const start = at % damaged.length;
          damaged = damaged.slice(0, start) + insert + damaged.slice(start + 1);
        }
        try {
          readDescriptor(damaged);
        } catch (error) {
          expect(error).toBeInstanceOf(PackageError);
        }
      },
    ),
  );
});

test('what was read is the same text when it is written without edits', () => {
  fc.assert(
    fc.property(envelope, (model) => {
      const written = writeDescriptor(model);
      expect(editDescriptor(readDescriptor(written), [])).toBe(written);
    }),
  );
});

const odd = fc.constantFrom(
  '<!-- c -->',
  '<?p i?>',
  '<![CDATA[x&]]>',
  ' xmlns:q="urn:q"',
  'vmw:',
  'q:',
  '<q:Own/>',
  '\r\n',
  '&#10;',
);

test('a damaged descriptor that can still be read is written with all it says', () => {
  fc.assert(
    fc.property(envelope, fc.array(fc.tuple(fc.nat(), odd), { minLength: 1, maxLength: 4 }), (model, damages) => {
      const damaged = damages.reduce((text, [at, insert]) => {
        // behind a tag, where most of it is legal
        const end = text.indexOf('>', at % text.length) + 1;
        return text.slice(0, end) + insert + text.slice(end);
      }, writeDescriptor(model));
      const descriptor = tryRead(damaged);
      if (descriptor === undefined) return;
      const written = editDescriptor(descriptor, []);
      expect(wholeModelOf(readDescriptor(written))).toEqual(wholeModelOf(descriptor));
      expect(editDescriptor(readDescriptor(written), [])).toBe(written);
    }),
  );
});

function tryRead(text: string): Descriptor | undefined {
  try {
    return readDescriptor(text);
  } catch {
    return undefined;
  }
}
