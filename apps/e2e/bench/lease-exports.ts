// A vCenter of our own, from which our command line and govc export the same machine: no simulator that is not ours exports.
import { rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { govc, govcVariables } from '../../../packages/vsphere/test/support/govmomi-client.ts';
import { type Contender, compare, runCommand } from '../../../scripts/side-by-side.ts';
import { lineRate, startLine } from './line.ts';
import { type Comparison, type LeaseServer, linesTo, ownWords, variableWords } from './vcsim.ts';
import { startVcenter } from './vim-server.ts';

/** Rows of exports by a lease into a folder; without govc on PATH, ours alone. What is exported is what is imported from the archives first. */
export async function compareLeaseExports({ folder, rounds, archives, lines }: Comparison): Promise<void> {
  if (govc === undefined) console.error('govc is not on PATH: exports by a lease have nobody beside them');
  const vcenter = await startVcenter();
  const line = await startLine(vcenter.url, lineRate);
  try {
    for (const { path } of archives) await fill(vcenter, { folder, path });
    for (const { server, by } of linesTo(vcenter, { line, lines }))
      for (const { path, what } of archives) {
        const machine = basename(path, '.ova');
        const contenders = [ours(server, { folder, machine }), ...peers(server, { folder, machine })];
        await compare(`export of ${what} by a lease into a folder, TLS${by}`, { rounds, contenders });
      }
  } finally {
    await line.stop();
    await vcenter.stop();
  }
}

const located = ({ user, thumbprint }: LeaseServer, url: string): readonly string[] => [
  url.replace('https://', `vi://${user}@`),
  ...['--thumbprint', thumbprint, '--via', 'lease'],
];

/** The machine gets the archive's name. */
async function fill(
  server: LeaseServer,
  { folder, path }: { readonly folder: string; readonly path: string },
): Promise<void> {
  const to = located(server, `${server.url}/DC%201/host/cluster%201`);
  const words = ['import', path, '--to', ...to, '--datastore', 'ssd', '-n', basename(path, '.ova')];
  await runCommand('env', [...ownWords(server, folder), ...words], folder);
}

interface Source {
  readonly folder: string;
  readonly machine: string;
}

const ours = (server: LeaseServer, { folder, machine }: Source): Contender => ({
  name: 'ovfkit export --via lease: SHA-256, flushed',
  run() {
    const output = join(folder, 'exported');
    const words = ['export', machine, '--from', ...located(server, server.url), '-o', output];
    return thenRemoved(output, () => runCommand('env', [...ownWords(server, folder), ...words], folder));
  },
});

const peers = (server: LeaseServer, { folder, machine }: Source): readonly Contender[] =>
  govc === undefined
    ? []
    : [
        {
          name: 'govc export.ovf -sha 256: not flushed',
          run() {
            const output = join(folder, 'exported');
            const words = ['export.ovf', '-sha=256', `-vm.ipath=DC 1/vm/${machine}`, output];
            const command = [...variableWords(govcVariables(server)), govc ?? '', ...words];
            return thenRemoved(output, () => runCommand('env', command, folder));
          },
        },
      ];

async function thenRemoved<Result>(output: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } finally {
    await rm(output, { recursive: true, force: true });
  }
}
