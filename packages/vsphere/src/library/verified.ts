import { SessionError, type StoredFile } from '@ovfkit/domain';
import type { Hashing } from '@ovfkit/package-format/node';

/**
 * The bytes of a file, hashed while they pass. The last chunk is held back until the digest is found right, so that a file that is not
 * what its package says never gets anywhere whole. Hashing may be behind by two chunks, and no more. `hashing` has seen none of the bytes.
 * @throws SessionError INVALID_ARGUMENT with `data.file`, `data.expected` and `data.actual`
 */
export async function* verified(
  bytes: AsyncIterable<Uint8Array>,
  { name, sha256, hashing }: Pick<StoredFile, 'name' | 'sha256'> & { readonly hashing: Hashing },
): AsyncGenerator<Uint8Array, void, undefined> {
  let held: { readonly chunk: Uint8Array; readonly isHashed: Promise<void> } | undefined;
  for await (const chunk of bytes) {
    const isHashed = hashing.update(chunk);
    if (held !== undefined) {
      yield held.chunk;
      await held.isHashed;
    }
    held = { chunk, isHashed };
  }
  const actual = (await hashing.digests()).get('SHA256') ?? '';
  if (actual !== sha256)
    throw new SessionError(
      'INVALID_ARGUMENT',
      `${name} does not match its digest: expected SHA256 ${sha256}, actual ${actual}. The file was changed or damaged; get it again from its source.`,
      { data: { file: name, algorithm: 'SHA256', expected: sha256, actual } },
    );
  if (held !== undefined) yield held.chunk;
}
