import { SessionError } from '@ovfkit/domain';
import { readXml, writeXml } from '@ovfkit/package-format';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseExact, writeExact } from '../../src/vim/exact-json.ts';
import { readSoapAnswer } from '../../src/vim/soap-envelope.ts';
import { flag, list, object, optional, reference, text, whole } from '../../src/vim/vim-shape.ts';
import { managedObject, type VimObject, type VimValue } from '../../src/vim/vim-value.ts';
import { fieldsToXml, valueFromXml, valueToXml, vimElement } from '../../src/vim/vim-xml.ts';

const writable = /^[\t\n\x20-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]*$/u;
const content = fc.string({ unit: 'grapheme' }).filter((each) => writable.test(each));
const name = fc.stringMatching(/^[a-z][A-Za-z0-9]{0,9}$/);
const typeName = fc.stringMatching(/^Vim[A-Za-z0-9]{0,9}$/);
const target = fc.record({ type: typeName, value: content }).map(({ type, value }) => managedObject(type, value));
const boxedValue = fc.oneof(
  content.map((value): VimValue => ({ _typeName: 'string', _value: value })),
  fc.boolean().map((value): VimValue => ({ _typeName: 'boolean', _value: value })),
  fc.integer().map((value): VimValue => ({ _typeName: 'int', _value: value })),
  fc.bigInt({ min: 2n ** 53n, max: 2n ** 63n - 1n }).map((value): VimValue => ({ _typeName: 'long', _value: value })),
  fc.array(target).map((value): VimValue => ({ _typeName: 'ArrayOfManagedObjectReference', _value: value })),
  fc.array(content).map((value): VimValue => ({ _typeName: 'ArrayOfString', _value: value })),
);

/** Data objects of any depth; lists are of two at least, as XML does not tell a list of one. */
const { dataObject } = fc.letrec<{ dataObject: VimObject; value: VimValue }>((tie) => ({
  value: fc.oneof({ maxDepth: 4 }, content, target, boxedValue, tie('dataObject')),
  dataObject: fc
    .record({
      type: typeName,
      fields: fc.uniqueArray(
        fc.tuple(name, fc.oneof(tie('value'), fc.array(tie('value'), { minLength: 2, maxLength: 4 }))),
        {
          selector: ([field]) => field,
          maxLength: 5,
        },
      ),
    })
    .map(({ type, fields }): VimObject => ({ _typeName: type, ...Object.fromEntries(fields) })),
}));

const wired = (value: VimValue): VimValue[] =>
  valueToXml('spec', value).map((element) => valueFromXml(readXml(writeXml(element)).root));

describe('a value', () => {
  test('that was written as XML is read again as it was, without being told its type', () => {
    fc.assert(
      fc.property(dataObject, (value) => {
        expect(wired(value)).toEqual([value]);
      }),
    );
  });

  test('that was written as JSON is read again as it was, however large its numbers are', () => {
    fc.assert(
      fc.property(dataObject, (value) => {
        expect(parseExact(writeExact(value))).toEqual(value);
      }),
    );
  });

  test('keeps the order of its fields, which servers insist on', () => {
    fc.assert(
      fc.property(dataObject, (value) => {
        const names = (each: VimValue | undefined) => Object.keys(each ?? {});
        expect(names(wired(value)[0])).toEqual(names(value));
      }),
    );
  });
});

const shape = object('Sample', {
  name: text,
  size: whole,
  isOn: optional(flag),
  owner: optional(reference),
  tags: list(text),
  inner: list(object('Inner', { key: text })),
});

describe('what a shape reads', () => {
  test('is the same from either wire', () => {
    const inner = fc.record({ _typeName: fc.constant('Inner'), key: content });
    const sample = fc.record({
      _typeName: fc.constant('Sample'),
      name: content,
      size: fc.maxSafeInteger(),
      isOn: fc.option(fc.boolean(), { nil: undefined }),
      owner: fc.option(target, { nil: undefined }),
      tags: fc.array(content),
      inner: fc.array(inner),
    });
    fc.assert(
      fc.property(sample, (value) => {
        const fromXml = shape.fromXml([vimElement('spec', { children: fieldsToXml(value) })], 'spec');
        expect(fromXml).toEqual(value);
        expect(shape.fromJson(parseExact(writeExact(value)), 'spec')).toEqual(value);
      }),
    );
  });

  test('is refused, and by no other error, when it is something else', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        try {
          shape.fromJson(value, 'spec');
        } catch (error) {
          expect(error).toBeInstanceOf(SessionError);
        }
      }),
    );
  });
});

test('a damaged answer is read, or refused by a SessionError, whatever the damage', () => {
  const answer = new TextEncoder().encode(
    '<?xml version="1.0"?><soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><soapenv:Body><aResponse xmlns="urn:vim25"><returnval xsi:type="Sample"><name>n</name><size>1</size></returnval></aResponse></soapenv:Body></soapenv:Envelope>',
  );
  fc.assert(
    fc.property(fc.nat(answer.length), fc.nat(20), fc.uint8Array({ maxLength: 8 }), (at, removed, inserted) => {
      const damaged = Buffer.concat([answer.subarray(0, at), inserted, answer.subarray(at + removed)]);
      try {
        const read = readSoapAnswer(damaged, 'a');
        if ('result' in read) shape.fromXml(read.result, 'a');
      } catch (error) {
        expect(error).toBeInstanceOf(SessionError);
      }
    }),
  );
});
