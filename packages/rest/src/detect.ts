import { type SessionBackend, SessionError } from '@ovfkit/domain';

/** Whether a server has the session API (contract, section 13). `forbidden`: it has, but not for this user. */
export type SessionApi = 'present' | 'missing' | 'forbidden' | 'unknown';

const tinyDescriptor =
  '<?xml version="1.0" encoding="UTF-8"?><Envelope xmlns="http://schemas.dmtf.org/ovf/envelope/1"/>';

/**
 * Asks for a preview of a descriptor too small to be valid: nothing is made, and every answer says something.
 * `unknown` when the server is short of breath: ask again later.
 * @throws SessionError UNAUTHENTICATED, UNVERIFIED_PEER; the signal's reason
 */
export async function detectSessionApi(
  backend: Pick<SessionBackend, 'importSession'>,
  options: { readonly signal?: AbortSignal } = {},
): Promise<SessionApi> {
  try {
    await backend.importSession.preview({ ovfDescriptor: tinyDescriptor }, options);
    return 'present';
  } catch (error) {
    if (!(error instanceof SessionError)) throw error;
    return readRefusal(error);
  }
}

function readRefusal(error: SessionError): SessionApi {
  switch (error.kind) {
    case 'UNAUTHENTICATED':
    case 'UNVERIFIED_PEER':
      throw error;
    case 'UNAUTHORIZED':
      return 'forbidden';
    case 'OPERATION_NOT_FOUND':
    case 'NOT_FOUND':
      return 'missing';
    case 'SERVICE_UNAVAILABLE':
    case 'RESOURCE_INACCESSIBLE':
    case 'TIMED_OUT':
    case 'INTERNAL_SERVER_ERROR':
      return 'unknown';
    default:
      return 'present';
  }
}
