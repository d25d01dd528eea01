import { type FileService, SessionError } from '@ovfkit/domain';

/** Who takes and who gives the files of which sessions. */
export interface FileParts {
  readonly uploads: Pick<FileService, 'upload' | 'uploadState'>;
  readonly downloads: Pick<FileService, 'download'>;
  readonly updates: Pick<FileService, 'upload' | 'uploadState'>;
  readonly items: Pick<FileService, 'download'>;
}

/** The files of all sessions of one caller. */
export function createFiles({ uploads, downloads, updates, items }: FileParts): FileService {
  return {
    async upload(input, options) {
      if (input.kind === 'download')
        throw new SessionError('NOT_ALLOWED_IN_CURRENT_STATE', 'Files of a download session are fetched, not sent.');
      return (input.kind === 'update' ? updates : uploads).upload(input, options);
    },
    uploadState: (input, options) => (input.kind === 'update' ? updates : uploads).uploadState(input, options),
    download: (input, options) => (input.kind === 'download' ? items : downloads).download(input, options),
  };
}
