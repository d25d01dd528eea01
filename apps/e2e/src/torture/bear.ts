import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { makeAppliance } from '../sample-appliance.ts';
import { type Service, startService } from '../service.ts';
import { compareDisks } from '../verify.ts';
import { type Client, createClient } from './client.ts';
import type { Hardship } from './hardship.ts';
import { filesUnder, importsLeftAt, leftOverAt } from './left-over.ts';

const mib = 1024 ** 2;
const needed = ['--net', 'Frontend=VM Network', '--net', 'Backend=VM Network', '--accept-eula'] as const;
interface Scene {
  readonly hardship: Hardship;
  readonly folder: string;
  readonly data: string;
  readonly client: Client;
  readonly service: Service;
}

/** First while it is hard, then when all is well: the same command, at the same service. */
async function importAndExport({ hardship, folder, data, client, service }: Scene): Promise<readonly string[]> {
  const sample = await makeAppliance({ folder: join(folder, 'sample'), name: 'sample', capacities: [40 * mib] });
  const { url, thumbprint, pid } = service;
  const target = [url.replace('//', '//admin@'), '--thumbprint', thumbprint, '--json'];
  const args = ['import', sample.folder, '--to', ...target, '-n', 'torture', ...needed];
  await hardship.begin({ data, pid });
  const hard = client.once(args);
  const early = await Promise.race([hard, sleep(hardship.maxMs)]);
  await hardship.end({ data, pid });
  await hard;
  // it fails, or waits until the hardship is over
  if (early?.exitCode === 0 && !hardship.isBearable) return ['the import succeeds where it cannot'];
  const path = join(folder, 'exported.ova');
  const imported = await hard.then((ended) => (ended.exitCode === 0 ? ended : client.untilItSucceeds(args)));
  if (imported.exitCode !== 0) return [`the import never succeeds: ${imported.stderr.trim()}`];
  const exported = await client.untilItSucceeds(['export', 'torture', '--from', ...target, '-o', path]);
  if (exported.exitCode !== 0) return [`the export never succeeds: ${exported.stderr.trim()}`];
  return compareDisks(sample.folder, path).then(
    () => [],
    (error: unknown) => [`the disks are not the same: ${String(error)}`],
  );
}

async function lookAround({ data, client, service }: Scene): Promise<readonly string[]> {
  const kept = await filesUnder(client.home);
  return [
    ...(await importsLeftAt(service)),
    ...(await leftOverAt(service, data)),
    ...kept.map((file) => `the client left ${file}`),
    ...client.log.filter((line) => line.includes('failed (1)')).map((line) => `a fault of the program: ${line}`),
  ];
}

/**
 * A package goes in and out of a service that lacks something for a while. Resolves to what must not be, one sentence each, and to how each
 * command ended.
 */
export async function bear(
  hardship: Hardship,
  folder: string,
): Promise<{ readonly problems: readonly string[]; readonly log: readonly string[] }> {
  const data = join(folder, 'data');
  await hardship.prepare(data);
  try {
    const client = createClient(folder);
    const service = await startService({ data, env: hardship.env });
    const scene = { hardship, folder, data, client, service };
    try {
      const problems = await importAndExport(scene);
      return { problems: [...problems, ...(problems.length > 0 ? [] : await lookAround(scene))], log: client.log };
    } finally {
      await service.stop();
    }
  } finally {
    await hardship.cleanUp(data);
  }
}
