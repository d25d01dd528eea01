const size = 1024 ** 2;

/**
 * A few buffers used in turn, for bytes that are written before the next ones are asked for: the file that is being read is one chunk
 * ahead, so a chunk is overwritten three chunks later.
 */
export function createBuffers(): (wanted: number) => Uint8Array {
  const buffers = Array.from({ length: 4 }, () => Buffer.allocUnsafeSlow(size));
  let turn = 0;
  return (wanted) => {
    turn = (turn + 1) % buffers.length;
    const buffer = buffers[turn];
    return buffer === undefined || wanted > buffer.length ? Buffer.allocUnsafe(wanted) : buffer.subarray(0, wanted);
  };
}
