import { BlockList, isIP, type Server, type Socket } from 'node:net';
import { clientKey } from './client-key.ts';

export interface ConnectionLimits {
  readonly total: number;
  readonly perClient: number;
  /** Networks and addresses whose connections are those of many clients. */
  readonly proxies: readonly string[];
}

/**
 * Closes what is too much at once, before TLS: whoever opens all connections there are would shut out everyone else.
 * No answer can be given then.
 */
export function limitConnections(server: Server, { total, perClient, proxies }: ConnectionLimits): void {
  if (Number.isFinite(total)) server.maxConnections = total;
  const trusted = networks(proxies);
  const open = new Map<string, number>();
  server.on('connection', (socket: Socket) => {
    const address = socket.remoteAddress;
    // none: it is gone already
    if (address === undefined || trusted.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4')) return;
    const client = clientKey(address);
    const count = (open.get(client) ?? 0) + 1;
    if (count > perClient) {
      socket.destroy();
      return;
    }
    open.set(client, count);
    socket.once('close', () => {
      const left = (open.get(client) ?? 0) - 1;
      if (left > 0) open.set(client, left);
      else open.delete(client);
    });
  });
}

function networks(texts: readonly string[]): BlockList {
  const list = new BlockList();
  for (const text of texts) {
    const [address = '', bits] = text.split('/');
    const isSix = isIP(address) === 6;
    list.addSubnet(address, Number(bits ?? (isSix ? 128 : 32)), isSix ? 'ipv6' : 'ipv4');
  }
  return list;
}
