// Figures for docs/performance.md: `pnpm bench vsphere`, over the built programs (`pnpm build`) and the simulator of govmomi, with TLS.
// BENCH_SIZE: bytes of the disks of a package together, 1 GiB when not set. BENCH_ROUNDS: 5 when not set. BENCH_ROWS: `imports` or `exports`,
// both when not set. BENCH_LINES: `unlimited` or `limited` connections, both when not set.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runOvfkit } from './command-line.ts';
import { compareLeaseExports } from './lease-exports.ts';
import { makeSample } from './samples.ts';
import { compareImportsIntoVcsim } from './vcsim.ts';

const size = Number(process.env['BENCH_SIZE'] ?? 1024 ** 3);
const rounds = Number(process.env['BENCH_ROUNDS'] ?? 5);
const rows = process.env['BENCH_ROWS'];
const folder = await mkdtemp(join(process.env['BENCH_FOLDER'] ?? tmpdir(), 'ovfkit-bench-'));

async function archiveOf(what: string, { name, disks }: { readonly name: string; readonly disks: number }) {
  const capacities = Array.from({ length: disks }, () => Math.ceil(size / disks));
  const sample = await makeSample(join(folder, name), { name, capacities });
  const path = join(folder, `${name}.ova`);
  await runOvfkit(folder, ['pack', sample.folder, '-o', path]);
  await rm(sample.folder, { recursive: true });
  return { what, path };
}

try {
  console.log('| What | Who | Time | Peak memory | |\n|---|---|---|---|---|');
  const archives = [
    await archiveOf('an OVA of one disk', { name: 'one', disks: 1 }),
    await archiveOf('an OVA of four disks', { name: 'four', disks: 4 }),
  ];
  const comparison = { folder, rounds, archives, lines: process.env['BENCH_LINES'] };
  if (rows !== 'exports') await compareImportsIntoVcsim(comparison);
  if (rows !== 'imports') await compareLeaseExports(comparison);
} finally {
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
}
