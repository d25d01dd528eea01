import { once } from 'node:events';
import { connect } from 'node:net';
import type { InventoryServices } from '@ovfkit/domain';
import { SessionError } from '@ovfkit/domain';
import type { Walk } from './hop.ts';

/** Disks go to 443 of a host; older ways of copying them take 902. */
const ports = [443, 902] as const;
const timeoutMs = 5_000;
/** Of more hosts than anybody reads about only the first are tried. */
const mostHosts = 32;

/** Tries the ports of every host from here, which only a lease needs; `reached` for each that takes disks. */
export async function walkHosts(
  walk: Walk,
  { inventory, signal }: { readonly inventory: InventoryServices; readonly signal: AbortSignal },
): Promise<readonly ('reached' | undefined)[]> {
  const hosts = await inventory.host.list({}, { signal }).catch(() => []);
  return Promise.all(
    hosts.slice(0, mostHosts).map(({ name }) =>
      walk.side(`host ${name}`, async () => {
        const [main, old] = await Promise.all(ports.map((port) => tryPort({ host: name, port, signal })));
        if (main !== undefined) throw new SessionError('RESOURCE_INACCESSIBLE', `port ${ports[0]}: ${main}`);
        const also = old === undefined ? `port ${ports[1]} too` : `port ${ports[1]} does not`;
        return { detail: `port ${ports[0]} answers, ${also}`, value: 'reached' as const };
      }),
    ),
  );
}

/** Why a port does not answer; nothing when it does. */
async function tryPort({
  host,
  port,
  signal,
}: {
  readonly host: string;
  readonly port: number;
  readonly signal: AbortSignal;
}): Promise<string | undefined> {
  const socket = connect({ host, port });
  try {
    await once(socket, 'connect', { signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]) });
    return undefined;
  } catch (error) {
    signal.throwIfAborted();
    return error instanceof Error && error.name !== 'AbortError' ? error.message : `no answer in ${timeoutMs / 1000} s`;
  } finally {
    socket.destroy();
  }
}
