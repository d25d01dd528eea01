import { SessionError } from '@ovfkit/domain';

// sha-256=:d435Qo+nKZ+gLcUHn7GQtQ72hiBVAgqoLsZnZPiTGPk=:, unixsum=:AGs=:
const sha256Pattern = /(?:^|,)\s*sha-256\s*=\s*:([a-z\d+/=]*):\s*(?:;[^,]*)?(?=,|$)/i;

/**
 * The SHA-256 of the whole file as lower-case hex, from `Repr-Digest` (RFC 9530); nothing when the header is absent or
 * knows other algorithms only.
 * @throws SessionError INVALID_ARGUMENT when the value is not a SHA-256
 */
export function readReprDigest(header: string | readonly string[] | undefined): string | undefined {
  const value = typeof header === 'string' ? header : header?.join(', ');
  if (value === undefined || !/(?:^|,)\s*sha-256\s*=/i.test(value)) return undefined;
  const bytes = Buffer.from(sha256Pattern.exec(value)?.[1] ?? '', 'base64');
  if (bytes.length !== 32)
    throw new SessionError('INVALID_ARGUMENT', 'Repr-Digest: sha-256 is not 32 bytes in :base64:.');
  return bytes.toString('hex');
}
