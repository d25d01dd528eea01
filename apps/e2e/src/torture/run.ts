import { X509Certificate } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { serveFolder } from '../file-server.ts';
import { openVcenterRest } from '../vcenter-rest.ts';
import { compareDisks } from '../verify.ts';
import { type Client, createClient, stallSeconds } from './client.ts';
import { type PlannedFault, planFaults, type Traffic, type Victim } from './fault.ts';
import { type FaultProxy, startFaultProxy } from './fault-proxy.ts';
import { createLedger, type Ledger } from './ledger.ts';
import { filesUnder, leftOverAt } from './left-over.ts';
import { neighbour } from './neighbour.ts';
import { createRandom, type Random } from './random.ts';
import { asPlain, type Form, makeRandomPackage, type RandomPackage } from './random-package.ts';
import { type ServiceHost, startServiceHost } from './service-host.ts';

/** How one run went. */
export interface RunOutcome {
  readonly seed: number;
  /** What was moved, and how. */
  readonly about: string;
  /** What must not be, one sentence each. */
  readonly problems: readonly string[];
  /** Commands and faults, for whoever looks into it. */
  readonly log: readonly string[];
}

/** A certificate and its key, PEM. */
interface Identity {
  readonly key: string;
  readonly cert: string;
}

interface Options {
  readonly seed: number;
  readonly form: Form;
  /** Of the run alone; it leaves its files there. */
  readonly folder: string;
  /** Of the proxy. */
  readonly identity: Identity;
}

/** All that takes part in a run. */
interface Scene {
  readonly random: Random;
  readonly folder: string;
  readonly sample: RandomPackage;
  readonly client: Client;
  readonly host: ServiceHost;
  readonly ledger: Ledger;
  readonly proxy: FaultProxy;
  /** Options of every command that name the proxy. */
  readonly target: readonly string[];
  readonly kill: (victim: Victim) => Promise<void>;
  /** Faults of other proxies that happened, in words. */
  readonly met: string[];
  /** Whether somebody else imports the package at the same time. */
  readonly hasNeighbour: boolean;
}

function trafficOf({ url = '', method = '' }: IncomingMessage): Traffic {
  if (url.startsWith('/ovf/transfer/')) return method === 'GET' ? 'download' : 'upload';
  return method === 'DELETE' && url.endsWith('/cis/session') ? 'logout' : 'call';
}

const needed = ['--net', 'Frontend=VM Network', '--net', 'Backend=VM Network', '--accept-eula'] as const;
const name = 'torture';
/** Makes of a seed that of another draw: what the seed itself draws stays what it was. */
const neighbourhood = 0x5eed;

async function openScene({ seed, form, folder, identity }: Options): Promise<Scene> {
  const random = createRandom(seed);
  const sample = await makeRandomPackage(random, { folder, name: `sample-${seed}`, form });
  const client = createClient(folder);
  const host = await startServiceHost(join(folder, 'data'), ['--limits-stall-timeout', `${stallSeconds}s`]);
  const ledger = createLedger();
  const kill = async (victim: Victim): Promise<void> => {
    if (victim === 'client') client.kill();
    else await host.crash();
  };
  const ca = await readFile((await host.current()).certificate, 'utf8');
  const proxy = await startFaultProxy({ upstream: host.url, ca, identity, trafficOf, ledger, kill });
  const thumbprint = new X509Certificate(identity.cert).fingerprint256;
  const target = [proxy.url.replace('//', '//admin@'), '--thumbprint', thumbprint, '--json'];
  const hasNeighbour = createRandom(seed + neighbourhood).fraction() < 0.3;
  return { random, folder, sample, client, host, ledger, proxy, target, kill, met: [], hasNeighbour };
}

/** Nobody can know of a wrong bit in a file without a digest. */
const canBeKnown =
  ({ hasManifest }: RandomPackage) =>
  ({ fault }: PlannedFault): boolean =>
    hasManifest || fault.kind !== 'corrupt';

async function push({ random, sample, client, proxy, target, folder }: Scene): Promise<readonly string[]> {
  const faults = planFaults(random, { call: 20, upload: sample.files + 3 }).filter(canBeKnown(sample));
  proxy.plan(faults);
  const path = join(sample.folder, sample.name);
  await mkdir(folder, { recursive: true });
  const pipe = sample.name.endsWith('.ova') && random.pick([true, false]) ? path : undefined;
  const source = pipe === undefined ? path : '-';
  const ended = await client.untilItSucceeds(['import', source, '--to', ...target, '-n', name, ...needed], { pipe });
  return ended.exitCode === 0 ? [] : [`the import never succeeds: ${ended.stderr.trim()}`];
}

/** The service fetches the package, through a proxy of its own. */
async function pull({ random, sample, client, proxy, target, kill, met }: Scene): Promise<readonly string[]> {
  const files = await serveFolder(sample.folder, 'http');
  const source = await startFaultProxy({ upstream: new URL(files.url), trafficOf: () => 'download', kill });
  try {
    proxy.plan(planFaults(random, { call: 15 }));
    source.plan(planFaults(random, { download: sample.files + 3 }).filter(canBeKnown(sample)));
    const url = `${source.url}/${sample.name}`;
    const ended = await client.untilItSucceeds(['import', url, '--to', ...target, '-n', name, ...needed]);
    return ended.exitCode === 0 ? [] : [`the import by URL never succeeds: ${ended.stderr.trim()}`];
  } finally {
    met.push(...source.met().map((line) => `at the source: ${line}`));
    await source.close();
    await files.close();
  }
}

async function exportAndCompare({ random, sample, client, proxy, target, folder }: Scene): Promise<readonly string[]> {
  proxy.plan(planFaults(random, { call: 12, download: sample.files + 1 }));
  const path = join(folder, 'exported', random.pick(['package', 'package.ova']));
  await mkdir(join(folder, 'exported'));
  const ended = await client.untilItSucceeds(['export', name, '--from', ...target, '-o', path]);
  if (ended.exitCode !== 0) return [`the export never succeeds: ${ended.stderr.trim()}`];
  const differs = await asPlain(path, join(folder, 'exported-plain'))
    .then((plain) => compareDisks(sample.plain, plain))
    .then(
      () => [],
      (error: unknown) => [`the disks are not the same: ${String(error)}`],
    );
  const exported = await filesUnder(join(folder, 'exported'));
  return [...differs, ...exported.filter((file) => file.includes('.part')).map((file) => `${file} is left`)];
}

const shelf = 'shelf';

/** Into the content library, and out of it as a machine in place of the one there was. */
async function throughLibrary({ random, client, host, proxy, target }: Scene): Promise<readonly string[]> {
  const rest = await openVcenterRest(await host.current());
  const library = await rest.createLibrary(shelf);
  const [first] = await rest.listVms();
  proxy.plan(planFaults(random, { call: 14 }));
  const stored = await client.untilItSucceeds([
    'export',
    name,
    '--from',
    ...target,
    '--to-library',
    shelf,
    '--name',
    'item',
  ]);
  if (stored.exitCode !== 0) return [`the export into the library never succeeds: ${stored.stderr.trim()}`];
  const after = await openVcenterRest(await host.current());
  const items = await after.listItems(library);
  await after.deleteVm(first?.vm ?? '');
  proxy.plan(planFaults(random, { call: 14 }));
  const made = await client.untilItSucceeds([
    ...['import', `library:${shelf}/item`, '--to', ...target],
    ...['-n', name, '--accept-eula'],
  ]);
  const once = items.length === 1 ? [] : [`${items.length} items are in the library`];
  if (made.exitCode !== 0) return [...once, `the import of the item never succeeds: ${made.stderr.trim()}`];
  proxy.plan([]);
  const last = await openVcenterRest(await host.current());
  for (const item of await last.listItems(library)) await last.deleteItem(item);
  return once;
}

const isBug = (line: string): boolean => line.includes('failed (1)');

async function play(scene: Scene): Promise<readonly string[]> {
  const { client, host, ledger, proxy, folder, sample } = scene;
  const source = join(sample.folder, sample.name);
  const problems = await Promise.all([
    scene.random.fraction() < 0.2 ? pull(scene) : push(scene),
    scene.hasNeighbour ? neighbour({ folder: join(folder, 'neighbour'), host, source, needed }) : [],
  ]);
  const imported = problems.flat();
  if (imported.length === 0 && scene.random.fraction() < 0.25) imported.push(...(await throughLibrary(scene)));
  const exported = imported.length > 0 ? [] : await exportAndCompare(scene);
  proxy.plan([]);
  // who fails for good may leave a session until its time is over; then there is enough to tell
  const left = imported.length > 0 ? [] : await leftOverAt(await host.current(), join(folder, 'data'));
  const kept = await filesUnder(client.home);
  return [
    ...imported,
    ...exported,
    ...ledger.problems(),
    ...left,
    ...kept.map((file) => `the client left ${file}`),
    ...client.log.filter(isBug).map((line) => `a fault of the program: ${line}`),
  ];
}

/** One run: a package in, and out again, whatever happens meanwhile; then everything is looked at. */
export async function tortureRun(options: Options): Promise<RunOutcome> {
  const scene = await openScene(options);
  const { client, host, proxy, sample } = scene;
  const problems: string[] = [];
  try {
    problems.push(...(await play(scene)));
  } finally {
    await proxy.close();
    await host.stop().catch((error: unknown) => problems.push(String(error)));
  }
  const met = [...proxy.met(), ...scene.met];
  return {
    seed: options.seed,
    about: `${sample.about}${scene.hasNeighbour ? ', beside a neighbour' : ''}; ${met.length} faults, ${client.log.length} commands`,
    problems,
    log: [...met, ...client.log],
  };
}
