// Figures for docs/performance.md: `pnpm bench transfer`, over the built programs (`pnpm build`). Needs curl; nginx where it is
// installed, and govc with its simulator. BENCH_SIZE: bytes of the large disk, 2 GiB when not set. BENCH_ROUNDS: 5 when not set.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Contender, compare, type Run, runCommand, shell } from '../../../scripts/side-by-side.ts';
import { runOvfkit, targetOf } from './command-line.ts';
import { type MeasuredService, startMeasured } from './measured-service.ts';
import { has, startNginx } from './nginx.ts';
import { startRawServer } from './raw-server.ts';
import { makeSample, type Sample } from './samples.ts';
import { compareImportsIntoVcsim } from './vcsim.ts';

const mebibyte = 1024 ** 2;
const size = Number(process.env['BENCH_SIZE'] ?? 2048 * mebibyte);
const rounds = Number(process.env['BENCH_ROUNDS'] ?? 5);
const folder = await mkdtemp(join(process.env['BENCH_FOLDER'] ?? tmpdir(), 'ovfkit-bench-'));

const ovfkit = (args: readonly string[]): Promise<Run> => runOvfkit(folder, args);

let made = 0;
const importing = (service: MeasuredService, source: string): Contender => ({
  name: 'ovfkit import',
  async run() {
    made += 1;
    const [to = '', ...rest] = targetOf(service);
    const run = await ovfkit(['import', source, '--to', to, ...rest, '-n', `vm${made}`]);
    await service.clear();
    return run;
  },
});

/** Only the bytes of the disk are timed: the session waits for them. */
const pushing = (name: string, service: MeasuredService, sample: Sample): Contender => ({
  name,
  async run() {
    const url = await service.diskUrl(sample.descriptor);
    const run = await runCommand('curl', ['-sfk', '-T', join(sample.folder, sample.disks[0] ?? ''), url], folder);
    await service.clear();
    return run;
  },
});

const peer = (name: string, command: string): Contender => shell(name, { command, cwd: folder });

async function comparePushes(plain: MeasuredService, tls: MeasuredService, sample: Sample): Promise<void> {
  const disk = join(sample.folder, sample.disks[0] ?? '');
  const nginx = has('nginx', '-v') ? await startNginx(folder, sample.folder) : undefined;
  if (nginx === undefined) console.error('nginx is not installed: its rows are left out');
  const raw = await startRawServer(join(folder, 'raw'));
  const put = (url: string) => `curl -sfk -T ${disk} ${url}/up/disk`;
  const rawly = (url: string) => peer('curl -T to a Node.js server that keeps nothing', put(url));
  const ceilings = [
    peer('openssl dgst -sha256', `openssl dgst -sha256 ${disk} > digest.txt`),
    peer('dd with fsync', `dd if=${disk} of=copy.bin bs=1M conv=fsync status=none && rm copy.bin`),
  ];
  for (const ceiling of ceilings) await compare('ceilings of this machine', { rounds, contenders: [ceiling] });
  await compare('push of one disk, plain', {
    rounds,
    contenders: [
      pushing('curl -T to ovfkitd: SHA-256, flushed', plain, sample),
      ...(nginx ? [peer('curl -T to nginx with dav: neither', put(nginx.plainUrl))] : []),
      rawly(raw.plainUrl),
    ],
  });
  await compare('push of one disk, TLS', {
    rounds,
    contenders: [
      pushing('curl -T to ovfkitd: SHA-256, flushed', tls, sample),
      ...(nginx ? [peer('curl -T to nginx with dav: neither', put(nginx.tlsUrl))] : []),
      rawly(raw.tlsUrl),
    ],
  });
  await raw.stop();
  if (nginx !== undefined) {
    const source = `${nginx.plainUrl}/files/large.ovf`;
    await compare('pull of a folder from nginx', { rounds, contenders: [importing(plain, source)] });
    await nginx.stop();
  }
}

async function compareWhole(plain: MeasuredService, tls: MeasuredService, sample: Sample): Promise<void> {
  await compare('import of a folder, plain', { rounds, contenders: [importing(plain, sample.folder)] });
  await compare('import of a folder, TLS', { rounds, contenders: [importing(tls, sample.folder)] });
  const ova = join(folder, 'large.ova');
  await ovfkit(['pack', sample.folder, '-o', ova]);
  await compare('import of an OVA, TLS', { rounds, contenders: [importing(tls, ova)] });
  await compareImportsIntoVcsim({ folder, rounds, archives: [{ path: ova, what: 'an OVA' }], lines: 'unlimited' });
  await rm(ova);
  const [to = '', ...rest] = targetOf(tls);
  await ovfkit(['import', sample.folder, '--to', to, ...rest, '-n', 'kept']);
  const exporting = (output: string): Contender => ({
    name: 'ovfkit export',
    run: () => ovfkit(['export', 'kept', '--from', to, ...rest, '-o', join(folder, output), '--overwrite']),
  });
  await compare('export to an OVA, TLS', { rounds, contenders: [exporting('out.ova')] });
  await compare('export to a folder, TLS', { rounds, contenders: [exporting('out')] });
}

try {
  console.log('| What | Who | Time | Peak memory | |\n|---|---|---|---|---|');
  const large = await makeSample(join(folder, 'large'), { name: 'large', capacities: [size] });
  const many = await makeSample(join(folder, 'many'), {
    name: 'many',
    capacities: Array.from({ length: Number(process.env['BENCH_FILES'] ?? 500) }, () => mebibyte),
  });
  const plain = await startMeasured(join(folder, 'plain'), ['--plain-http']);
  const tls = await startMeasured(join(folder, 'tls'), []);
  await comparePushes(plain, tls, large);
  await compareWhole(plain, tls, large);
  await compare(`import of ${many.disks.length} disks of 1 MiB, TLS`, {
    rounds,
    contenders: [importing(tls, many.folder)],
  });
  for (const [name, service] of [
    ['plain', plain],
    ['TLS', tls],
  ] as const) {
    const peak = await service.peakMemory();
    if (peak !== undefined)
      console.log(`| all of the above | ovfkitd, ${name} | | ${Math.round(peak / mebibyte)} MiB | |`);
    await service.stop();
  }
} finally {
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
}
