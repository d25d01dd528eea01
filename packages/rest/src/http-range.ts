import type { ByteRange } from '@ovfkit/domain';

/** HTTP counts the last byte in; nothing else here does. An end beyond what can be counted means to the end. */
export const writeRange = ({ start, end }: ByteRange): string =>
  `bytes=${start}-${Number.isSafeInteger(end) && end < Number.MAX_SAFE_INTEGER ? end - 1 : ''}`;

/** `bytes 0-99/1000` as a range and the size of the whole, when the server says one. */
export function readContentRange(
  text: string | undefined,
): { readonly start: number; readonly size?: number } | undefined {
  const [, start, , size] = /^bytes\s+(\d+)-(\d+)\/(\d+|\*)$/.exec(text?.trim() ?? '') ?? [];
  if (start === undefined || size === undefined) return undefined;
  return { start: Number(start), ...(size === '*' ? {} : { size: Number(size) }) };
}

/** An entity tag that vouches for every byte; weak ones do not. */
export const strongEtag = (text: string | undefined): string | undefined =>
  text === undefined || text.startsWith('W/') ? undefined : text;

/** What `range` leaves of bytes that begin at `offset`. */
export async function* cut(
  bytes: AsyncIterable<Uint8Array>,
  { offset, range }: { readonly offset: number; readonly range: ByteRange },
): AsyncGenerator<Uint8Array, void, undefined> {
  let at = offset;
  for await (const chunk of bytes) {
    const part = chunk.subarray(Math.max(0, range.start - at), Math.max(0, range.end - at));
    if (part.length > 0) yield part;
    at += chunk.length;
    if (at >= range.end) return;
  }
}
