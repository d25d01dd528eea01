/** Numbers from 0 up to, not including, `limit`; the same for the same seed. */
export type Random = (limit: number) => number;

const modulus = 2_147_483_647;

/** Park and Miller's generator: small, and good enough to choose where to damage a file. */
export function createRandom(seed: number): Random {
  let state = (seed % (modulus - 1)) + 1;
  return (limit) => {
    state = (state * 48_271) % modulus;
    return Math.floor((state / modulus) * limit);
  };
}

/** Values that limits and conversions trip over. */
const interesting = [0, 1, 7, 8, 127, 128, 254, 255];
const words = [
  '-1',
  '0',
  '99999999999999999999',
  '18446744073709551616',
  '${',
  '../',
  '\0',
  ']]>',
  '&lt;',
  '<a>',
  'NaN',
  '1e9',
];

function put(bytes: Uint8Array, at: number, part: Uint8Array): Uint8Array {
  const copy = bytes.slice();
  copy.set(part.subarray(0, Math.max(0, copy.length - at)), Math.min(at, copy.length));
  return copy;
}

function splice(
  bytes: Uint8Array,
  { at, remove, insert }: { at: number; remove: number; insert: Uint8Array },
): Uint8Array {
  const tail = bytes.subarray(Math.min(bytes.length, at + remove));
  const all = new Uint8Array(at + insert.length + tail.length);
  all.set(bytes.subarray(0, at));
  all.set(insert, at);
  all.set(tail, at + insert.length);
  return all;
}

/** Mostly at the front, where headers are. */
function place(random: Random, size: number): number {
  return random(3) === 0 ? random(Math.min(size, 1024)) : random(size);
}

function mutateOnce(bytes: Uint8Array, { random, other }: { random: Random; other: Uint8Array }): Uint8Array {
  const size = Math.max(1, bytes.length);
  const at = place(random, size);
  const length = 1 + random(64);
  const none = new Uint8Array(0);
  switch (random(8)) {
    case 0:
      return put(bytes, at, Uint8Array.of(random(256)));
    case 1:
      return put(bytes, at, new Uint8Array(1 + random(8)).fill(interesting[random(interesting.length)] ?? 0));
    case 2:
      return bytes.subarray(0, at);
    case 3:
      return splice(bytes, { at, remove: length, insert: none });
    case 4:
      return splice(bytes, { at, remove: 0, insert: bytes.subarray(place(random, size)).subarray(0, length * 8) });
    case 5:
      return splice(bytes, { at, remove: random(12), insert: new TextEncoder().encode(words[random(words.length)]) });
    case 6:
      return splice(bytes, {
        at,
        remove: length,
        insert: other.subarray(random(other.length + 1)).subarray(0, length * 4),
      });
    default:
      return put(bytes, at - (at % 512), other.subarray(0, 512));
  }
}

/** `bytes` with one to six kinds of damage; now and then parts of `other`. */
export function mutate(bytes: Uint8Array, { random, other }: { random: Random; other: Uint8Array }): Uint8Array {
  let result = bytes;
  for (let count = 1 + random(6); count > 0; count -= 1) result = mutateOnce(result, { random, other });
  return result;
}
