import { SessionError } from '@ovfkit/domain';
import { type ByteRange, indexTar, type TarMember } from '@ovfkit/package-format';
import type { Core } from '../core.ts';
import { letGo, type Origin, translated } from './fetch-file.ts';
import { shownUrl } from './pull-address.ts';

/**
 * The members of an archive on another server, found by reading its headers only. Nothing when the server does not
 * answer ranges: then the archive has to be read as it comes.
 * @throws PackageError when the archive is damaged; SessionError as `PullSource` does
 */
export async function indexRemoteArchive(core: Core, origin: Origin): Promise<readonly TarMember[] | undefined> {
  const { url, thumbprint, signal } = origin;
  const request = { url, signal, ...(thumbprint === undefined ? {} : { thumbprint }) };
  const probe = await core.pull.open({ ...request, range: { start: 1, end: 2 } });
  await letGo(probe);
  const { size, etag } = probe;
  if (probe.offset !== 1 || size === undefined) return undefined;
  return indexTar({
    size,
    async *read(range: ByteRange) {
      if (range.end === range.start) return;
      const pulled = await core.pull.open({ ...request, range });
      if (pulled.offset !== range.start || pulled.etag !== etag) {
        await letGo(pulled);
        throw new SessionError('RESOURCE_INACCESSIBLE', `${shownUrl(url)} changed while it was read.`);
      }
      yield* translated(pulled.bytes);
    },
  });
}

/** The whole archive as it comes. */
export async function* streamArchive(core: Core, { url, thumbprint, signal }: Origin): AsyncGenerator<Uint8Array> {
  const pulled = await core.pull.open({ url, signal, ...(thumbprint === undefined ? {} : { thumbprint }) });
  yield* translated(pulled.bytes);
}
