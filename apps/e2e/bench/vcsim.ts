// A vCenter that is not ours, into which our command line and clients that are not ours import the same archive.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import {
  type Command,
  govc,
  govcImportCommand,
  govcVariables,
  importCommand,
} from '../../../packages/vsphere/test/support/govmomi-client.ts';
import { programOnPath, simulatorVariable } from '../../../packages/vsphere/test/support/installed.ts';
import { startVcsim, type Vcsim } from '../../../packages/vsphere/test/support/vcsim.ts';
import { type Contender, compare, runCommand } from '../../../scripts/side-by-side.ts';
import { ovfkitPath } from '../src/programs.ts';
import { type Line, lineRate, startLine } from './line.ts';
import { has } from './nginx.ts';

export interface Archive {
  readonly path: string;
  readonly what: string;
}

export interface Comparison {
  readonly folder: string;
  readonly rounds: number;
  readonly archives: readonly Archive[];
  /** `limited` or `unlimited` connections; both when absent. */
  readonly lines: string | undefined;
}

/** A server that leases come from. */
export type LeaseServer = Pick<Vcsim, 'url' | 'user' | 'password' | 'thumbprint'>;

/** The server itself, and the same server by the line, each with what a row says of it. */
export function linesTo(
  server: LeaseServer,
  { line, lines }: { readonly line: Line } & Pick<Comparison, 'lines'>,
): readonly { readonly server: LeaseServer; readonly by: string }[] {
  const direct = { server, by: '' };
  const limited = { server: { ...server, url: line.url }, by: `, each connection limited to ${lineRate / 1e6} MB/s` };
  return [...(lines === 'limited' ? [] : [direct]), ...(lines === 'unlimited' ? [] : [limited])];
}

/** Debian's golang-github-vmware-govmomi-dev and Go make the simulator, and a client on govmomi's packages. */
const canBuild = (): boolean => existsSync('/usr/share/gocode/src/github.com/vmware/govmomi') && has('go', 'version');

/** Rows of imports into a vCenter; what is not installed is left out, in words. */
export async function compareImportsIntoVcsim({ folder, rounds, archives, lines }: Comparison): Promise<void> {
  const other = programOnPath('vcsim');
  if (!canBuild() && (other === undefined || govc === undefined)) {
    console.error(
      'Neither golang-github-vmware-govmomi-dev and Go nor govc and vcsim are installed: imports into a vCenter are left out',
    );
    return;
  }
  if (!canBuild() && other !== undefined) process.env[simulatorVariable] = other;
  if (govc === undefined) console.error('govc is not on PATH: the peer is a client on the packages it is made of');
  const vcsim = await startVcsim();
  const line = await startLine(vcsim.url, lineRate);
  try {
    for (const { server, by } of linesTo(vcsim, { line, lines }))
      for (const { path, what } of archives) {
        const contenders = [ours(server, { folder, path }), peer(server, { folder, path })];
        await compare(`import of ${what} into vcsim by a lease, TLS${by}`, { rounds, contenders });
      }
  } finally {
    await line.stop();
    await vcsim.stop();
  }
}

let made = 0;
const nextName = (): string => {
  made += 1;
  return `bench${made}`;
};

interface Source {
  readonly folder: string;
  readonly path: string;
}

/** The variables of a command as the words of `env`. */
export const variableWords = (variables: Readonly<Record<string, string>>): readonly string[] =>
  Object.entries(variables).map(([name, value]) => `${name}=${value}`);

/** The words for our command line, with what it is to be told of the server in variables. */
export const ownWords = ({ password }: LeaseServer, folder: string): readonly string[] => [
  ...variableWords({ OVFKIT_PASSWORD: password, OVFKIT_CONFIG_DIR: join(folder, 'config') }),
  process.execPath,
  ovfkitPath,
];

const ours = (server: LeaseServer, { folder, path }: Source): Contender => ({
  name: 'ovfkit import --via lease: SHA-256',
  run() {
    const { url, user, thumbprint } = server;
    const to = ['--to', url.replace('://', `://${user}@`), '--thumbprint', thumbprint, '--via', 'lease'];
    const place = ['--pool', 'Resources', '--cluster', 'DC0_C0', '--datastore', 'LocalDS_0'];
    const words = ['import', path, ...to, ...place, '-n', nextName()];
    return runCommand('env', [...ownWords(server, folder), ...words], folder);
  },
});

const peer = (server: LeaseServer, { folder, path }: Source): Contender => ({
  name: govc === undefined ? 'a client on the packages of govc: no digests' : 'govc import.ova: no digests',
  async run() {
    const wanted = { archive: path, name: nextName() };
    const command: Command = govc === undefined ? await importCommand(wanted) : govcImportCommand(wanted);
    return runCommand('env', [...variableWords(govcVariables(server)), command.program, ...command.words], folder);
  },
});
