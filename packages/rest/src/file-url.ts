import { SessionError, type TransferFile } from '@ovfkit/domain';
import { sessionHeader } from '@ovfkit/domain/wire';
import type { Dispatcher } from 'undici';
import type { Client } from './client.ts';

/** Where a file's bytes go to or come from, and what a request for them carries. */
export interface FileTarget {
  readonly url: URL;
  readonly agent: Dispatcher;
  /** The login that was sent; absent for other hosts, which must never see it (contract, section 11.5). */
  readonly token: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
}

/** @throws SessionError NOT_ALLOWED_IN_CURRENT_STATE when the server has given no URL for the file */
export async function locateFile(
  client: Client,
  { file, signal }: { readonly file: TransferFile; readonly signal?: AbortSignal | undefined },
): Promise<FileTarget> {
  const { server, login } = client;
  if (file.fileUrl === undefined || file.fileUrl === '')
    throw new SessionError(
      'NOT_ALLOWED_IN_CURRENT_STATE',
      `${server.place} has given no URL for ${file.name}. Its state says when files move.`,
    );
  // hosts write * where they mean the name the client knows them by
  const text = file.fileUrl.replace(
    /^(https?:\/\/)\*(?=[:/])/,
    (_, scheme: string) => `${scheme}${server.base.hostname}`,
  );
  const url = URL.parse(text, server.base);
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:'))
    throw new SessionError('INTERNAL_SERVER_ERROR', `${server.place} gave ${file.name} a URL that cannot be read.`);
  const { agent, isOwn } = server.agentFor(url, file.sslThumbPrint);
  const token = isOwn ? await login.token(signal) : undefined;
  const headers = { 'user-agent': server.userAgent, ...(token === undefined ? {} : { [sessionHeader]: token }) };
  return { url, agent, token, headers };
}
