import { Validator } from '@seriousme/openapi-schema-validator';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Dialect, openApiDocument, routes, toWire } from '../../src/wire/index.ts';
import { jsonSchemaWriter } from '../../src/wire/json-schema.ts';
import { operationTexts } from '../../src/wire/operation-texts.ts';
import { arbitraryOf } from '../support/arbitrary.ts';

const dialects: readonly Dialect[] = ['rest', 'api'];
const document = openApiDocument({ version: '1.2.3' });

test('the document is one of OpenAPI 3.1', async () => {
  const validator = new Validator();
  const result = await validator.validate(JSON.parse(JSON.stringify(document)));
  expect(result.errors ?? []).toStrictEqual([]);
  expect(result.valid).toBe(true);
  expect(validator.version).toBe('3.1');
});

test('every operation is in it, in both dialects, under an id of its own', () => {
  const operations = Object.values(document.paths).flatMap((path) => Object.values(path));
  expect(operations).toHaveLength(routes.length * dialects.length);
  expect(new Set(operations.map(({ operationId }) => operationId)).size).toBe(operations.length);
});

test('every operation is told in a sentence, and nothing else is', () => {
  const names = routes.map(({ service, operation }) => `${service}.${operation}`);
  expect(Object.keys(operationTexts).toSorted()).toStrictEqual([...new Set(names)].toSorted());
});

test('nothing refers to a component that is not there', () => {
  const references = [...JSON.stringify(document).matchAll(/"#\/components\/schemas\/([^"]+)"/g)].map(
    (found) => found[1],
  );
  const missing = references.filter((name) => name === undefined || !(name in (document.components['schemas'] ?? {})));
  expect(references.length).toBeGreaterThan(100);
  expect(missing).toStrictEqual([]);
});

describe.each(dialects)('what the codec writes to %s', (dialect) => {
  const bodies = routes.flatMap(({ service, operation, method, path, input, output }) => [
    [`${service}.${operation} ${method} ${path} input`, input] as const,
    ...(output === undefined ? [] : [[`${service}.${operation} ${method} ${path} output`, output] as const]),
  ]);

  test.each(bodies)('%s fits its schema', (_, schema) => {
    const writer = jsonSchemaWriter();
    const root = writer.schemaOf(schema, dialect);
    const ajv = new Ajv2020({ strict: false, formats: { int64: true, double: true } });
    const fits = ajv.compile({ ...root, components: { schemas: writer.components() } });
    const law = fc.property(arbitraryOf(schema), (value) => {
      const wire: unknown = JSON.parse(JSON.stringify(toWire(schema, value, dialect) ?? null));
      expect(fits(wire), ajv.errorsText(fits.errors)).toBe(true);
    });
    fc.assert(law, { numRuns: 20 });
  });
});
