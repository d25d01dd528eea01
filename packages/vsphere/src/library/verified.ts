import { createHash } from 'node:crypto';
import { SessionError, type StoredFile } from '@ovfkit/domain';

/**
 * The bytes of a file, hashed while they pass. The last chunk is held back until the digest is found right, so that a file that is not
 * what its package says never gets anywhere whole.
 * @throws SessionError INVALID_ARGUMENT with `data.file`, `data.expected` and `data.actual`
 */
export async function* verified(
  bytes: AsyncIterable<Uint8Array>,
  { name, sha256 }: Pick<StoredFile, 'name' | 'sha256'>,
): AsyncGenerator<Uint8Array, void, undefined> {
  const hash = createHash('sha256');
  let held: Uint8Array | undefined;
  for await (const chunk of bytes) {
    if (held !== undefined) yield held;
    hash.update(chunk);
    held = chunk;
  }
  const actual = hash.digest('hex');
  if (actual !== sha256)
    throw new SessionError(
      'INVALID_ARGUMENT',
      `${name} does not match its digest: expected SHA256 ${sha256}, actual ${actual}. The file was changed or damaged; get it again from its source.`,
      { data: { file: name, algorithm: 'SHA256', expected: sha256, actual } },
    );
  if (held !== undefined) yield held;
}
