import { type FileService, SessionError } from '@ovfkit/domain';
import { observed } from '../byte-stream.ts';
import { checkedRange, checkVersion } from '../export/download.ts';
import { found } from './items.ts';
import type { LibraryParts } from './library-parts.ts';

/** Downloads of one caller from download sessions of the content library. */
export function createItemDownloads({ core, downloads: flow, principal }: LibraryParts): Pick<FileService, 'download'> {
  return {
    async download({ sessionId, file, range, etag: wanted, memory }) {
      const session = await flow.use(sessionId, principal);
      const { name, size, sha256, blob } = found(file.name, session.files);
      if (session.state !== 'ACTIVE' || !session.prepared.includes(name))
        throw new SessionError('NOT_ALLOWED_IN_CURRENT_STATE', `${name} is not prepared, or the session is over.`);
      const etag = `"${sha256}"`;
      checkVersion(wanted, { etag, name });
      const part = checkedRange(range, { size, name });
      return { size, etag, bytes: observed(core.blobs.read(blob, part, memory), flow.keepAlive(session)) };
    },
  };
}
