import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Service, startService } from '../service.ts';
import { compareDisks } from '../verify.ts';
import { type Client, createClient } from './client.ts';
import type { Hardship } from './hardship.ts';
import { filesUnder, leftOverAt } from './left-over.ts';
import type { Random } from './random.ts';
import { asPlain, type Form, makeRandomPackage } from './random-package.ts';

const mib = 1024 ** 2;
const needed = ['--net', 'Frontend=VM Network', '--net', 'Backend=VM Network', '--accept-eula'] as const;
interface Scene {
  readonly hardship: Hardship;
  readonly random: Random;
  readonly form: Form;
  readonly folder: string;
  readonly data: string;
  readonly client: Client;
  readonly service: Service;
}

/** First while it is hard, then when all is well: the same command, at the same service. */
async function importAndExport({
  hardship,
  random,
  form,
  folder,
  data,
  client,
  service,
}: Scene): Promise<readonly string[]> {
  const sample = await makeRandomPackage(random, { folder, name: 'sample', form, atLeast: 40 * mib });
  const { url, thumbprint, pid } = service;
  const target = [url.replace('//', '//admin@'), '--thumbprint', thumbprint, '--json'];
  const args = ['import', join(sample.folder, sample.name), '--to', ...target, '-n', 'torture', ...needed];
  await hardship.begin({ data, pid });
  const hard = client.once(args, { files: hardship.clientFiles });
  const early = await Promise.race([hard, sleep(hardship.maxMs)]);
  await hardship.end({ data, pid });
  await hard;
  // it fails, or waits until the hardship is over
  if (early?.exitCode === 0 && !hardship.isBearable) return ['the import succeeds where it cannot'];
  const path = join(folder, random.pick(['exported.ova', 'exported']));
  const imported = await hard.then((ended) => (ended.exitCode === 0 ? ended : client.untilItSucceeds(args)));
  if (imported.exitCode !== 0) return [`the import never succeeds: ${imported.stderr.trim()}`];
  const exporting = ['export', 'torture', '--from', ...target, '-o', path];
  const first = await client.once(exporting, { files: hardship.clientFiles });
  const exported = first.exitCode === 0 ? first : await client.untilItSucceeds(exporting);
  if (exported.exitCode !== 0) return [`the export never succeeds: ${exported.stderr.trim()}`];
  const plain = await asPlain(path, join(folder, 'exported-plain'));
  return compareDisks(sample.plain, plain).then(
    () => [],
    (error: unknown) => [`the disks are not the same: ${String(error)}`],
  );
}

async function lookAround({ data, client, service }: Scene): Promise<readonly string[]> {
  const kept = await filesUnder(client.home);
  return [
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
  { folder, random, form }: { readonly folder: string; readonly random: Random; readonly form: Form },
): Promise<{ readonly problems: readonly string[]; readonly log: readonly string[] }> {
  const data = join(folder, 'data');
  await hardship.prepare(data);
  try {
    const client = createClient(folder);
    const service = await startService({ data, env: hardship.env });
    const scene = { hardship, random, form, folder, data, client, service };
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
