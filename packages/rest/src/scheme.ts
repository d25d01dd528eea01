import { SessionError } from '@ovfkit/domain';
import { peerCertificate } from './certificate.ts';
import { placeOf } from './errors.ts';

/** A server that has just been reached shows its certificate at once. */
const lookMs = 3_000;

/**
 * What is to be said of a request by plain HTTP that failed, where the port speaks TLS: servers answer it with 400, in their own words or none, or
 * break it off. Nothing where that is not so.
 */
export async function tlsInstead(url: URL): Promise<SessionError | undefined> {
  if (url.protocol !== 'http:') return undefined;
  const secure = new URL(url);
  secure.protocol = 'https:';
  if (url.port === '') secure.port = '80';
  const seen = await peerCertificate(secure, { connectTimeoutMs: lookMs }).catch(() => undefined);
  if (seen === undefined) return undefined;
  const text = `${placeOf(url)} speaks TLS: use https:// in place of http://.`;
  return new SessionError('RESOURCE_INACCESSIBLE', text);
}
