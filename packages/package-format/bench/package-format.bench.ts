// Figures for docs/performance.md: `pnpm bench package-format`. Needs tar and openssl; qemu-img where it is installed.
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeDescriptor, makeOva, makeRawDisk, makeSealedOva, makeSparseOva } from './samples.ts';
import { compare } from './side-by-side.ts';

const gibibyte = 1024 ** 3;
const folder = await mkdtemp(join(process.env['BENCH_FOLDER'] ?? tmpdir(), 'ovfkit-bench-'));
const has = (command: string, argument: string) => spawnSync(command, [argument], { stdio: 'ignore' }).status === 0;

try {
  console.log('| What | Who | Time | Peak memory | |\n|---|---|---|---|---|');
  await compare('start and end', { folder, contenders: [{ name: 'ours', task: ['nothing'] }] });

  await makeSparseOva(join(folder, 'large.ova'), 20 * gibibyte);
  await compare('list an OVA of 20 GiB', {
    folder,
    contenders: [
      { name: 'ours', task: ['list', 'large.ova'] },
      { name: 'tar tf', shell: 'tar tf large.ova > list.txt' },
    ],
  });

  await makeDescriptor(join(folder, 'large.ovf'), 1_000_000);
  const { size } = await stat(join(folder, 'large.ovf'));
  for (const rounds of ['1', '20', '100'])
    await compare(`read a descriptor of ${size} bytes ${rounds} times`, {
      folder,
      contenders: [{ name: 'ours', task: ['parse', 'large.ovf', rounds] }],
    });

  for (const [name, size] of [
    ['0.5', gibibyte / 2],
    ['4', 4 * gibibyte],
  ] as const) {
    await makeSealedOva(join(folder, 'sealed.ova'), size);
    await compare(`verify a sparse OVA of ${name} GiB`, {
      folder,
      contenders: [{ name: 'ours', task: ['verify', 'sealed.ova'] }],
    });
  }

  await makeOva(folder, 2 * gibibyte);
  await compare('verify an OVA of 2 GiB', {
    folder,
    rounds: 5,
    contenders: [
      { name: 'ours', task: ['verify', 'vm.ova'] },
      { name: 'ours, every grain inflated', task: ['verify', 'vm.ova', 'grains'] },
      { name: 'tar xOf | openssl dgst -sha256', shell: 'tar xOf vm.ova | openssl dgst -sha256 > digest.txt' },
    ],
  });

  await makeRawDisk(join(folder, 'disk.raw'), gibibyte);
  const theirs = {
    name: 'qemu-img convert',
    shell: 'qemu-img convert -f raw -O vmdk -o subformat=streamOptimized disk.raw theirs.vmdk',
  };
  await compare('1 GiB raw to streamOptimized', {
    folder,
    contenders: [
      { name: 'ours', task: ['convert', 'disk.raw', 'ours.vmdk'] },
      ...(has('qemu-img', '--version') ? [theirs] : []),
    ],
  });
} finally {
  await rm(folder, { recursive: true });
}
