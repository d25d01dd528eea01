import { once } from 'node:events';
import { connect } from 'node:net';
import type { InventoryServices } from '@ovfkit/domain';
import { toSessionError } from '@ovfkit/rest';
import { CliError } from '../errors.ts';
import type { Walk } from './hop.ts';

/** Where hosts listen. */
export interface HostPorts {
  /** Disks go there. */
  readonly main: number;
  /** Older ways of copying them take it. */
  readonly old: number;
}

const hostPorts: HostPorts = { main: 443, old: 902 };
const timeoutMs = 5_000;
/** Of more hosts than anybody reads about only the first are tried. */
const mostHosts = 32;

export interface HostWalk {
  readonly inventory: Pick<InventoryServices, 'host'>;
  readonly signal: AbortSignal;
  /** Those of vSphere when absent. */
  readonly ports?: HostPorts | undefined;
}

const leaseHint =
  'Only a lease sends to hosts: open port 443 from here to them, or take --via library, or a gateway (ovfkitd) near them.';

/** Tries the ports of every host from here, which only a lease needs; `reached` for each that takes disks. */
export async function walkHosts(
  walk: Walk,
  { inventory, signal, ports = hostPorts }: HostWalk,
): Promise<readonly ('reached' | undefined)[]> {
  const hosts = await inventory.host.list({}, { signal }).catch(() => []);
  return Promise.all(
    hosts.slice(0, mostHosts).map(({ name }) =>
      walk.side(`host ${name}`, async () => {
        const [main, old] = await Promise.all(
          [ports.main, ports.old].map((port) => tryPort({ host: name, port, signal })),
        );
        if (main !== undefined) throw new CliError('network', main, { hint: leaseHint });
        const also = old === undefined ? `port ${ports.old} too` : `port ${ports.old} does not`;
        return { detail: `port ${ports.main} answers, ${also}`, value: 'reached' as const };
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
    const isSilent = error instanceof Error && error.name === 'AbortError';
    return isSilent
      ? `port ${port}: no answer in ${timeoutMs / 1000} s`
      : toSessionError(error, urlOf(host, port)).message;
  } finally {
    socket.destroy();
  }
}

const urlOf = (host: string, port: number): URL =>
  new URL(`https://${host.includes(':') ? `[${host}]` : host}:${port}`);
