import { ErrorType, errorKinds, exportFlags, importFlags, LocalizableMessage } from '@ovfkit/domain';
import {
  type AnyRoute,
  decodeError,
  decodeRequest,
  decodeResponse,
  encodeError,
  encodeRequest,
  encodeResponse,
  fromWire,
  pathOf,
  routes,
  toWire,
} from '@ovfkit/domain/wire';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { ovfParamsStructures } from '../src/ovf-params-list.ts';
import { structureNotes } from '../src/structure.ts';
import { toSnakeCase } from '../src/wire/names.ts';
import { contract, enums, structures } from './support/contract.ts';

const wireName = (schema: z.ZodObject, field: string) =>
  structureNotes.get(schema)?.wireNames?.[field]?.rest ?? toSnakeCase(field);
const isOptional = (field: z.core.$ZodType) => field instanceof z.ZodExactOptional;

function routeOf(service: string, operation: string): AnyRoute {
  const found = routes.find((each) => each.service === service && each.operation === operation);
  if (!found) throw new Error(`There is no route for ${service}.${operation}.`);
  return found;
}

describe('operations', () => {
  test('are 23', () => {
    expect(contract.operations).toHaveLength(23);
  });

  test.each(contract.operations)('$service.$operation is requested as the contract says', (operation) => {
    const route = routeOf(operation.service, operation.operation);
    const names = (path: string) => path.replaceAll(/\{\w+\}/g, '{}');
    expect(route.isExtension).toBe(false);
    expect(route.method).toBe(operation.rest.method);
    expect(names(pathOf(route, 'rest'))).toBe(names(operation.rest.path));
    expect(queryOf(route, 'rest')).toBe(operation.rest.query.replace('{resource_pool}', 'x'));
    expect([...route.errors].sort()).toEqual(operation.errors);
    if (operation.api === null) return;
    expect(names(pathOf(route, 'api'))).toBe(names(operation.api.path));
    expect(queryOf(route, 'api')).toBe(operation.api.query.replace('{resource_pool}', 'x'));
  });

  test('of the session services that are ours are marked as extensions', () => {
    const known = new Set(contract.operations.map(({ service, operation }) => `${service}.${operation}`));
    const services = new Set(contract.operations.map(({ service }) => service));
    const own = routes.filter((each) => services.has(each.service) && !known.has(`${each.service}.${each.operation}`));
    expect(own.map(({ service, operation }) => `${service}.${operation}`).sort()).toEqual([
      'export_session.list',
      'import_session.list',
    ]);
    expect(own.every((each) => each.isExtension)).toBe(true);
  });
});

/** The query of a request that carries nothing else than what the route needs. */
function queryOf(route: AnyRoute, dialect: 'rest' | 'api'): string {
  const { searchParams } = new URL(
    encodeRequest(route, Object.fromEntries(Object.keys(route.input.shape).map((field) => [field, 'x'])), dialect).path,
    'https://vc.example.com',
  );
  return [...searchParams].map(([name, value]) => `${name}=${value}`).join('&');
}

/** Required by the bindings, read as optional (contract, 14.5 and 14.8). */
const readAsOptional = new Set([
  'import_session.create_spec import_flags',
  'ovf_file_info size',
  'ovf_file_info sha256',
]);

describe('structures', () => {
  test('of the contract are all in the code, and the code names no others', () => {
    expect(Object.keys(structures).sort()).toEqual(Object.keys(contract.structures).sort());
  });

  test.each(Object.entries(contract.structures))('%s has exactly the fields of the contract', (name, fields) => {
    const schema = structures[name];
    if (!schema) throw new Error(`No schema stands for ${name}.`);
    const ours = Object.entries(schema.shape).map(([field, type]) => [
      wireName(schema, field),
      isOptional(type) ? 'optional' : 'required',
    ]);
    const theirs = Object.entries(fields).map(([field, need]) => [
      field,
      readAsOptional.has(`${name} ${field}`) ? 'optional' : need,
    ]);
    expect(Object.fromEntries(ours)).toEqual(Object.fromEntries(theirs));
  });

  test.each(contract.parameters)('$type has the class and the fields of the contract', (parameter) => {
    const schema = ovfParamsStructures.find((each) => each.shape.type.value === parameter.type);
    if (!schema) throw new Error(`No schema stands for ${parameter.type}.`);
    const { type: _, ...shape } = schema.shape;
    expect(structureNotes.get(schema)?.className).toBe(parameter.class);
    expect(
      Object.keys(shape)
        .map((field) => wireName(schema, field))
        .sort(),
    ).toEqual(parameter.fields);
    expect(Object.values(shape).every(isOptional)).toBe(true);
  });

  test('of parameters in the code are all in the contract', () => {
    expect(ovfParamsStructures.map((each) => each.shape.type.value).sort()).toEqual(
      contract.parameters.map(({ type }) => type).sort(),
    );
  });

  test.each(contract.specClasses)('%s is written as @class', (className) => {
    const classes = Object.values(structures).map((schema) => structureNotes.get(schema)?.className);
    expect(classes).toContain(className);
  });
});

describe('enumerations', () => {
  test('of the contract are all in the code', () => {
    expect(Object.keys(enums).sort()).toEqual(Object.keys(contract.enums).sort());
  });

  test.each(Object.entries(contract.enums))('%s has exactly the values of the contract', (name, values) => {
    expect([...(enums[name]?.options ?? [])].sort()).toEqual([...values].sort());
  });

  test('the flags are those of the contract', () => {
    const flags = (use: string) => contract.flags.filter((each) => each.use === use).map(({ flag }) => flag);
    expect(importFlags.map(({ option }) => option)).toEqual(flags('import'));
    expect(exportFlags.map(({ option }) => option)).toEqual(flags('export'));
  });
});

describe('errors', () => {
  test('are the 25 of the contract with their HTTP status', () => {
    const ours = Object.entries(errorKinds).map(([type, { status }]) => [type, status]);
    const theirs = contract.errors.map(({ type, status }) => [type, status]);
    expect(ours).toEqual(theirs);
    expect(ErrorType.options).toHaveLength(25);
  });

  test.each(contract.errors)('$type is read by the suffix $suffix', ({ type, suffix }) => {
    const body = { type: `com.vmware.vapi.std.errors.${suffix}`, value: { messages: [] } };
    expect(decodeError(400, body).kind).toBe(type);
  });

  test('that any operation may raise are known', () => {
    expect(contract.undeclaredErrors.filter((type) => !Object.hasOwn(errorKinds, type))).toEqual([]);
  });
});

const sent = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

describe('examples', () => {
  test('are all 32 of the contract', () => {
    expect(contract.examples).toHaveLength(32);
  });

  test.each(contract.examples)('section $section, $use, is understood and written again', ({ use, json }) => {
    const again = reencode(use, json);
    expect(again).toMatchObject(Object(json));
    expect(additions(again, json)).toEqual([]);
  });
});

function reencode(use: string, json: unknown): unknown {
  if (use === 'message') return sent(toWire(LocalizableMessage, fromWire(LocalizableMessage, json, 'rest'), 'rest'));
  if (use === 'error rest') return sent(encodeError(decodeError(404, json), 'rest').body);
  if (use === 'error api') return sent(encodeError(decodeError(404, json), 'api').body);
  const [name = '', direction] = use.split(' ');
  const [service = '', operation = ''] = name.split('.');
  const route = routeOf(service, operation);
  if (direction === '<') {
    const output = decodeResponse(route, { status: 200, body: json }, 'rest');
    return sent(encodeResponse(route, output, 'rest').body);
  }
  const pathValues = new Map([...route.path.matchAll(/\{(\w+)\}/g)].map((field) => [String(field[1]), 'x']));
  const input = decodeRequest(route, { pathValues, query: new URLSearchParams(), body: json }, 'rest');
  return sent(encodeRequest(route, input, 'rest').body);
}

/** Paths of what `again` has beyond `before`; naming a type that the example left out is allowed. */
function additions(again: unknown, before: unknown, path = ''): readonly string[] {
  if (typeof again !== 'object' || again === null) return [];
  const old = new Map(Object.entries(Object(before)));
  return Object.entries(again).flatMap(([name, value]) => {
    if (old.has(name)) return additions(value, old.get(name), `${path}/${name}`);
    return ['@class', 'error_type'].includes(name) ? [] : [`${path}/${name}`];
  });
}
