import type { FileService } from '@ovfkit/domain';
import type { Client } from './client.ts';
import { download } from './download.ts';
import { upload, uploadState } from './upload.ts';

/** The bytes of sessions over HTTP, and what was learned about resuming on the way. */
export interface RestFiles {
  readonly service: FileService;
  isResumable(): boolean;
}

/** What is known of the server's uploads; the first file asked about decides. */
export interface ResumeKnowledge {
  isResumable: boolean;
  isProven: boolean;
}

/** Retries are the caller's: a stream is sent once, and only whoever has the file can open it again. */
export function createFileService(
  client: Client,
  { isResumableAssumed }: { readonly isResumableAssumed: boolean },
): RestFiles {
  const knowledge: ResumeKnowledge = { isResumable: isResumableAssumed, isProven: false };
  return {
    isResumable: () => knowledge.isResumable,
    service: {
      upload: (input, options = {}) => upload({ client, knowledge, options }, input),
      uploadState: (input, options = {}) => uploadState({ client, knowledge, options }, input),
      download: (input, options = {}) => download({ client, options }, input),
    },
  };
}
