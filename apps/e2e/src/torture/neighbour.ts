import { setTimeout as sleep } from 'node:timers/promises';
import { openVcenterRest } from '../vcenter-rest.ts';
import { createClient } from './client.ts';
import { filesUnder } from './left-over.ts';
import type { ServiceHost } from './service-host.ts';

interface Neighbourhood {
  /** Of the neighbour alone. */
  readonly folder: string;
  readonly host: ServiceHost;
  /** Path of the package. */
  readonly source: string;
  /** Options that its import needs. */
  readonly needed: readonly string[];
}

const name = 'neighbour';
const attempts = 10;

/** Over again while the service comes back. */
async function deleteMachine(host: ServiceHost): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      const rest = await openVcenterRest(await host.current());
      for (const { vm } of (await rest.listVms()).filter((each) => each.name === name)) await rest.deleteVm(vm);
      return;
    } catch (error) {
      if (attempt === attempts) throw error;
      await sleep(200);
    }
  }
}

/**
 * Somebody else who imports the same package meanwhile, on a line where nothing breaks, and deletes what it made: the two share their
 * bytes, and neither may take any from the other. Resolves to what must not be, one sentence each.
 */
export async function neighbour({ folder, host, source, needed }: Neighbourhood): Promise<readonly string[]> {
  const client = createClient(folder);
  const { thumbprint } = await host.current();
  const target = [host.url.href.replace('//', '//admin@'), '--thumbprint', thumbprint, '--json'];
  const ended = await client.untilItSucceeds(['import', source, '--to', ...target, '-n', name, ...needed]);
  if (ended.exitCode !== 0) return [`the neighbour's import never succeeds: ${ended.stderr.trim()}`];
  await deleteMachine(host);
  return (await filesUnder(client.home)).map((file) => `the neighbour left ${file}`);
}
