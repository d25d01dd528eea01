import { noise } from '@ovfkit/conformance';
import type { ByteRange } from '@ovfkit/domain';

/** A prime, so that pieces of round sizes never line up with the pattern. */
const period = 99_991;
const pattern = noise(period);

/** A range of an endless file. */
export const repeated = ({ start, end }: ByteRange): Uint8Array =>
  Uint8Array.from({ length: end - start }, (_, index) => pattern[(start + index) % period] ?? 0);
