import type { ByteRange } from '@ovfkit/domain';

/** What a request asks of a file, by its `Range`, `If-Range` and `If-None-Match`. */
export type RangePlan =
  | { readonly part: 'whole' }
  | { readonly part: 'range'; readonly range: ByteRange }
  | { readonly part: 'unchanged' }
  | { readonly part: 'unsatisfiable' };

export interface RangeHeaders {
  readonly range?: string | undefined;
  readonly 'if-range'?: string | undefined;
  readonly 'if-none-match'?: string | undefined;
}

export interface Representation {
  /** Bytes; absent while unknown. */
  readonly size?: number;
  /** Quoted and strong; absent when there is none. */
  readonly etag?: string;
}

/** RFC 9110, sections 13 and 14. Several ranges at once, and what cannot be read, count as no range: that is allowed. */
export function planRange(headers: RangeHeaders, { size, etag }: Representation): RangePlan {
  if (matchesAny(headers['if-none-match'], etag)) return { part: 'unchanged' };
  const condition = headers['if-range'];
  // only a strong validator that is the same lets parts be joined; a date is none
  if (condition !== undefined && condition !== etag) return { part: 'whole' };
  return size === undefined ? { part: 'whole' } : readRange(headers.range, size);
}

// If-None-Match compares weakly: W/"x" is "x"
function matchesAny(header: string | undefined, etag: string | undefined): boolean {
  if (header === undefined || etag === undefined) return false;
  return header.trim() === '*' || header.split(',').some((each) => each.trim().replace(/^W\//, '') === etag);
}

// bytes=0-499   bytes=500-   bytes=-500   (both ends are included; ours exclude the end)
function readRange(header: string | undefined, size: number): RangePlan {
  const [, first, last] = /^bytes=(\d*)-(\d*)$/i.exec((header ?? '').replaceAll(/[ \t]/g, '')) ?? [];
  if (first === undefined || last === undefined || (first === '' && last === '')) return { part: 'whole' };
  if (first === '') {
    const range = { start: Math.max(0, size - Number(last)), end: size };
    return range.start < size ? { part: 'range', range } : { part: 'unsatisfiable' };
  }
  const start = Number(first);
  const end = last === '' ? size : Math.min(size, Number(last) + 1);
  if (last !== '' && Number(last) < start) return { part: 'whole' };
  return start < size ? { part: 'range', range: { start, end } } : { part: 'unsatisfiable' };
}

/** `Content-Range` of a part. */
export const contentRange = ({ start, end }: ByteRange, size: number): string => `bytes ${start}-${end - 1}/${size}`;
