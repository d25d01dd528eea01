import * as domain from '@ovfkit/domain';
import { type Dialect, fromWire, routes, toWire } from '@ovfkit/domain/wire';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { ovfParamsStructures } from '../../src/ovf-params-list.ts';
import { structureNotes } from '../../src/structure.ts';
import { arbitraryOf } from '../support/arbitrary.ts';

const dialects: readonly Dialect[] = ['rest', 'api'];
/** As it leaves one machine and arrives at the other. */
const sent = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

const exported = Object.entries(domain).flatMap(([name, value]) =>
  value instanceof z.ZodType ? [[name, value] as const] : [],
);
const ofRoutes = routes.flatMap(({ service, operation, method, input, output }) => [
  [`${service}.${operation} (${method}) input`, input] as const,
  ...(output === undefined ? [] : [[`${service}.${operation} (${method}) output`, output] as const]),
]);
const parameters = ovfParamsStructures.map((schema) => [`parameter ${schema.shape.type.value}`, schema] as const);

describe.each([...exported, ...ofRoutes, ...parameters])('%s', (_, schema) => {
  test.each(dialects)('is read from %s as it was written', (dialect) => {
    const written = fc.property(arbitraryOf(schema), (value) => {
      expect(fromWire(schema, sent(toWire(schema, value, dialect)), dialect)).toStrictEqual(value);
    });
    fc.assert(written, { numRuns: 25 });
  });

  test.each(dialects)('is written to %s as it was read', (dialect) => {
    const read = fc.property(arbitraryOf(schema), (value) => {
      const wire = sent(toWire(schema, value, dialect));
      expect(sent(toWire(schema, fromWire(schema, wire, dialect), dialect))).toStrictEqual(wire);
    });
    fc.assert(read, { numRuns: 10 });
  });
});

const classed = [...exported, ...parameters].filter(
  ([, schema]) => structureNotes.get(schema)?.className !== undefined,
);

test.each(classed)('%s has @class as its first key in both dialects', (_, schema) => {
  const written = fc.property(arbitraryOf(schema), fc.constantFrom(...dialects), (value, dialect) => {
    const keys = Object.keys(Object(sent(toWire(schema, value, dialect))));
    fc.pre(!keys.some((key) => /^\d+$/.test(key))); // JavaScript itself puts those first
    expect(keys[0]).toBe('@class');
  });
  fc.assert(written, { numRuns: 20 });
});

test('more schemas are tested than the contract has structures', () => {
  expect(exported.length).toBeGreaterThan(60);
});

test('anything but what the schema says is refused as INVALID_ARGUMENT', () => {
  const refused = fc.property(fc.constantFrom(...exported), fc.jsonValue(), ([, schema], value) => {
    try {
      fromWire(schema, value, 'rest');
    } catch (error) {
      expect(error).toMatchObject({ name: 'SessionError', kind: 'INVALID_ARGUMENT' });
    }
  });
  fc.assert(refused, { numRuns: 500 });
});
