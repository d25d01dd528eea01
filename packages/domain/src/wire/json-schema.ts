import { z } from 'zod';
import * as domain from '../index.ts';
import * as ovfParams from '../ovf-params.ts';
import { dynamicSchemas, mapSchemas } from '../structure.ts';
import { classNameOf, literalType, unwrap, wireName } from './codec.ts';
import type { Dialect } from './names.ts';

/** A JSON Schema of draft 2020-12, as OpenAPI 3.1 has it. */
export type JsonSchema = { readonly [keyword: string]: unknown };

/** Structures that have a name get a component of their own: that is how they can hold themselves. */
const componentNames: ReadonlyMap<unknown, string> = new Map(
  Object.entries({ ...domain, ...ovfParams })
    .filter(([, value]) => value instanceof z.ZodObject || value instanceof z.ZodUnion)
    .map(([name, value]): [unknown, string] => [value, name]),
);

/** Writes schemas of the session model as JSON Schemas of the wire, and keeps the components they refer to. */
export interface JsonSchemaWriter {
  /** The schema of a value as `toWire` writes it and `fromWire` reads it. */
  schemaOf(schema: z.core.$ZodType, dialect: Dialect): JsonSchema;
  /** Every component that a written schema refers to, by its name: `rest.ImportInfo`. */
  components(): { readonly [name: string]: JsonSchema };
}

/** One writer a document. */
export function jsonSchemaWriter(): JsonSchemaWriter {
  const components = new Map<string, JsonSchema>();
  const schemaOf = (schema: z.core.$ZodType, dialect: Dialect): JsonSchema => {
    const inner = unwrap(schema);
    const name = componentNames.get(inner);
    const write = () => inlineSchema(inner, { dialect, nested: (each) => schemaOf(each, dialect) });
    if (name === undefined || isOpenEnum(inner)) return write();
    const key = `${dialect}.${name}`;
    if (!components.has(key)) {
      components.set(key, {}); // a structure that holds itself finds this on the way
      components.set(key, write());
    }
    return { $ref: `#/components/schemas/${key}` };
  };
  return { schemaOf, components: () => Object.fromEntries([...components].toSorted(([a], [b]) => (a < b ? -1 : 1))) };
}

interface Writing {
  readonly dialect: Dialect;
  nested(schema: z.core.$ZodType): JsonSchema;
}

function inlineSchema(schema: z.core.$ZodType, writing: Writing): JsonSchema {
  const members = dynamicSchemas.get(schema);
  if (members) return dynamicSchema(members, writing);
  if (schema instanceof z.ZodArray) return listSchema(schema, writing);
  if (schema instanceof z.ZodObject) return structureSchema(schema, writing);
  if (schema instanceof z.ZodUnion) return { anyOf: schema.options.map((option) => writing.nested(option)) };
  if (schema instanceof z.ZodEnum) return { type: 'string', enum: schema.options };
  if (schema instanceof z.ZodLiteral) return { const: schema.value };
  if (schema instanceof z.ZodBoolean) return { type: 'boolean' };
  if (schema instanceof z.ZodNumber)
    return schema.isInt ? { type: 'integer', format: 'int64' } : { type: 'number', format: 'double' };
  if (schema instanceof z.ZodString) return { type: 'string' };
  return {};
}

const isOpenEnum = (schema: z.core.$ZodType): boolean =>
  schema instanceof z.ZodUnion && schema.options.some((option) => option instanceof z.ZodString);

/** Told apart by `@class`; a structure of a newer server is any object. */
function dynamicSchema(members: readonly z.core.$ZodType[], { nested }: Writing): JsonSchema {
  return { anyOf: [...members.map((member) => nested(member)), { type: 'object' }] };
}

function listSchema(schema: z.ZodArray, { dialect, nested }: Writing): JsonSchema {
  const { element } = schema;
  if (mapSchemas.has(schema) && dialect === 'api' && element instanceof z.ZodObject) {
    const value = element.shape['value'];
    return { type: 'object', ...(value === undefined ? {} : { additionalProperties: nested(value) }) };
  }
  return { type: 'array', items: nested(element) };
}

function structureSchema(schema: z.ZodObject, { dialect, nested }: Writing): JsonSchema {
  const className = classNameOf(schema);
  const type = literalType(schema);
  const fields = Object.entries(schema.shape);
  const required = fields
    .filter(([field, each]) => !isOptional(each) && !(field === 'type' && type !== undefined))
    .map(([field]) => wireName(schema, field, dialect));
  return {
    type: 'object',
    properties: {
      ...(className === undefined ? {} : { '@class': classSchema(schema, className) }),
      ...Object.fromEntries(fields.map(([field, each]) => [wireName(schema, field, dialect), nested(each)])),
    },
    ...(required.length === 0 ? {} : { required }),
  };
}

/** An error's says which of the subtypes it is. */
const classSchema = (schema: z.ZodObject, className: string): JsonSchema =>
  schema === domain.StandardError ? { type: 'string' } : { const: className };

const isOptional = (schema: z.core.$ZodType): boolean =>
  schema instanceof z.ZodOptional || schema instanceof z.ZodExactOptional;
