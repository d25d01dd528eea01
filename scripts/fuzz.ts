// `pnpm fuzz [--seconds N] [--seed N]`: gives damaged files and answers to every reader. The corpus in OVFKIT_CORPUS, or beside the
// repository, makes better seeds. Inputs that fail are kept, to become tests.
import { existsSync } from 'node:fs';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { fuzz } from '../packages/package-format/fuzz/fuzz.ts';
import { readSeeds } from '../packages/package-format/fuzz/seeds.ts';
import { targets as packageReaders } from '../packages/package-format/fuzz/targets.ts';
import { vimReaders, vimSeeds } from '../packages/vsphere/fuzz/targets.ts';
import { root } from './workspace.ts';

const { values } = parseArgs({ options: { seconds: { type: 'string' }, seed: { type: 'string' } } });
const seconds = Number(values.seconds ?? 60);
const seed = Number(values.seed ?? Date.now() % 1_000_000);
const beside = join(root, '../shared/corpus');
const corpus = process.env['OVFKIT_CORPUS'] ?? (existsSync(beside) ? beside : undefined);

console.log(`${seconds} seconds, seed ${seed}, ${corpus === undefined ? 'without a corpus' : 'with the corpus'}`);
const targets = [...packageReaders, ...vimReaders];
const seeds = new Map<string, readonly Uint8Array[]>([...(await readSeeds(corpus)), ...vimSeeds]);
const { runs, failures } = await fuzz({ targets, seeds, seed, seconds });
for (const [name, count] of runs) console.log(`${String(count).padStart(9)}  ${name}`);
if (failures.length > 0) {
  const folder = await mkdtemp(join(tmpdir(), 'ovfkit-fuzz-'));
  for (const [index, { target, reason, input }] of failures.entries()) {
    const path = join(folder, String(index));
    await writeFile(path, input);
    console.error(`\n${target} failed, input in ${path}\n${reason}`);
  }
  process.exitCode = 1;
}
