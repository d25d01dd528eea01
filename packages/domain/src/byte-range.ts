/** Bytes from `start` up to `end`. */
export interface ByteRange {
  readonly start: number;
  /** First byte not included. */
  readonly end: number;
}
