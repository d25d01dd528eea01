import { isIPv6 } from 'node:net';

/**
 * Every address that a connection to `address` may reach: the IPv4 address alone for one mapped into IPv6
 * (`::ffff:127.0.0.1`, also written `::ffff:7f00:1`), and both for one that a translator, a tunnel or a relay turns into IPv4.
 */
export function addressesIn(address: string): readonly string[] {
  const [plain = ''] = address.replace(/^\[(.*)\]$/, '$1').split('%'); // without brackets and zone
  if (!isIPv6(plain)) return [plain];
  const groups = groupsOf(plain);
  if (startsWith(groups, [0, 0, 0, 0, 0, 0xffff])) return [dotted(groups.slice(6))];
  return [plain, ...embedded(groups)];
}

/** IPv4 addresses inside an IPv6 one, each where the RFC of its prefix puts it. */
function embedded(groups: readonly number[]): readonly string[] {
  const last = dotted(groups.slice(6));
  if (startsWith(groups, [0, 0, 0, 0, 0, 0])) return [last]; // ::a.b.c.d, RFC 4291
  if (startsWith(groups, [0, 0, 0, 0, 0xffff, 0])) return [last]; // ::ffff:0:a.b.c.d, RFC 2765
  if (startsWith(groups, [0x64, 0xff9b])) return [last]; // 64:ff9b::/96 and 64:ff9b:1::/48, RFC 6052 and 8215
  if (startsWith(groups, [0x2002])) return [dotted(groups.slice(1, 3))]; // 6to4, RFC 3056
  // Teredo, RFC 4380: the server, and the client with every bit turned
  if (startsWith(groups, [0x2001, 0]))
    return [groups.slice(2, 4), groups.slice(6).map((each) => 0xffff - each)].map(dotted);
  // ISATAP, RFC 5214: any prefix, then 0:5efe or 200:5efe
  return groups[5] === 0x5efe && (groups[4] === 0 || groups[4] === 0x200) ? [last] : [];
}

const startsWith = (groups: readonly number[], prefix: readonly number[]): boolean =>
  prefix.every((each, at) => groups[at] === each);

/** The eight numbers of an IPv6 address in any spelling. */
function groupsOf(address: string): readonly number[] {
  // the one spelling of RFC 5952, as URLs have it
  const [head = '', tail] = new URL(`http://[${address}]/`).hostname.slice(1, -1).split('::');
  const read = (part: string) => (part === '' ? [] : part.split(':').map((each) => Number.parseInt(each, 16)));
  const [before, after] = [read(head), read(tail ?? '')];
  return [...before, ...Array.from({ length: 8 - before.length - after.length }, () => 0), ...after];
}

const dotted = (groups: readonly number[]): string =>
  groups.flatMap((each) => [Math.floor(each / 256), each % 256]).join('.');
