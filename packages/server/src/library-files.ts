import type { ContentLibraryServices, TransferEndpoint } from '@ovfkit/domain';
import { isOwnFile } from './file-url.ts';
import type { Locate } from './session-files.ts';

/** The content library as remote clients see it: files are sent to and fetched from URLs of this server. */
export function withEndpoints(services: ContentLibraryServices, locate: Locate): ContentLibraryServices {
  const { updateSessionFile: sent, downloadSessionFile: fetched } = services;
  const endpointOf = (
    kind: 'update' | 'download',
    sessionId: string,
    { name, endpoint }: { readonly name: string; readonly endpoint: TransferEndpoint | undefined },
  ): TransferEndpoint | undefined => {
    if (endpoint === undefined || !isOwnFile({ fileUrl: endpoint.uri })) return endpoint;
    const { fileUrl = endpoint.uri, sslThumbPrint } = locate(kind, sessionId, { name });
    return { uri: fileUrl, ...(sslThumbPrint === undefined ? {} : { sslCertificateThumbprint: sslThumbPrint }) };
  };
  const upload = <Info extends { readonly name: string; uploadEndpoint?: TransferEndpoint }>(
    id: string,
    info: Info,
  ) => {
    const { name, uploadEndpoint: endpoint } = info;
    const located = endpointOf('update', id, { name, endpoint });
    return located === undefined ? info : { ...info, uploadEndpoint: located };
  };
  const download = <Info extends { readonly name: string; downloadEndpoint?: TransferEndpoint }>(
    id: string,
    info: Info,
  ) => {
    const { name, downloadEndpoint: endpoint } = info;
    const located = endpointOf('download', id, { name, endpoint });
    return located === undefined ? info : { ...info, downloadEndpoint: located };
  };
  return {
    ...services,
    updateSessionFile: {
      ...sent,
      add: async (input, options) => upload(input.updateSessionId, await sent.add(input, options)),
      get: async (input, options) => upload(input.updateSessionId, await sent.get(input, options)),
      list: async (input, options) =>
        (await sent.list(input, options)).map((info) => upload(input.updateSessionId, info)),
    },
    downloadSessionFile: {
      ...fetched,
      get: async (input, options) => download(input.downloadSessionId, await fetched.get(input, options)),
      prepare: async (input, options) => download(input.downloadSessionId, await fetched.prepare(input, options)),
      list: async (input, options) =>
        (await fetched.list(input, options)).map((info) => download(input.downloadSessionId, info)),
    },
  };
}
