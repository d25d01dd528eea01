import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { buildGoProgram } from './go-program.ts';
import { programOnPath } from './installed.ts';
import type { Vcsim } from './vcsim.ts';

/** A machine as a client that is not ours sees it. Capacities are bytes. */
export interface ListedMachine {
  readonly ref: string;
  readonly name: string;
  readonly annotation: string;
  readonly cpus: number;
  readonly memoryMB: number;
  readonly disks: readonly { readonly label: string; readonly capacity: number; readonly file: string }[];
  readonly nics: readonly { readonly type: string; readonly network: string }[];
  /** Of drives, as paths in datastores. */
  readonly images: readonly string[];
  readonly extraConfig: Readonly<Record<string, string>>;
}

type Access = Pick<Vcsim, 'url' | 'user' | 'password'>;

/** Where the simulator has room, as paths of its inventory. */
const placeInVcsim = {
  pool: '/DC0/host/DC0_C0/Resources',
  datastore: '/DC0/datastore/LocalDS_0',
  folder: '/DC0/vm',
} as const;

/** Variables that tell govc, and what reads the same, where to go. */
export const govcVariables = ({ url, user, password }: Access): Readonly<Record<string, string>> => ({
  GOVC_URL: `${url.replace('://', `://${user}:${password}@`)}/sdk`,
  GOVC_INSECURE: 'true',
});

const environment = (access: Access): NodeJS.ProcessEnv => ({ ...process.env, ...govcVariables(access) });

interface Import {
  readonly archive: string;
  readonly name: string;
}

/** A program and its words, for whoever starts it. */
export interface Command {
  readonly program: string;
  readonly words: readonly string[];
}

/** How the client imports, one file after the other: the packages of govc, without its shell. */
export async function importCommand({ archive, name }: Import): Promise<Command> {
  const { pool, datastore, folder } = placeInVcsim;
  const place = ['-pool', pool, '-datastore', datastore, '-folder', folder];
  return { program: await buildGoProgram('govmomi-client'), words: ['import', ...place, '-name', name, archive] };
}

/** Path of govc, where it is installed. */
export const govc: string | undefined = programOnPath('govc');

/** How govc imports. */
export function govcImportCommand({ archive, name }: Import): Command {
  const { pool, datastore, folder } = placeInVcsim;
  const place = ['-dc=DC0', `-pool=${pool}`, `-ds=${datastore}`, `-folder=${folder}`];
  return { program: govc ?? 'govc', words: ['import.ova', ...place, `-name=${name}`, archive] };
}

const run = ({ program, words }: Command, access: Access) =>
  promisify(execFile)(program, words, { env: environment(access) });

/** Has an archive imported by govmomi's own packages for leases. @throws Error with what the client says */
export async function importByGovmomi(access: Access, wanted: Import): Promise<void> {
  await run(await importCommand(wanted), access);
}

/** Has an archive imported by govc itself. @throws Error with what it says */
export async function importByGovc(access: Access, wanted: Import): Promise<void> {
  await run(govcImportCommand(wanted), access);
}

/** What govmomi finds in the simulator. @throws Error with what the client says */
export async function listByGovmomi(access: Access): Promise<readonly ListedMachine[]> {
  const program = await buildGoProgram('govmomi-client');
  const { stdout } = await run({ program, words: ['list'] }, access);
  return JSON.parse(stdout);
}
