import { names } from './file-backend.ts';
import { send } from './http.ts';
import { startService } from './service.ts';

// one service for all tests of a file, with what it reports
export const reported: unknown[] = [];
export const requests: { readonly method: string; readonly status: number }[] = [];
export const service = await startService({
  onError: (report) => reported.push(report),
  onRequest: (report) => requests.push(report),
});
export const newFile = async (name = names.plain) => service.fileUrl(await service.newImport(), name);
/** What a HEAD of the file's URL tells. */
export const state = async (url: string) => {
  const { status, headers } = await send({ url, method: 'HEAD' });
  return { status, offset: headers['upload-offset'], complete: headers['upload-complete'] };
};
