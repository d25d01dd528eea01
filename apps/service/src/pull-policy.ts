import { BlockList, isIP } from 'node:net';

export interface PullPolicy {
  /** Networks that are allowed although they are refused by default. */
  readonly allow: readonly string[];
  /** Networks that are refused; wins over `allow`. */
  readonly deny: readonly string[];
  /** Only when whoever reaches the service is on this machine already. */
  readonly mayPullFromLoopback: boolean;
}

const loopback = ['127.0.0.0/8', '::1/128'];

// What a pull could misuse. Private ranges are not here: artifact servers inside a network are the normal case.
const refused = [
  '0.0.0.0/8', // unspecified, "this network"
  '169.254.0.0/16', // link-local, and the metadata service of most clouds
  '100.100.100.200/32', // metadata service
  '192.0.0.192/32', // metadata service
  '192.88.99.0/24', // relays of 6to4
  '168.63.129.16/32', // metadata service
  '224.0.0.0/4', // multicast
  '240.0.0.0/4', // reserved, and broadcast
  '::/128', // unspecified
  'fe80::/10', // link-local
  'ff00::/8', // multicast
  'fd00:ec2::254/128', // metadata service
  'fd20:ce::254/128', // metadata service
  'fd00:42::42/128', // metadata service
  // IPv4 in disguise. Whoever allows one of these, for a network behind a translator, still has the address inside checked.
  '::/96',
  '::ffff:0:0:0/96',
  '64:ff9b::/96',
  '64:ff9b:1::/48',
  '2001::/32',
  '2002::/16',
];

/** Whether the server may connect to an address for a pull (design, section 6). */
export function createPullPolicy({ allow, deny, mayPullFromLoopback }: PullPolicy): (address: string) => boolean {
  const denied = blockList(deny);
  const allowed = blockList([...allow, ...(mayPullFromLoopback ? loopback : [])]);
  const byDefault = blockList([...refused, ...loopback]);
  return (text) => {
    const [address = ''] = text.split('%'); // fe80::1%eth0
    const version = isIP(address);
    if (version === 0) return false;
    const family = version === 6 ? 'ipv6' : 'ipv4';
    if (denied.check(address, family)) return false;
    return allowed.check(address, family) || !byDefault.check(address, family);
  };
}

function blockList(networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [address = '', bits] = network.split('/');
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    list.addSubnet(address, Number(bits ?? (family === 'ipv6' ? 128 : 32)), family);
  }
  return list;
}
