import type { ErrorKind } from '@ovfkit/domain';
import { field, isRecord, textOf } from './json.ts';

/** A request and its answer. */
export interface Exchange {
  readonly method: string;
  /** With the query. */
  readonly path: string;
  /** The body as text; a word about it when it was none. */
  readonly sent: string;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly bytes: Uint8Array;
  /** Absent when the body was no JSON. */
  readonly json: unknown;
}

/** A rule of the contract that an answer breaks. */
export class ContractBreach extends Error {
  override readonly name = 'ContractBreach';
  /** Method, path and body. */
  readonly request: string;
  readonly expected: string;
  /** Status and body. */
  readonly got: string;

  constructor(exchange: Exchange, expected: string) {
    super(`${exchange.method} ${exchange.path}: ${expected}`);
    this.request = `${exchange.method} ${exchange.path}${exchange.sent === '' ? '' : ` ${shortened(exchange.sent)}`}`;
    this.expected = expected;
    this.got = `${exchange.status} ${shortened(new TextDecoder().decode(exchange.bytes))}`.trim();
  }
}

const mostCharacters = 4000;

const shortened = (text: string): string =>
  text.length <= mostCharacters ? text : `${text.slice(0, mostCharacters)} … (${text.length} characters)`;

/** The status of each error (contract, section 1.5). A table of its own: the one of `domain` is among what is tested. */
const statuses: Readonly<Record<ErrorKind, number>> = {
  ERROR: 500,
  ALREADY_EXISTS: 400,
  ALREADY_IN_DESIRED_STATE: 400,
  CANCELED: 400,
  CONCURRENT_CHANGE: 409,
  FEATURE_IN_USE: 400,
  INTERNAL_SERVER_ERROR: 500,
  INVALID_ARGUMENT: 400,
  INVALID_ELEMENT_CONFIGURATION: 400,
  INVALID_ELEMENT_TYPE: 400,
  INVALID_REQUEST: 400,
  NOT_ALLOWED_IN_CURRENT_STATE: 400,
  NOT_FOUND: 404,
  OPERATION_NOT_FOUND: 404,
  RESOURCE_BUSY: 500,
  RESOURCE_IN_USE: 400,
  RESOURCE_INACCESSIBLE: 500,
  SERVICE_UNAVAILABLE: 503,
  TIMED_OUT: 500,
  UNABLE_TO_ALLOCATE_RESOURCE: 500,
  UNAUTHENTICATED: 401,
  UNAUTHORIZED: 403,
  UNEXPECTED_INPUT: 400,
  UNSUPPORTED: 400,
  UNVERIFIED_PEER: 400,
};

const errorPrefix = 'com.vmware.vapi.std.errors.';

/** The error an answer names, in the form of either dialect; empty when it names none. */
export function kindOf({ json }: Exchange): string {
  const inner = field(json, 'value') ?? json;
  const suffix = textOf(field(json, 'type')).replace(errorPrefix, '').toUpperCase();
  return textOf(field(inner, 'error_type')) || suffix;
}

/** Rejects an answer that is not one of these errors with its status. */
export function expectError(exchange: Exchange, ...kinds: readonly ErrorKind[]): void {
  const isRight = kinds.some((kind) => kind === kindOf(exchange) && statuses[kind] === exchange.status);
  if (isRight) return;
  const names = kinds.map((kind) => `${statuses[kind]} ${kind.toLowerCase()}`);
  throw new ContractBreach(exchange, names.join(', or '));
}

/** The value of a success in `/rest`: status 200 and `{"value": X}`. */
export function resultOf(exchange: Exchange): unknown {
  const { status, json } = exchange;
  if (status !== 200 || !isRecord(json) || !Object.hasOwn(json, 'value'))
    throw new ContractBreach(exchange, '200 and {"value": …}');
  return json['value'];
}

/** Rejects an answer that is not the success of an operation without a result in `/rest`: 200 without a body. */
export function expectNothing(exchange: Exchange): void {
  if (exchange.status !== 200 || exchange.bytes.length > 0)
    throw new ContractBreach(exchange, '200 with an empty body');
}

/** Rejects with the sentences that are not true of an answer. */
export function expectThat(exchange: Exchange, facts: Readonly<Record<string, boolean>>): void {
  const broken = Object.entries(facts).flatMap(([sentence, isTrue]) => (isTrue ? [] : [sentence]));
  if (broken.length > 0) throw new ContractBreach(exchange, broken.join('; '));
}
