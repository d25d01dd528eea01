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

/**
 * The error an answer stands for: by its body first (`value.error_type`, else the suffix of `type`, else a top-level
 * `error_type`), by its status only when the body says nothing. `hasBody` of the result tells which it was.
 */
export function decodeError(status: number, body: unknown): SessionError {
  const envelope = asObject(body);
  const inner = envelope && 'value' in envelope ? asObject(envelope['value']) : envelope;
  const kind = kindIn(envelope, inner);
  const details = StandardError.safeParse(readDetails(inner));
  if (kind === undefined) {
    const byStatus = kindOfStatus.get(status) ?? (status >= 500 ? 'INTERNAL_SERVER_ERROR' : 'INVALID_REQUEST');
    return new SessionError(byStatus, `The server answered ${status} without saying why.`, {
      data: { status, bodyless: true },
    });
  }
  return fromStandardError({ ...(details.success ? details.data : { messages: [] }), errorType: kind });
}

/** Whether the answer behind a decoded error had no vAPI error in its body. */
export const isBodyless = (error: SessionError): boolean => asObject(error.data)?.['bodyless'] === true;

const asObject = (value: unknown): { readonly [key: string]: unknown } | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined;

function kindIn(
  envelope: { readonly [key: string]: unknown } | undefined,
  inner: { readonly [key: string]: unknown } | undefined,
): ErrorKind | undefined {
  const suffix = typeof envelope?.['type'] === 'string' ? envelope['type'].slice(typePrefix.length).toUpperCase() : '';
  return [inner?.['error_type'], suffix, envelope?.['error_type']].find(isErrorKind);
}

function readDetails(inner: unknown): unknown {
  try {
    return fromWire(StandardError, inner, 'rest');
  } catch {
    // messages of a shape we do not know: keep what can be read as text
    const messages = asObject(inner)?.['messages'];
    return {
      messages: Array.isArray(messages)
        ? messages.map((each) =>
            message('com.ovfkit.error.foreign', '{0}', String(asObject(each)?.['default_message'] ?? each)),
          )
        : [],
    };
  }
}
