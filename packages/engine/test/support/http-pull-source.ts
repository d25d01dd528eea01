import { get, type IncomingMessage } from 'node:http';
import { type PulledFile, type PullRequest, type PullSource, SessionError } from '@ovfkit/domain';

/** A pull source on plain `node:http`, enough for loopback; what a product uses is in `@ovfkit/rest`. */
export const httpPullSource: PullSource = {
  open,
  thumbprint: async () => undefined,
};

async function open(request: PullRequest): Promise<PulledFile> {
  const response = await send(request);
  const { statusCode = 0, headers } = response;
  if (statusCode === 404 || statusCode === 410) throw refused(response, 'NOT_FOUND');
  if (statusCode !== 200 && statusCode !== 206) throw refused(response, 'RESOURCE_INACCESSIBLE');
  const [, start, total] = /^bytes (\d+)-\d+\/(\d+)$/.exec(headers['content-range'] ?? '') ?? [];
  const size = total ?? headers['content-length'];
  return {
    url: request.url,
    offset: start === undefined ? 0 : Number(start),
    ...(size === undefined ? {} : { size: Number(size) }),
    ...(headers.etag === undefined ? {} : { etag: headers.etag }),
    bytes: response,
  };
}

function send({ url, range, signal }: PullRequest): Promise<IncomingMessage> {
  const headers = range === undefined ? {} : { Range: `bytes=${range.start}-${range.end - 1}` };
  return new Promise((resolve, reject) => {
    get(url, { headers, ...(signal === undefined ? {} : { signal }) }, resolve).on('error', (cause) => {
      if (signal?.aborted) reject(signal.reason);
      else reject(new SessionError('RESOURCE_INACCESSIBLE', cause.message, { cause }));
    });
  });
}

function refused(response: IncomingMessage, kind: 'NOT_FOUND' | 'RESOURCE_INACCESSIBLE'): SessionError {
  response.resume();
  const { statusCode: status } = response;
  return new SessionError(kind, `The server answered ${status}.`, { data: { status } });
}
