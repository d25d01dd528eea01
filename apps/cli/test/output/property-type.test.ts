import { expect, test } from 'vitest';
import { propertyType } from '../../src/output/property-type.ts';

const typed = { type: 'string', password: false, qualifiers: null, vendorQualifiers: null };

test.each([
  [{}, 'string'],
  [{ qualifiers: 'MinLen(1) MaxLen(63)' }, 'string, 1..63 characters'],
  [{ qualifiers: 'MinLen(8)', password: true }, 'string, password, 8.. characters'],
  [{ type: 'uint16', qualifiers: 'MinValue(1),MaxValue(65535)' }, 'uint16, 1..65535'],
  [{ qualifiers: 'ValueMap{"small", "large"}' }, 'string, small | large'],
  [{ vendorQualifiers: 'Ip("VM Network")' }, 'string, Ip(VM Network)'],
  [{ qualifiers: '(((' }, 'string, ((('],
  [{ type: 'password', password: true }, 'password'],
])('%j is told as %s', (change, text) => {
  expect(propertyType({ ...typed, ...change })).toBe(text);
});
