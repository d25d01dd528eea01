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
import { startVcsim, type Vcsim } from '../../../packages/vsphere/test/support/vcsim.ts';
import { type Contender, compare, runCommand } from '../../../scripts/side-by-side.ts';
import { ovfkitPath } from '../src/programs.ts';
import { has } from './nginx.ts';

interface Archive {
  readonly path: string;
  readonly what: string;
}

interface Comparison {
  readonly folder: string;
  readonly rounds: number;
  readonly archives: readonly Archive[];
}

/** Debian's golang-github-vmware-govmomi-dev and Go make the simulator, and a client on govmomi's packages. */
const canBuild = (): boolean => existsSync('/usr/share/gocode/src/github.com/vmware/govmomi') && has('go', 'version');

/** Rows of imports into a vCenter; what is not installed is left out, in words. */
export async function compareImportsIntoVcsim({ folder, rounds, archives }: Comparison): Promise<void> {
  if (!canBuild()) {
    console.error('golang-github-vmware-govmomi-dev or Go is not installed: imports into a vCenter are left out');
    return;
  }
  if (govc === undefined) console.error('govc is not on PATH: the peer is a client on the packages it is made of');
  const vcsim = await startVcsim();
  try {
    for (const { path, what } of archives) {
      const contenders = [ours(vcsim, { folder, path }), peer(vcsim, { folder, path })];
      await compare(`import of ${what} into vcsim by a lease, TLS`, { rounds, contenders });
    }
  } finally {
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

const ours = ({ url, user, password, thumbprint }: Vcsim, { folder, path }: Source): Contender => ({
  name: 'ovfkit import --via lease: SHA-256',
  run() {
    const to = ['--to', url.replace('://', `://${user}@`), '--thumbprint', thumbprint, '--via', 'lease'];
    const place = ['--pool', 'Resources', '--cluster', 'DC0_C0', '--datastore', 'LocalDS_0'];
    const variables = [`OVFKIT_PASSWORD=${password}`, `OVFKIT_CONFIG_DIR=${join(folder, 'config')}`];
    const words = ['import', path, ...to, ...place, '-n', nextName()];
    return runCommand('env', [...variables, process.execPath, ovfkitPath, ...words], folder);
  },
});

const peer = (vcsim: Vcsim, { folder, path }: Source): Contender => ({
  name: govc === undefined ? 'a client on the packages of govc: no digests' : 'govc import.ova: no digests',
  async run() {
    const wanted = { archive: path, name: nextName() };
    const command: Command = govc === undefined ? await importCommand(wanted) : govcImportCommand(wanted);
    const variables = Object.entries(govcVariables(vcsim)).map(([name, value]) => `${name}=${value}`);
    return runCommand('env', [...variables, command.program, ...command.words], folder);
  },
});
