import { isIPv6 } from 'node:net';

/**
 * Every address that a connection to `address` reaches: the IPv4 address alone for one mapped into IPv6 (`::ffff:127.0.0.1`, also written
 * `::ffff:7f00:1`), and both for one that a translator turns into IPv4 (`64:ff9b::`, RFC 6052; `::a.b.c.d`, RFC 4291).
 */
export function addressesIn(address: string): readonly string[] {
  const [plain = ''] = address.replace(/^\[(.*)\]$/, '$1').split('%'); // without brackets and zone
  if (!isIPv6(plain)) return [plain];
  const [, prefix, high, low] = /^(::ffff:|64:ff9b::|::)([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(canonical(plain)) ?? [];
  if (high === undefined || low === undefined) return [plain];
  const inside = [high, low]
    .map((half) => Number.parseInt(half, 16))
    .flatMap((half) => [Math.floor(half / 256), half % 256])
    .join('.');
  return prefix === '::ffff:' ? [inside] : [plain, inside];
}

/** The one spelling of RFC 5952, as URLs have it. */
const canonical = (address: string): string => new URL(`http://[${address}]/`).hostname.slice(1, -1);
