import type { FileAddress, OvfFileInfo, SessionBackend } from '@ovfkit/domain';
import { isOwnFile } from './file-url.ts';
import { withEndpoints } from './library-files.ts';

/** Gives the URL and, over TLS, the thumbprint under which clients reach a file. */
export type Locate = (
  kind: FileAddress['kind'],
  sessionId: string,
  file: Pick<OvfFileInfo, 'name'>,
) => Pick<OvfFileInfo, 'fileUrl' | 'sslThumbPrint'>;

/** The backend as remote clients see it: the files of its sessions are at URLs of this server. */
export function withFileUrls(backend: SessionBackend, locate: Locate): SessionBackend {
  const located = <Info extends { readonly files: OvfFileInfo[] }>(
    kind: FileAddress['kind'],
    sessionId: string,
    info: Info,
  ): Info => ({
    ...info,
    files: info.files.map((file) => (isOwnFile(file) ? { ...file, ...locate(kind, sessionId, file) } : file)),
  });
  return {
    ...backend,
    contentLibrary: withEndpoints(backend.contentLibrary, locate),
    importSession: {
      ...backend.importSession,
      get: async (input, options) => located('import', input.id, await backend.importSession.get(input, options)),
    },
    probeImportSession: {
      ...backend.probeImportSession,
      get: async (input, options) => located('probe', input.id, await backend.probeImportSession.get(input, options)),
    },
    exportSession: {
      ...backend.exportSession,
      get: async (input, options) => located('export', input.id, await backend.exportSession.get(input, options)),
    },
  };
}
