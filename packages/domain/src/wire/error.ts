import {
  type ErrorKind,
  errorKinds,
  fromStandardError,
  isErrorKind,
  SessionError,
  StandardError,
  toStandardError,
} from '../errors.ts';
import { message } from '../localizable-message.ts';
import { fromWire, toWire } from './codec.ts';
import type { Dialect } from './names.ts';

const typePrefix = 'com.vmware.vapi.std.errors.';

/** Used only when an answer has no usable body (contract, section 1.5). */
const kindOfStatus: ReadonlyMap<number, ErrorKind> = new Map<number, ErrorKind>([
  [400, 'INVALID_REQUEST'],
  [401, 'UNAUTHENTICATED'],
  [403, 'UNAUTHORIZED'],
  [404, 'NOT_FOUND'],
  [408, 'TIMED_OUT'],
  [409, 'CONCURRENT_CHANGE'],
  [410, 'NOT_FOUND'],
  [423, 'RESOURCE_BUSY'],
  [429, 'SERVICE_UNAVAILABLE'],
  [500, 'INTERNAL_SERVER_ERROR'],
  // a proxy that finds nobody behind it
  [502, 'SERVICE_UNAVAILABLE'],
  [503, 'SERVICE_UNAVAILABLE'],
  [504, 'TIMED_OUT'],
  [507, 'UNABLE_TO_ALLOCATE_RESOURCE'],
]);

/** An error as status and body (contract, section 1.4). */
export function encodeError(
  error: SessionError,
  dialect: Dialect,
): { readonly status: number; readonly body: unknown } {
  const wire = Object.entries(Object(toWire(StandardError, toStandardError(error), dialect)));
  const value = Object.fromEntries(wire.filter(([name]) => name !== '@class'));
  const body = dialect === 'api' ? value : { type: `${typePrefix}${error.kind.toLowerCase()}`, value };
  return { status: errorKinds[error.kind].status, body };
}

/** Errors read from answers that had no vAPI error in their body. */
const bodyless = new WeakSet<SessionError>();

/**
 * The error an answer stands for: by its body first (`value.error_type`, else the suffix of `type`, else a top-level
 * `error_type`), by its status only when the body does not say. `isBodyless` tells which it was.
 */
export function decodeError(status: number, body: unknown): SessionError {
  const envelope = asObject(body);
  const inner = envelope && 'value' in envelope ? asObject(envelope['value']) : envelope;
  const kind = kindIn(envelope, inner);
  const details = readDetails(inner);
  if (kind !== undefined || details.messages.length > 0)
    return fromStandardError({ ...details, errorType: kind ?? kindFor(status) });
  const error = new SessionError(kindFor(status), `The server answered ${status} without saying why.`, {
    data: { status },
  });
  bodyless.add(error);
  return error;
}

const kindFor = (status: number): ErrorKind =>
  kindOfStatus.get(status) ?? (status >= 500 ? 'INTERNAL_SERVER_ERROR' : 'INVALID_REQUEST');

/** Whether the answer behind a decoded error had no vAPI error in its body. */
export const isBodyless = (error: SessionError): boolean => bodyless.has(error);

const asObject = (value: unknown): { readonly [key: string]: unknown } | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined;

function kindIn(
  envelope: { readonly [key: string]: unknown } | undefined,
  inner: { readonly [key: string]: unknown } | undefined,
): ErrorKind | undefined {
  const type = envelope?.['type'];
  const suffix = typeof type === 'string' && type.startsWith(typePrefix) ? type.slice(typePrefix.length) : '';
  return [inner?.['error_type'], suffix.toUpperCase(), envelope?.['error_type']].find(isErrorKind);
}

function readDetails(inner: unknown): StandardError {
  try {
    return fromWire(StandardError, inner, 'rest');
  } catch {
    // messages of a shape we do not know: keep what can be read as text
    const messages = asObject(inner)?.['messages'];
    const texts = Array.isArray(messages) ? messages.map((each) => asObject(each)?.['default_message'] ?? each) : [];
    return {
      messages: texts.map((text) =>
        message('com.ovfkit.error.foreign', '{0}', typeof text === 'string' ? text : JSON.stringify(text)),
      ),
    };
  }
}
