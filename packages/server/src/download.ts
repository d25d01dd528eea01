import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { type ByteRange, type Download, SessionError } from '@ovfkit/domain';
import { errorAnswer, sendAnswer } from './answer.ts';
import { contentRange, planRange, type Representation } from './http-range.ts';
import type { Transfer } from './transfer.ts';
import { whileStanding } from './while-standing.ts';

/** `GET`: the file or one range of it, with a strong ETag, so that a broken download goes on where it ended. */
export async function sendFile(transfer: Transfer): Promise<void> {
  const { headers } = transfer.request;
  const conditions = ['range', 'if-range', 'if-none-match'];
  if (!conditions.some((name) => headers[name] !== undefined)) {
    const whole = await open(transfer);
    return stream(transfer, { status: 200, headers: wholeHeaders(transfer, facts(whole)), download: whole });
  }
  const known = await look(transfer);
  const plan = planRange({ ...headers, 'if-range': oneOf(headers['if-range']) }, known);
  const { size = 0 } = known;
  switch (plan.part) {
    case 'unchanged':
      return sendAnswer(transfer.reply, { status: 304, headers: { ETag: known.etag ?? '' } });
    case 'unsatisfiable': {
      const error = new SessionError(
        'INVALID_ARGUMENT',
        `The file has ${size} bytes: the range begins behind its end.`,
      );
      const answer = errorAnswer(error, 'rest');
      return sendAnswer(transfer.reply, { ...answer, status: 416, headers: { 'Content-Range': `bytes */${size}` } });
    }
    case 'range': {
      const { range } = plan;
      const part = {
        ...wholeHeaders(transfer, known),
        'Content-Range': contentRange(range, size),
        'Content-Length': String(range.end - range.start),
      };
      return stream(transfer, { status: 206, headers: part, download: await open(transfer, range) });
    }
    case 'whole':
      return stream(transfer, { status: 200, headers: wholeHeaders(transfer, known), download: await open(transfer) });
  }
}

/** `HEAD`: size and validator, without a byte. */
export async function describeFile(transfer: Transfer): Promise<void> {
  return sendAnswer(transfer.reply, { status: 200, headers: wholeHeaders(transfer, await look(transfer)) });
}

const oneOf = (header: string | readonly string[] | undefined): string | undefined =>
  typeof header === 'string' ? header : header?.[0];

const open = ({ backend, address, pool: memory }: Transfer, range?: ByteRange): Promise<Download> =>
  backend.files.download({ ...address, memory, ...(range === undefined ? {} : { range }) });

/** Size and validator as the backend gives them, with the bytes left where they are. */
async function look({ backend, address }: Transfer): Promise<Representation> {
  const controller = new AbortController();
  const download = await backend.files.download(address, { signal: controller.signal });
  await download.bytes[Symbol.asyncIterator]().return?.();
  controller.abort(); // an iterator that never began may hold its source open
  return facts(download);
}

const facts = ({ size, etag }: Download): Representation => ({
  ...(size === undefined ? {} : { size }),
  ...(etag === undefined ? {} : { etag: /^".*"$/.test(etag) ? etag : `"${etag}"` }),
});

function wholeHeaders({ address }: Transfer, { size, etag }: Representation): Record<string, string> {
  return {
    'Content-Type': 'application/octet-stream',
    'Content-Disposition': disposition(address.file.name),
    'Cache-Control': 'private, no-cache',
    ...(size === undefined ? {} : { 'Content-Length': String(size), 'Accept-Ranges': 'bytes' }),
    ...(etag === undefined ? {} : { ETag: etag }),
  };
}

// RFC 6266: the plain form for old clients, the extended one for any name
function disposition(name: string): string {
  const last = name.split('/').at(-1) ?? name;
  const plain = last.replaceAll(/[^\x20-\x7e]|["\\%]/g, '_');
  const encoded = encodeURIComponent(last).replaceAll(/['()*]/g, (each) => `%${each.charCodeAt(0).toString(16)}`);
  return `attachment; filename="${plain}"; filename*=UTF-8''${encoded}`;
}

interface Streamed {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly download: Download;
}

async function stream(transfer: Transfer, { status, headers, download }: Streamed): Promise<void> {
  const { reply, pace, stands, onBroken, pool } = transfer;
  reply.hijack();
  const { raw } = reply;
  raw.writeHead(status, headers);
  raw.setTimeout(pace.stallTimeoutMs, () => raw.destroy());
  try {
    await writeAll(raw, { bytes: whileStanding(download.bytes, stands), pace, pool });
    raw.end();
  } catch (error) {
    // the status is out: only a broken connection tells the client that the file is not whole
    if (!raw.destroyed) onBroken(error);
    raw.destroy();
  }
}

// what the socket and the kernel hold is not counted among the bytes that wait
const slowestDrainMs = 30_000;

interface Sending extends Pick<Transfer, 'pace' | 'pool'> {
  readonly bytes: AsyncIterable<Uint8Array>;
}

/** Reads the next chunk while one is on its way, and no further: two chunks are in memory at most. */
async function writeAll(
  response: ServerResponse,
  { bytes, pace: { minimumRate, totalMs }, pool }: Sending,
): Promise<void> {
  const gone = new AbortController();
  const endsAt = performance.now() + totalMs;
  const onClose = () => gone.abort(new SessionError('CANCELED', 'The client closed the connection.'));
  response.once('close', onClose);
  try {
    for await (const chunk of bytes) {
      gone.signal.throwIfAborted();
      const slowestMs = slowestDrainMs + (response.writableLength / minimumRate) * 1000;
      const patienceMs = Math.min(endsAt - performance.now(), slowestMs);
      if (!response.write(chunk, () => pool.release(chunk))) await drained(response, { gone, patienceMs });
    }
  } finally {
    response.off('close', onClose);
  }
}

interface Draining {
  readonly gone: AbortController;
  readonly patienceMs: number;
}

async function drained(response: ServerResponse, { gone, patienceMs }: Draining): Promise<void> {
  const tooSlow = new SessionError('TIMED_OUT', 'The client did not take the file in time.');
  const timer = setTimeout(() => gone.abort(tooSlow), Math.max(0, patienceMs));
  try {
    await once(response, 'drain', { signal: gone.signal });
  } catch (error) {
    gone.signal.throwIfAborted();
    throw error;
  } finally {
    clearTimeout(timer);
  }
}
