import { SessionError } from '@ovfkit/domain';
import { isBodyless, type Route } from '@ovfkit/domain/wire';

const sessionServices = ['import_session', 'probe_import_session', 'export_session'];
const operationsOnASession = ['get', 'try_instantiate', 'instantiate', 'progress', 'delete'];

/**
 * Tells a missing service from a missing thing (contract, section 13): on a collection a 404 without a vAPI body, 405 and 501
 * are the absence of the service; on the id of a session a 404 is that session's end.
 */
export function explainMissing(
  error: SessionError,
  { route, place }: { readonly route: Route<unknown, unknown>; readonly place: string },
): SessionError {
  if (route.isExtension)
    return isAbsence(error) || (error.kind === 'NOT_FOUND' && !route.path.includes('{'))
      ? unsupported(error, { route, place })
      : error;
  if (!sessionServices.includes(route.service) || operationsOnASession.includes(route.operation) || !isAbsence(error))
    return error;
  return new SessionError(
    'OPERATION_NOT_FOUND',
    `${place} has no OVF session API (${route.service}.${route.operation}). vCenter keeps this API to itself and may leave it out or bar it. Go through the content library, or use an ovfkitd.`,
    { cause: error },
  );
}

function unsupported(
  cause: SessionError,
  { route, place }: { readonly route: Route<unknown, unknown>; readonly place: string },
): SessionError {
  const text = `${place} does not offer ${route.service}.${route.operation}, which is an addition of ovfkitd to the API.`;
  return new SessionError('UNSUPPORTED', text, { cause });
}

function isAbsence(error: SessionError): boolean {
  const status = bodylessStatus(error);
  return error.kind === 'OPERATION_NOT_FOUND' || status === 404 || status === 405 || status === 501;
}

/** The status of an answer that said nothing else; nothing for one with a vAPI error in it. */
function bodylessStatus(error: SessionError): unknown {
  if (!isBodyless(error) || typeof error.data !== 'object' || error.data === null || !('status' in error.data))
    return undefined;
  return error.data.status;
}
