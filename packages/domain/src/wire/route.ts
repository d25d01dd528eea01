import type { z } from 'zod';
import { type ErrorKind, SessionError } from '../errors.ts';
import type { CallOptions, SessionBackend } from '../ports/session-backend.ts';
import { fromWire, toWire } from './codec.ts';
import { decodeError } from './error.ts';
import { type Dialect, toKebabCase, toSnakeCase } from './names.ts';
import { readQuery, writeQuery } from './query.ts';

/** One operation on the wire. `Input` is one object; its fields go into the path, the query or the body. */
export interface Route<Input, Output> {
  /** As the contract has them: `import_session`, `try_instantiate`. */
  readonly service: string;
  readonly operation: string;
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** In `/rest`; a field in braces is taken from the input and percent-encoded. */
  readonly path: string;
  /** Written as `?~action=` in `/rest` and `?action=` in `/api`. */
  readonly action: string | undefined;
  /** As `/api` has it where the rules of section 1.1 do not give that. */
  readonly inApi: { readonly path: string; readonly action: string } | undefined;
  /** The field that a body of `/api` may be instead of holding it: newer documents of vCenter have it so. */
  readonly bareField: string | undefined;
  /** Where fields that are not in the path go. */
  readonly fieldsIn: 'body' | 'query' | 'filter';
  readonly input: z.ZodObject;
  /** Absent for operations without a result. */
  readonly output: z.ZodType<Output> | undefined;
  /** Declared by the contract; any operation may raise those of section 1.5 as well. */
  readonly errors: readonly ErrorKind[];
  /** ovfkit's own, not in the contract. */
  readonly isExtension: boolean;
  /** Never set: carries `Input` for the compiler. */
  readonly inputType?: Input;
}

/** A route that a `SessionBackend` serves. */
export interface Operation<Input, Output> extends Route<Input, Output> {
  /** Calls the backend with an input as the wire brought it. @throws SessionError INVALID_ARGUMENT when it does not fit */
  call(backend: SessionBackend, input: unknown, options: CallOptions): Promise<unknown>;
}

interface RouteFacts<Input, Output> {
  readonly service: string;
  readonly operation: string;
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly action?: string;
  readonly inApi?: { readonly path: string; readonly action: string };
  readonly bareField?: string;
  readonly fieldsIn?: 'body' | 'query' | 'filter';
  readonly input: z.ZodObject & z.ZodType<Input>;
  readonly output?: z.ZodType<Output>;
  readonly errors?: readonly ErrorKind[];
  readonly isExtension?: boolean;
}

/** A route that no backend serves. */
export const route = <Input, Output = void>({
  action,
  inApi,
  bareField,
  fieldsIn = 'body',
  output,
  errors = [],
  isExtension = false,
  ...facts
}: RouteFacts<Input, Output>): Route<Input, Output> => ({
  ...facts,
  action: action === undefined ? undefined : toKebabCase(action),
  inApi,
  bareField,
  fieldsIn,
  output,
  errors,
  isExtension,
});

/** A route with the backend's method behind it; its input is checked before the call. */
export const operation = <Input, Output = void>(
  facts: RouteFacts<Input, Output> & {
    readonly call: (backend: SessionBackend, input: Input, options: CallOptions) => Promise<Output>;
  },
): Operation<Input, Output> => ({
  ...route(facts),
  call: async (backend, input, options) => {
    const parsed = facts.input.safeParse(input);
    if (!parsed.success) throw new SessionError('INVALID_ARGUMENT', parsed.error.message, { cause: parsed.error });
    return facts.call(backend, parsed.data, options);
  },
});

/** What any route has, whatever it takes and gives. */
export type AnyRoute = Route<unknown, unknown>;

const pathFieldPattern = /\{(\w+)\}/g;

/** The fields that the path takes from the input. */
export const pathFields = ({ path }: AnyRoute): readonly string[] =>
  [...path.matchAll(pathFieldPattern)].map((match) => match[1] ?? '');

/** The path in a dialect: `/api` drops `com/vmware` and the `id:` marks (contract, section 1.1). */
export const pathOf = ({ path, inApi }: AnyRoute, dialect: Dialect): string =>
  dialect === 'rest'
    ? path
    : (inApi?.path ?? path).replace(/^\/rest\/(com\/vmware\/)?(cis\/(?=session))?/, '/api/').replaceAll('/id:{', '/{');

/** The action in a dialect. */
export const actionIn = ({ action, inApi }: AnyRoute, dialect: Dialect): string | undefined =>
  dialect === 'api' ? (inApi?.action ?? action) : action;

export interface WireRequest {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** With the query; to be appended to the server's base URL. */
  readonly path: string;
  /** To be sent as JSON; absent when there is none. */
  readonly body: unknown;
}

/** An input as a request. @throws SessionError INVALID_ARGUMENT when an identifier in the path is missing or no identifier */
export function encodeRequest<Input>(each: Route<Input, unknown>, input: Input, dialect: Dialect): WireRequest {
  const values = new Map<string, unknown>(Object.entries(Object(input)));
  const inPath = pathFields(each);
  const path = pathOf(each, dialect).replaceAll(pathFieldPattern, (_, field: string) =>
    encodePathValue(field, values.get(field)),
  );
  const rest = Object.fromEntries(
    [...values].filter(([field, value]) => !inPath.includes(field) && value !== undefined),
  );
  const wire = toWire(each.input, rest, dialect);
  const name = actionIn(each, dialect);
  const action = name === undefined ? [] : [`${dialect === 'rest' ? '~' : ''}action=${name}`];
  const query =
    each.fieldsIn === 'body'
      ? []
      : writeQuery(wire, dialect === 'rest' && each.fieldsIn === 'filter' ? 'filter' : 'plain');
  const search = [...action, ...query].join('&');
  const hasBody =
    each.fieldsIn === 'body' && (each.method === 'POST' || each.method === 'PATCH') && Object.keys(rest).length > 0;
  return { method: each.method, path: search === '' ? path : `${path}?${search}`, body: hasBody ? wire : undefined };
}

/** Refuses what a URL cannot carry as one segment: parsers drop `.` and `..` even when they are encoded. */
function encodePathValue(field: string, value: unknown): string {
  if (typeof value !== 'string' || ['', '.', '..'].includes(value))
    throw new SessionError('INVALID_ARGUMENT', `${toSnakeCase(field)} is not an identifier: ${JSON.stringify(value)}.`);
  return encodeURIComponent(value);
}

export interface RequestParts {
  /** Values of the path's fields by name, decoded. */
  readonly pathValues: ReadonlyMap<string, string>;
  readonly query: URLSearchParams;
  /** Parsed JSON; absent when the request had none. */
  readonly body: unknown;
}

/** The input a request carries. @throws SessionError INVALID_ARGUMENT naming the field that does not fit */
export function decodeRequest(each: AnyRoute, { pathValues, query, body }: RequestParts, dialect: Dialect): unknown {
  const fromBody = each.fieldsIn === 'body' ? (body ?? {}) : readQuery(query, each.input);
  if (typeof fromBody !== 'object' || fromBody === null || Array.isArray(fromBody))
    throw new SessionError('INVALID_ARGUMENT', 'The request body is not a JSON object.');
  const fromPath = [...pathValues].map(([field, value]) => [toSnakeCase(field), value]);
  const fields = dialect === 'api' ? wrapped(each, fromBody) : fromBody;
  return fromWire(each.input, { ...tokenOf(each, query), ...fields, ...Object.fromEntries(fromPath) }, dialect);
}

function wrapped({ bareField }: AnyRoute, body: object): object {
  const field = bareField === undefined ? undefined : toSnakeCase(bareField);
  return field === undefined || Object.hasOwn(body, field) ? body : { [field]: body };
}

/** Documents of `/api` put the token of a call into its query (public reference, section A.1). */
function tokenOf({ input }: AnyRoute, query: URLSearchParams): { readonly client_token?: string } {
  const token = Object.hasOwn(input.shape, 'clientToken') ? query.get('client_token') : null;
  return token === null ? {} : { client_token: token };
}

/** A result as status and body; `body` is absent for operations without a result. */
export function encodeResponse(
  each: AnyRoute,
  output: unknown,
  dialect: Dialect,
): { readonly status: number; readonly body: unknown } {
  if (each.output === undefined) return { status: dialect === 'rest' ? 200 : 204, body: undefined };
  const value = toWire(each.output, output, dialect);
  if (dialect === 'rest') return { status: 200, body: { value } };
  return { status: each.operation.startsWith('create') ? 201 : 200, body: value };
}

/**
 * The result an answer carries.
 * @throws SessionError as the answer says; INTERNAL_SERVER_ERROR when a success cannot be read
 */
export function decodeResponse<Output>(
  each: Route<unknown, Output>,
  { status, body }: { readonly status: number; readonly body: unknown },
  dialect: Dialect,
): Output | undefined {
  if (status >= 400) throw decodeError(status, body);
  if (each.output === undefined) return undefined;
  const value = dialect === 'rest' && typeof body === 'object' && body !== null && 'value' in body ? body.value : body;
  // some write an empty list so
  const given = value === null && each.output.safeParse([]).success ? [] : value;
  try {
    return fromWire(each.output, given, dialect);
  } catch (cause) {
    throw new SessionError(
      'INTERNAL_SERVER_ERROR',
      `The answer to ${each.service}.${each.operation} cannot be read: ${cause instanceof Error ? cause.message : ''}`,
      { cause },
    );
  }
}
