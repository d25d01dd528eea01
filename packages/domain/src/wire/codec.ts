import { z } from 'zod';
import { SessionError, StandardError } from '../errors.ts';
import { dynamicSchemas, mapSchemas, structureNotes } from '../structure.ts';
import { type Dialect, toSnakeCase } from './names.ts';

/** A value of `JSON.parse`, as far as reading it needs to know. */
type Json = unknown;
type JsonObject = { readonly [key: string]: Json };

const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const classPrefix = 'com.vmware.vapi.std.errors.';

/** The schema inside optional and readonly wrappers. */
export function unwrap(schema: z.core.$ZodType): z.core.$ZodType {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodExactOptional || schema instanceof z.ZodReadonly)
    return unwrap(schema.def.innerType);
  return schema;
}

// foreign names reach this: `toString` is no field
const fieldOfShape = (schema: z.ZodObject, name: string): z.core.$ZodType | undefined =>
  Object.hasOwn(schema.shape, name) ? schema.shape[name] : undefined;

interface WireNames {
  readonly ofField: Readonly<Record<Dialect, ReadonlyMap<string, string>>>;
  /** By the names of both dialects: documents and servers differ on a few spellings. */
  readonly fieldOf: ReadonlyMap<string, string>;
}

/** Found once for each structure: a session of many files has many. */
const knownNames = new WeakMap<z.ZodObject, WireNames>();

function wireNamesOf(schema: z.ZodObject): WireNames {
  const known = knownNames.get(schema);
  if (known !== undefined) return known;
  const special = structureNotes.get(schema)?.wireNames;
  const namesIn = (dialect: Dialect) =>
    new Map(Object.keys(schema.shape).map((field) => [field, special?.[field]?.[dialect] ?? toSnakeCase(field)]));
  const ofField = { rest: namesIn('rest'), api: namesIn('api') };
  const fieldOf = new Map([...ofField.rest, ...ofField.api].map(([field, name]) => [name, field]));
  knownNames.set(schema, { ofField, fieldOf });
  return { ofField, fieldOf };
}

/** How a field of a structure is spelled. */
export const wireName = (schema: z.ZodObject, field: string, dialect: Dialect): string =>
  wireNamesOf(schema).ofField[dialect].get(field) ?? toSnakeCase(field);

/** The value of `type` by which a parameter structure is told. */
export function literalType(member: z.core.$ZodType): string | undefined {
  if (!(member instanceof z.ZodObject)) return undefined;
  const type: unknown = member.shape['type'];
  return type instanceof z.ZodLiteral ? String(type.value) : undefined;
}

/** What a structure's `@class` says, where it has one. */
export const classNameOf = (member: z.core.$ZodType): string | undefined =>
  member instanceof z.ZodObject ? structureNotes.get(member)?.className : undefined;

/**
 * A value of `schema` as JSON of the wire: fields renamed, maps in the dialect's form, `@class` first.
 * Fields the schema does not know are written as they are.
 */
export function toWire(schema: z.core.$ZodType, value: unknown, dialect: Dialect): Json {
  const inner = unwrap(schema);
  const members = dynamicSchemas.get(inner);
  if (members) return dynamicToWire(members, value, dialect);
  if (inner instanceof z.ZodArray && Array.isArray(value)) return listToWire(inner, value, dialect);
  if (inner instanceof z.ZodObject && isObject(value)) return structureToWire(inner, value, dialect);
  return value;
}

function dynamicToWire(members: readonly z.core.$ZodType[], value: unknown, dialect: Dialect): Json {
  if (!isObject(value)) return value;
  const member = members.find((each) => literalType(each) === value['type']);
  if (member) return toWire(member, value, dialect);
  const { '@class': className, ...rest } = value;
  return className === undefined ? rest : { '@class': className, ...rest };
}

function listToWire(schema: z.ZodArray, value: readonly unknown[], dialect: Dialect): Json {
  const element = schema.element;
  const list = value.map((each) => toWire(element, each, dialect));
  if (!mapSchemas.has(schema) || dialect === 'rest') return list;
  return Object.fromEntries(list.filter(isObject).map((entry) => [String(entry['key']), entry['value']]));
}

function structureToWire(schema: z.ZodObject, value: JsonObject, dialect: Dialect): Json {
  const fields = Object.entries(value)
    .filter(([, each]) => each !== undefined)
    .map(([field, each]): [string, Json] => {
      const known = fieldOfShape(schema, field);
      return known ? [wireName(schema, field, dialect), toWire(known, each, dialect)] : [field, each];
    });
  const className = value['@class'] ?? (schema === StandardError ? errorClass(value) : classNameOf(schema));
  // servers of vSphere read in order: @class has to be first
  return Object.fromEntries(className === undefined ? fields : [['@class', className], ...fields]);
}

const errorClass = (error: JsonObject): string =>
  `${classPrefix}${typeof error['errorType'] === 'string' ? error['errorType'].toLowerCase() : 'error'}`;

/**
 * JSON of the wire as a value of `schema`. `@class` is accepted anywhere and may be absent, `null` counts as absent,
 * maps are read in either form, and unknown fields, enum values and parameter structures survive.
 * @throws SessionError INVALID_ARGUMENT naming the field that does not fit
 */
export function fromWire<Schema extends z.ZodType>(schema: Schema, json: Json, dialect: Dialect): z.infer<Schema> {
  const parsed = schema.safeParse(rename(schema, json, dialect));
  if (parsed.success) return parsed.data;
  throw new SessionError('INVALID_ARGUMENT', describe(parsed.error), { cause: parsed.error });
}

// enough to see what is wrong, and no answer grows with what was sent
const toldProblems = 20;

function describe({ issues }: z.ZodError): string {
  const problems = issues.slice(0, toldProblems).map((issue) => {
    const field = issue.path.map((part) => (typeof part === 'string' ? toSnakeCase(part) : String(part))).join('.');
    return field === '' ? issue.message : `${field}: ${issue.message}`;
  });
  const untold = issues.length - problems.length;
  return [...problems, ...(untold === 0 ? [] : [`and ${untold} more`])].join('; ');
}

function rename(schema: z.core.$ZodType, json: Json, dialect: Dialect): unknown {
  const inner = unwrap(schema);
  const members = dynamicSchemas.get(inner);
  if (members) return dynamicFromWire(members, json, dialect);
  if (inner instanceof z.ZodArray) return listFromWire(inner, json, dialect);
  if (inner instanceof z.ZodObject && isObject(json)) return structureFromWire(inner, json, dialect);
  return json;
}

function dynamicFromWire(members: readonly z.core.$ZodType[], json: Json, dialect: Dialect): unknown {
  if (!isObject(json)) return json;
  const member =
    members.find((each) => classNameOf(each) === json['@class']) ??
    (json['@class'] == null ? members.find((each) => literalType(each) === json['type']) : undefined);
  if (!member) return Object.fromEntries(Object.entries(json).filter(([, value]) => value !== null));
  return rename(member, { ...json, type: literalType(member) }, dialect);
}

function listFromWire(schema: z.ZodArray, json: Json, dialect: Dialect): unknown {
  const isMapObject = mapSchemas.has(schema) && isObject(json);
  const list = isMapObject ? Object.entries(json).map(([key, value]) => ({ key, value })) : json;
  return Array.isArray(list) ? list.map((each) => rename(schema.element, each, dialect)) : list;
}

function structureFromWire(schema: z.ZodObject, json: JsonObject, dialect: Dialect): unknown {
  const { fieldOf } = wireNamesOf(schema);
  refuseOtherClass(schema, json['@class']);
  const fields: [string, unknown][] = [];
  for (const [name, value] of Object.entries(json)) {
    const field = fieldOf.get(name);
    if (value === null || (name === '@class' && isImplied(schema, value))) continue;
    const known = field === undefined ? undefined : fieldOfShape(schema, field);
    if (field !== undefined && known) fields.push([field, rename(known, value, dialect)]);
    // a foreign field spelled like one of ours would be taken for it
    else if (!fieldOfShape(schema, name)) fields.push([name, value]);
  }
  if (schema === StandardError && json['error_type'] === undefined) fields.push(...errorTypeOf(json['@class']));
  return Object.fromEntries(fields);
}

/** Where only one structure is possible `@class` may be left out, but not name another (contract, section 1.2). */
function refuseOtherClass(schema: z.ZodObject, given: Json): void {
  const expected = classNameOf(schema);
  if (given == null || expected === undefined || schema === StandardError || given === expected) return;
  throw new SessionError('INVALID_ARGUMENT', `@class is ${JSON.stringify(given)}; it has to be ${expected}.`);
}

/** Whether `@class` says nothing that the schema and its fields do not say. */
const isImplied = (schema: z.ZodObject, className: Json): boolean =>
  schema === StandardError ? String(className).startsWith(classPrefix) : classNameOf(schema) !== undefined;

/** Servers before 6.7.2 send no `error_type`; `@class` says it too, but for the base type, which says nothing. */
function errorTypeOf(className: Json): [string, unknown][] {
  if (typeof className !== 'string' || !className.startsWith(classPrefix)) return [];
  if (className === `${classPrefix}error`) return [];
  return [['errorType', className.slice(classPrefix.length).toUpperCase()]];
}
