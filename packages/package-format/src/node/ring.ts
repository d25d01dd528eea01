const bufferSize = 1024 * 1024;

/**
 * A few buffers used in turn, for bytes that nobody keeps without a copy: the file that is being read is one chunk ahead, so a chunk is
 * overwritten three chunks later. They are no Buffers, whose `slice` would not copy.
 */
export function createRing(): (size: number) => Uint8Array {
  const ring = Array.from({ length: 4 }, () => new Uint8Array(bufferSize));
  let turn = 0;
  return (size) => {
    turn = (turn + 1) % ring.length;
    const buffer = ring[turn];
    return buffer === undefined || size > buffer.length ? new Uint8Array(size) : buffer.subarray(0, size);
  };
}
