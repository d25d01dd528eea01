import { z } from 'zod';
import { type ErrorKind, errorKinds, StandardError } from '../errors.ts';
import { wireName } from './codec.ts';
import { type JsonSchema, type JsonSchemaWriter, jsonSchemaWriter } from './json-schema.ts';
import { type Dialect, toSnakeCase } from './names.ts';
import { operationTexts } from './operation-texts.ts';
import { type AnyRoute, actionIn, pathFields, pathOf } from './route.ts';
import { operationRoutes } from './routes.ts';
import { loginRoutes, sessionHeader } from './session.ts';

/** An operation, as far as this document has any use for what OpenAPI offers. */
export interface OpenApiOperation {
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly summary: string;
  readonly description: string;
  readonly parameters?: readonly JsonSchema[];
  readonly requestBody?: JsonSchema;
  readonly responses: { readonly [status: string]: JsonSchema };
  readonly security?: readonly JsonSchema[];
}

/** The operations of paths, by path and method in lower case. */
export interface OpenApiPaths {
  readonly [path: string]: { readonly [method: string]: OpenApiOperation };
}

/** An OpenAPI 3.1 document. */
export interface OpenApiDocument {
  readonly openapi: '3.1.1';
  readonly info: { readonly title: string; readonly version: string; readonly description: string };
  readonly paths: OpenApiPaths;
  readonly components: { readonly [kind: string]: { readonly [name: string]: JsonSchema } };
  readonly security: readonly JsonSchema[];
}

const dialects = ['rest', 'api'] as const;

/** The route table with the names it has in our code. */
const namedRoutes = Object.entries({ ...operationRoutes, session: loginRoutes }).flatMap(([service, each]) =>
  Object.entries<AnyRoute>(each).map(([name, route]) => [`${service}.${name}`, route] as const),
);

/** What any operation may answer besides its own errors (contract, section 1.5). */
const commonErrors = ['INVALID_REQUEST', 'UNAUTHENTICATED', 'UNAUTHORIZED', 'INTERNAL_SERVER_ERROR'] as const;

const description = [
  'Operations of one path differ by their action, so paths are written with it, as vCenter’s own documents do.',
  'Every operation answers in two dialects: /rest wraps results in “value”, /api does not, and writes maps as objects.',
].join(' ');

/**
 * The route table as an OpenAPI 3.1 document. `paths` are added as they are: what a server has beside the table.
 */
export function openApiDocument({
  version,
  paths = {},
}: {
  readonly version: string;
  readonly paths?: OpenApiPaths;
}): OpenApiDocument {
  const writer = jsonSchemaWriter();
  const table = new Map<string, { [method: string]: OpenApiOperation }>();
  for (const dialect of dialects) {
    for (const [id, route] of namedRoutes) {
      const path = keyOf(route, dialect);
      const methods = table.get(path) ?? {};
      methods[route.method.toLowerCase()] = operationOf(route, { id: `${dialect}.${id}`, dialect, writer });
      table.set(path, methods);
    }
  }
  return {
    openapi: '3.1.1',
    info: { title: 'OVF session API', version, description },
    paths: { ...Object.fromEntries(table), ...paths },
    components: {
      schemas: writer.components(),
      securitySchemes: {
        token: { type: 'apiKey', in: 'header', name: sessionHeader },
        password: { type: 'http', scheme: 'basic' },
      },
    },
    security: [{ token: [] }],
  };
}

/** With the action, and fields as the wire spells them. */
function keyOf(route: AnyRoute, dialect: Dialect): string {
  const path = pathOf(route, dialect).replaceAll(/\{(\w+)\}/g, (_, field: string) => `{${toSnakeCase(field)}}`);
  const action = actionIn(route, dialect);
  return action === undefined ? path : `${path}?${dialect === 'rest' ? '~' : ''}action=${action}`;
}

interface Writing {
  /** Of the operation. */
  readonly id: string;
  readonly dialect: Dialect;
  readonly writer: JsonSchemaWriter;
}

function operationOf(route: AnyRoute, writing: Writing): OpenApiOperation {
  const { service, operation, isExtension } = route;
  const parameters = [...pathParameters(route), ...queryParameters(route, writing)];
  const body = bodyOf(route, writing);
  return {
    operationId: writing.id,
    tags: [service],
    summary: `${service}.${operation}${isExtension ? ' (ovfkit’s own)' : ''}`,
    description: operationTexts[`${service}.${operation}`] ?? '',
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(body === undefined ? {} : { requestBody: body }),
    responses: { ...successOf(route, writing), ...failuresOf(route, writing) },
    ...(route === loginRoutes.create ? { security: [{ password: [] }] } : {}),
  };
}

const pathParameters = (route: AnyRoute): readonly JsonSchema[] =>
  pathFields(route).map((field) => ({
    name: toSnakeCase(field),
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }));

function queryParameters(route: AnyRoute, { dialect, writer }: Writing): readonly JsonSchema[] {
  if (route.fieldsIn === 'body') return [];
  const prefix = route.fieldsIn === 'filter' && dialect === 'rest' ? 'filter.' : '';
  return fieldsOf(route).map(([field, schema]) => ({
    name: `${prefix}${wireName(route.input, field, dialect)}`,
    in: 'query',
    required: !isOptional(schema),
    schema: writer.schemaOf(schema, dialect),
  }));
}

function bodyOf(route: AnyRoute, { dialect, writer }: Writing): JsonSchema | undefined {
  const fields = fieldsOf(route);
  if (route.fieldsIn !== 'body' || !['POST', 'PATCH'].includes(route.method) || fields.length === 0) return undefined;
  const schema = writer.schemaOf(z.object(Object.fromEntries(fields)), dialect);
  return { required: true, content: json(schema) };
}

/** The fields that are not in the path. */
const fieldsOf = (route: AnyRoute): readonly [string, z.core.$ZodType][] =>
  Object.entries(route.input.shape).filter(([field]) => !pathFields(route).includes(field));

const isOptional = (schema: z.core.$ZodType): boolean => schema instanceof z.ZodExactOptional;

const json = (schema: JsonSchema) => ({ 'application/json': { schema } });

function successOf({ output, operation }: AnyRoute, { dialect, writer }: Writing): OpenApiOperation['responses'] {
  if (output === undefined) return { [dialect === 'rest' ? '200' : '204']: { description: 'Done.' } };
  const value = writer.schemaOf(output, dialect);
  const schema = dialect === 'rest' ? { type: 'object', properties: { value }, required: ['value'] } : value;
  const status = dialect === 'api' && operation.startsWith('create') ? '201' : '200';
  return { [status]: { description: 'The result.', content: json(schema) } };
}

function failuresOf({ errors }: AnyRoute, { dialect, writer }: Writing): OpenApiOperation['responses'] {
  const value = writer.schemaOf(StandardError, dialect);
  const kinds = [...new Set<ErrorKind>([...errors, ...commonErrors])];
  const statuses = new Map(kinds.map((kind) => [String(errorKinds[kind].status), kind]));
  const schema =
    dialect === 'rest'
      ? { type: 'object', properties: { type: { type: 'string' }, value }, required: ['type', 'value'] }
      : value;
  return Object.fromEntries(
    [...statuses.keys()].map((status) => [
      status,
      {
        description: kinds.filter((kind) => String(errorKinds[kind].status) === status).join(', '),
        content: json(schema),
      },
    ]),
  );
}
