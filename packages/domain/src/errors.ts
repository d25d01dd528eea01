import { z } from 'zod';
import { LocalizableMessage, message } from './localizable-message.ts';
import { openEnum, structure } from './structure.ts';

/**
 * vAPI's standard errors with the HTTP status of each (contract, section 1.5).
 * `retryable`: the same call may succeed later without being changed.
 */
export const errorKinds = {
  ERROR: { status: 500, retryable: false },
  ALREADY_EXISTS: { status: 400, retryable: false },
  ALREADY_IN_DESIRED_STATE: { status: 400, retryable: false },
  CANCELED: { status: 400, retryable: false },
  CONCURRENT_CHANGE: { status: 409, retryable: true },
  FEATURE_IN_USE: { status: 400, retryable: false },
  INTERNAL_SERVER_ERROR: { status: 500, retryable: true },
  INVALID_ARGUMENT: { status: 400, retryable: false },
  INVALID_ELEMENT_CONFIGURATION: { status: 400, retryable: false },
  INVALID_ELEMENT_TYPE: { status: 400, retryable: false },
  INVALID_REQUEST: { status: 400, retryable: false },
  NOT_ALLOWED_IN_CURRENT_STATE: { status: 400, retryable: false },
  NOT_FOUND: { status: 404, retryable: false },
  OPERATION_NOT_FOUND: { status: 404, retryable: false },
  RESOURCE_BUSY: { status: 500, retryable: true },
  RESOURCE_IN_USE: { status: 400, retryable: false },
  RESOURCE_INACCESSIBLE: { status: 500, retryable: true },
  SERVICE_UNAVAILABLE: { status: 503, retryable: true },
  TIMED_OUT: { status: 500, retryable: true },
  UNABLE_TO_ALLOCATE_RESOURCE: { status: 500, retryable: false },
  UNAUTHENTICATED: { status: 401, retryable: false },
  UNAUTHORIZED: { status: 403, retryable: false },
  UNEXPECTED_INPUT: { status: 400, retryable: false },
  UNSUPPORTED: { status: 400, retryable: false },
  UNVERIFIED_PEER: { status: 400, retryable: false },
} as const;

export type ErrorKind = keyof typeof errorKinds;

// the one cast: Object.keys forgets the keys' type
export const ErrorType = z.enum(Object.keys(errorKinds) as [ErrorKind, ...ErrorKind[]]);

/** `com.vmware.vapi.std.errors.error` and its subtypes. `errorType` says which; absent on servers before 6.7.2. */
export const StandardError = structure(
  {
    messages: z.array(LocalizableMessage),
    data: z.exactOptional(z.unknown()),
    errorType: z.exactOptional(openEnum(ErrorType)),
    challenge: z.exactOptional(z.string()),
  },
  { className: 'com.vmware.vapi.std.errors.error' },
);
export type StandardError = z.infer<typeof StandardError>;

export interface SessionErrorOptions {
  readonly cause?: unknown;
  /** The stack of messages, when it is more than the error's own text. */
  readonly messages?: readonly LocalizableMessage[];
  /** Structured data of the error (contract, section 1.4). */
  readonly data?: unknown;
  /** Only with `UNAUTHENTICATED`: the authentication challenge. */
  readonly challenge?: string;
}

/** The one error of sessions and of every port. Match on `kind`, never on `message`. */
export class SessionError extends Error {
  override readonly name = 'SessionError';
  readonly kind: ErrorKind;
  readonly messages: readonly LocalizableMessage[];
  readonly data: unknown;
  readonly challenge: string | undefined;

  constructor(kind: ErrorKind, text: string, options: SessionErrorOptions = {}) {
    super(text, options.cause === undefined ? {} : { cause: options.cause });
    this.kind = kind;
    this.messages = options.messages ?? [message(`com.ovfkit.error.${kind.toLowerCase()}`, '{0}', text)];
    this.data = options.data;
    this.challenge = options.challenge;
  }
}

/** Whether a foreign value names a kind of this table; names that every object has are none. */
export const isErrorKind = (value: unknown): value is ErrorKind =>
  typeof value === 'string' && Object.hasOwn(errorKinds, value);

/** The error as the structure that goes on the wire and into a session's `errors`. */
export function toStandardError(error: SessionError): StandardError {
  return {
    messages: [...error.messages],
    errorType: error.kind,
    ...(error.data === undefined ? {} : { data: error.data }),
    ...(error.challenge === undefined ? {} : { challenge: error.challenge }),
  };
}

/** The structure as an error; a type it does not know, or none, becomes `ERROR`. */
export function fromStandardError(error: StandardError, cause?: unknown): SessionError {
  const kind = isErrorKind(error.errorType) ? error.errorType : 'ERROR';
  const text = error.messages.map((each) => each.localized ?? each.defaultMessage).join(': ');
  return new SessionError(kind, text === '' ? `The server answered ${kind}.` : text, {
    messages: error.messages,
    data: error.data,
    cause,
    ...(error.challenge === undefined ? {} : { challenge: error.challenge }),
  });
}
