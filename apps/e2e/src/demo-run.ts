import { open, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { type Demo, openDemo } from './demo-scene.ts';
import { makeAppliance } from './sample-appliance.ts';
import type { Steps } from './steps.ts';
import { openVcenterRest } from './vcenter-rest.ts';
import { compareDisks, listArchive, verifyManifest } from './verify.ts';

export interface DemoOptions {
  /** An empty folder; whoever made it removes it. */
  readonly folder: string;
  readonly steps: Steps;
  readonly signal: AbortSignal;
}

const mapping = ['--net', 'Frontend=VM Network', '--net', 'Backend=VM Network', '--accept-eula'] as const;
const megabytes = (size: number): string => `${Math.round(size / 1024 ** 2)} MiB`;

/** Imports and exports with the built programs, and checks everything. @throws Error naming what went wrong */
export async function runDemo({ folder, steps, signal }: DemoOptions): Promise<void> {
  const demo = await openDemo({ folder, steps, signal });
  try {
    await importByPush(demo);
    await importByPull(demo);
    const names = await listVms(demo);
    signal.throwIfAborted();
    await exportArchive(demo);
    signal.throwIfAborted();
    await exportFolder(demo);
    signal.throwIfAborted();
    await refuseCorrupted(demo, names);
  } finally {
    await demo.close();
  }
}

const importedFrom = (states: readonly string[]): string => {
  const last = states.at(-1);
  if (last !== 'IMPORT_COMPLETED') throw new Error(`the session ended in ${last ?? 'no state'}`);
  return `${states.length} states, the last is ${last}`;
};

async function importByPush({ steps, ovfkit, appliance, archive }: Demo): Promise<void> {
  await steps.step(`Import ${basename(archive)} by push`, async () => {
    const { states, result } = await ovfkit([
      'import',
      archive,
      '--to',
      'demo',
      '-n',
      'pushed',
      ...mapping,
      '--prop',
      'hostname=web01',
      '--json',
    ]);
    return { said: `${result['vmId']}: ${importedFrom(states)}, ${megabytes(appliance.size)}`, value: undefined };
  });
}

async function importByPull({ steps, ovfkit, files, appliance }: Demo): Promise<void> {
  await steps.step(
    'Import it again by pull: the service fetches it over HTTPS, the certificate is pinned',
    async () => {
      const { states, result } = await ovfkit([
        'import',
        `${files.url}${basename(appliance.descriptor)}`,
        '--to',
        'demo',
        '-n',
        'pulled',
        ...mapping,
        '--deployment-option',
        'large',
        '--source-thumbprint',
        files.thumbprint,
        '--json',
      ]);
      return { said: `${result['vmId']}: ${importedFrom(states)}`, value: undefined };
    },
  );
}

async function listVms({ steps, service }: Demo): Promise<readonly string[]> {
  return steps.step('List the virtual machines over REST: GET /rest/vcenter/vm', async () => {
    const vms = await (await openVcenterRest(service)).listVms();
    for (const { vm, name, cpus } of vms) steps.note(`${vm}  ${name}  ${cpus} CPUs`);
    const large = vms.find(({ name }) => name === 'pulled');
    if (large?.cpus !== 4) throw new Error('the deployment option large has 4 CPUs, the virtual machine has not');
    const names = vms.map(({ name }) => name).toSorted();
    if (names.join() !== 'pulled,pushed') throw new Error(`expected pulled and pushed, found ${names.join()}`);
    return { said: `${names.length} virtual machines`, value: names };
  });
}

async function exportArchive({ steps, ovfkit, folder, appliance }: Demo): Promise<void> {
  const path = join(folder, 'exported.ova');
  await steps.step('Export one as an archive', async () => {
    await ovfkit(['export', 'pushed', '--from', 'demo', '-o', path, '--json']);
    return { said: `${basename(path)}, ${megabytes((await stat(path)).size)}`, value: undefined };
  });
  await steps.step('Read it with tar, compare its disks byte for byte with the original', async () => {
    const { names, reader } = await listArchive(path);
    for (const name of names) steps.note(name);
    const size = await compareDisks(appliance.folder, path);
    return {
      said: `${reader} lists ${names.length} members; ${megabytes(size)} of disks are identical`,
      value: undefined,
    };
  });
}

async function exportFolder({ steps, ovfkit, folder, appliance }: Demo): Promise<void> {
  const path = join(folder, 'exported');
  await steps.step('Export the other one as a folder', async () => {
    await ovfkit(['export', 'pulled', '--from', 'demo', '-o', path, '--json']);
    return { said: `${basename(path)}/`, value: undefined };
  });
  await steps.step('Verify its manifest, compare its disks byte for byte with the original', async () => {
    const said = await verifyManifest(join(path, 'pulled.mf'));
    const size = await compareDisks(appliance.folder, path);
    return { said: `${said}; ${megabytes(size)} of disks are identical`, value: undefined };
  });
}

/** Another package, for of this one the service has the bytes already and takes no others; one byte of its second disk is changed. */
async function damage({ folder }: Demo): Promise<string> {
  // disks of one content would be sent once: the second one would not be read
  const capacities = [1024 ** 2, 3 * 1024 ** 2];
  const { disks } = await makeAppliance({ folder: join(folder, 'damaged'), name: 'damaged', capacities });
  const disk = join(folder, 'damaged', basename(disks[1] ?? ''));
  const file = await open(disk, 'r+');
  try {
    const { size } = await file.stat();
    const byte = Buffer.alloc(1);
    await file.read(byte, 0, 1, Math.floor(size / 2));
    await file.write(Buffer.from([255 - (byte[0] ?? 0)]), 0, 1, Math.floor(size / 2));
  } finally {
    await file.close();
  }
  return disk;
}

async function refuseCorrupted(demo: Demo, before: readonly string[]): Promise<void> {
  const { steps, ovfkit, folder, service } = demo;
  await steps.step('Try a package of which one byte of a disk was changed: refused, nothing created', async () => {
    const disk = basename(await damage(demo));
    const { exitCode, message } = await ovfkit(
      ['import', join(folder, 'damaged'), '--to', 'demo', '-n', 'damaged', ...mapping, '--json'],
      { fails: 'expected' },
    );
    steps.note(message);
    if (exitCode !== 4) throw new Error(`expected exit code 4 (verification failed), not ${exitCode}: ${message}`);
    if (!message.includes(disk)) throw new Error(`the message does not name ${disk}`);
    const rest = await openVcenterRest(service);
    const after = (await rest.listVms()).map(({ name }) => name).toSorted();
    if (after.join() !== before.join()) throw new Error(`virtual machines were left behind: ${after.join()}`);
    const sessions = await rest.listImportSessions();
    if (sessions.length > 0) throw new Error(`sessions were left behind: ${sessions.join()}`);
    return { said: `exit code ${exitCode}, ${after.length} virtual machines as before, no session`, value: undefined };
  });
}
