// Figures for docs/performance.md: `pnpm bench package-format`. Needs tar and openssl; qemu-img where it is installed.
// BENCH_SIZE: bytes of the large archive, 2 GiB when not set. BENCH_ROUNDS: 5 when not set.
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Contender, compare, runCommand, shell } from '../../../scripts/side-by-side.ts';
import { makeDescriptor, makeOva, makeRawDisk, makeSealedOva, makeSparseOva } from './samples.ts';

const gibibyte = 1024 ** 3;
const size = Number(process.env['BENCH_SIZE'] ?? 2 * gibibyte);
const rounds = Number(process.env['BENCH_ROUNDS'] ?? 5);
const inGib = (bytes: number): string => `${Number((bytes / gibibyte).toPrecision(2))} GiB`;
const folder = await mkdtemp(join(process.env['BENCH_FOLDER'] ?? tmpdir(), 'ovfkit-bench-'));
const tasks = fileURLToPath(new URL('tasks.ts', import.meta.url));

/** One of our tasks with its arguments, as a process of its own that runs from source. */
const task = (name: string, ...args: readonly string[]): Contender => ({
  name,
  run: () => runCommand(process.execPath, ['--conditions=@ovfkit/source', tasks, ...args], folder),
});
const peer = (name: string, command: string): Contender => shell(name, { command, cwd: folder });
const has = (command: string, argument: string) => spawnSync(command, [argument], { stdio: 'ignore' }).status === 0;

try {
  console.log('| What | Who | Time | Peak memory | |\n|---|---|---|---|---|');
  await compare('start and end', { rounds, contenders: [task('ours', 'nothing')] });

  await makeSparseOva(join(folder, 'large.ova'), 20 * gibibyte);
  await compare('list an OVA of 20 GiB', {
    rounds,
    contenders: [task('ours', 'list', 'large.ova'), peer('tar tf', 'tar tf large.ova > list.txt')],
  });

  await makeDescriptor(join(folder, 'large.ovf'), 1_000_000);
  const descriptor = await stat(join(folder, 'large.ovf'));
  for (const times of ['1', '20', '100'])
    await compare(`read a descriptor of ${descriptor.size} bytes ${times} times`, {
      rounds,
      contenders: [task('ours', 'parse', 'large.ovf', times)],
    });

  for (const bytes of [size / 4, 2 * size]) {
    await makeSealedOva(join(folder, 'sealed.ova'), bytes);
    await compare(`verify a sparse OVA of ${inGib(bytes)}`, {
      rounds,
      contenders: [task('ours', 'verify', 'sealed.ova')],
    });
  }

  await makeOva(folder, size);
  await compare(`verify an OVA of ${inGib(size)}`, {
    rounds,
    contenders: [
      task('ours', 'verify', 'vm.ova'),
      task('ours, every grain inflated', 'verify', 'vm.ova', 'grains'),
      peer('tar xOf | openssl dgst -sha256', 'tar xOf vm.ova | openssl dgst -sha256 > digest.txt'),
    ],
  });

  await makeRawDisk(join(folder, 'disk.raw'), size / 2);
  const theirs = peer(
    'qemu-img convert',
    'qemu-img convert -f raw -O vmdk -o subformat=streamOptimized disk.raw theirs.vmdk',
  );
  await compare(`${inGib(size / 2)} raw to streamOptimized`, {
    rounds: Math.min(rounds, 3),
    contenders: [task('ours', 'convert', 'disk.raw', 'ours.vmdk'), ...(has('qemu-img', '--version') ? [theirs] : [])],
  });
} finally {
  await rm(folder, { recursive: true });
}
