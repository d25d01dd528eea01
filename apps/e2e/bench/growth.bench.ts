// How cost grows with files, bytes, sessions and polls: `pnpm bench growth`, over the built programs (`pnpm build`), on Linux with
// curl. Draws docs/pictures/growth-*.svg when BENCH_DRAW is set. BENCH_GROWTH: which of files, bytes, sessions, polls; all
// when not set. BENCH_STEPS: how many steps of each; 4 when not set. BENCH_FOLDER needs room for the largest package: 64 GiB.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Chart, drawChart } from '../../../scripts/chart.ts';
import { runCommand } from '../../../scripts/side-by-side.ts';
import { root } from '../../../scripts/workspace.ts';
import { runOvfkit, targetOf } from './command-line.ts';
import { type MeasuredService, startMeasured } from './measured-service.ts';
import { connectPollers, poll } from './polling.ts';
import { makeSample, makeSparse } from './samples.ts';

const mebibyte = 1024 ** 2;
const steps = Number(process.env['BENCH_STEPS'] ?? 4);
const chosen = process.env['BENCH_GROWTH']?.split(',') ?? ['files', 'bytes', 'sessions', 'polls'];
const folder = await mkdtemp(join(process.env['BENCH_FOLDER'] ?? tmpdir(), 'ovfkit-growth-'));
/** The limits that guard a service against one client are not what is measured. */
const unlimited = ['--limits-sessions-per-user', '100000', '--limits-requests-per-second', '100000'];

async function draw(name: string, chart: Chart): Promise<void> {
  if (process.env['BENCH_DRAW'] === undefined) return;
  await mkdir(join(root, 'docs/pictures'), { recursive: true });
  await writeFile(join(root, `docs/pictures/growth-${name}.svg`), drawChart(chart));
}

async function withService<Result>(use: (service: MeasuredService) => Promise<Result>): Promise<Result> {
  const data = await mkdtemp(join(folder, 'service-'));
  const service = await startMeasured(data, unlimited);
  try {
    return await use(service);
  } finally {
    await service.stop();
    await rm(data, { recursive: true, force: true });
  }
}

interface Grown {
  readonly x: number;
  readonly seconds: number;
  /** MiB; 0 where the system does not tell. */
  readonly client: number;
  readonly server: number;
}

/** Imports a package into a service of its own. */
const importInto = (source: string, x: number): Promise<Grown> =>
  withService(async (service) => {
    const [to = '', ...rest] = targetOf(service);
    const { seconds, peakMemory = 0 } = await runOvfkit(folder, ['import', source, '--to', to, ...rest, '-n', 'grown']);
    return { x, seconds, client: peakMemory / mebibyte, server: ((await service.peakMemory()) ?? 0) / mebibyte };
  });

const pointsOf = (grown: readonly Grown[], y: 'seconds' | 'client' | 'server') =>
  grown.map((each) => ({ x: each.x, y: each[y] })).filter((point) => point.y > 0);

async function drawGrown(
  name: 'files' | 'bytes',
  { grown, x, title }: { readonly grown: readonly Grown[]; readonly x: string; readonly title: string },
): Promise<void> {
  for (const { x: count, seconds, client, server } of grown)
    console.log(
      `| ${x} | ${count} | ${seconds.toFixed(2)} s | ${Math.round(client)} MiB | ${Math.round(server)} MiB |`,
    );
  await draw(`${name}-time`, {
    title,
    x,
    y: 'seconds',
    series: [{ name: 'import', points: pointsOf(grown, 'seconds') }],
  });
  await draw(`${name}-memory`, {
    title: `Peak memory: ${title.charAt(0).toLowerCase()}${title.slice(1)}`,
    x,
    y: 'MiB',
    series: [
      { name: 'ovfkit', points: pointsOf(grown, 'client') },
      { name: 'ovfkitd', points: pointsOf(grown, 'server') },
    ],
    limit: { name: 'goal: 150 MiB', y: 150 },
  });
}

async function growFiles(): Promise<void> {
  const grown: Grown[] = [];
  for (const count of [1, 10, 100, 1000].slice(0, steps)) {
    const capacities = Array.from({ length: count }, () => mebibyte);
    const sample = await makeSample(join(folder, `files${count}`), { name: 'files', capacities });
    grown.push(await importInto(sample.folder, count));
    await rm(sample.folder, { recursive: true });
  }
  await drawGrown('files', { grown, x: 'disks of 1 MiB', title: 'Import of a package of many files, TLS' });
}

async function growBytes(): Promise<void> {
  const grown: Grown[] = [];
  for (const gibibytes of [1, 4, 16, 64].slice(0, steps)) {
    const sample = await makeSparse(join(folder, `bytes${gibibytes}`), { name: 'bytes', size: gibibytes * 1024 ** 3 });
    grown.push(await importInto(sample.folder, gibibytes));
    await rm(sample.folder, { recursive: true });
  }
  await drawGrown('bytes', { grown, x: 'GiB in one file', title: 'Import of a large file, TLS' });
}

/** So many sessions, made several at a time. */
async function openSessions(service: MeasuredService, count: number): Promise<readonly string[]> {
  const { descriptor } = await makeSample(join(folder, 'small'), { name: 'small', capacities: [mebibyte] });
  const urls: string[] = [];
  await service.login();
  while (urls.length < count) {
    const some = Math.min(8, count - urls.length);
    urls.push(...(await Promise.all(Array.from({ length: some }, () => service.openSession(descriptor)))));
  }
  return urls;
}

async function growSessions(): Promise<void> {
  const rows: { readonly x: number; readonly median: number; readonly p99: number; readonly server: number }[] = [];
  for (const count of [1, 10, 100, 1000].slice(0, steps))
    await withService(async (service) => {
      const urls = await openSessions(service, count);
      const clients = await connectPollers(urls, await service.login());
      const polled = await poll(clients, AbortSignal.timeout(20_000));
      rows.push({ x: count, ...polled, server: ((await service.peakMemory()) ?? 0) / mebibyte });
    });
  for (const { x, median, p99, server } of rows)
    console.log(
      `| sessions polled once a second | ${x} | ${median.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms | | ${Math.round(server)} MiB |`,
    );
  await draw('sessions', {
    title: 'Open sessions, each polled once a second, TLS',
    x: 'sessions',
    y: 'milliseconds to the answer',
    series: [
      { name: 'median', points: rows.map(({ x, median: y }) => ({ x, y })) },
      { name: 'p99', points: rows.map(({ x, p99: y }) => ({ x, y })) },
    ],
    limit: { name: 'goal for p99: 50 ms', y: 50 },
  });
}

async function growPolls(): Promise<void> {
  const sample = await makeSample(join(folder, 'polled'), { name: 'polled', capacities: [512 * mebibyte] });
  const rows: { readonly x: number; readonly rate: number; readonly p99: number }[] = [];
  for (const perSecond of [1, 10, 100, 1000].slice(0, steps))
    await withService(async (service) => {
      const clients = await connectPollers(await openSessions(service, perSecond), await service.login());
      const url = await service.diskUrl(sample.descriptor);
      const ended = new AbortController();
      const polling = poll(clients, ended.signal);
      const disk = join(sample.folder, sample.disks[0] ?? '');
      const { seconds } = await runCommand('curl', ['-sfk', '-T', disk, url], folder);
      ended.abort();
      rows.push({ x: perSecond, rate: sample.size / mebibyte / seconds, p99: (await polling).p99 });
    });
  for (const { x, rate, p99 } of rows)
    console.log(`| polls a second beside a push | ${x} | ${Math.round(rate)} MiB/s, p99 ${p99.toFixed(1)} ms | | |`);
  await draw('polls', {
    title: 'A push by curl over TLS, beside polls of other sessions',
    x: 'polls a second',
    y: 'MiB/s',
    series: [{ name: 'push', points: rows.map(({ x, rate: y }) => ({ x, y })) }],
  });
}

try {
  console.log('| What | | Time | Client, peak | ovfkitd, peak |\n|---|---|---|---|---|');
  if (chosen.includes('files')) await growFiles();
  if (chosen.includes('bytes')) await growBytes();
  if (chosen.includes('sessions')) await growSessions();
  if (chosen.includes('polls')) await growPolls();
} finally {
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
}
