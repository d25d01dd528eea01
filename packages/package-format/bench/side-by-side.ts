// Runs commands in turns, so that what else the machine does falls on all of them, and takes the median of each.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** A command line for a shell, or one of our tasks with its arguments. */
export type Contender =
  | { readonly name: string; readonly shell: string }
  | { readonly name: string; readonly task: readonly string[] };

/** Median over the rounds; `peakMemory` in bytes, of our tasks only. */
export interface Figure {
  readonly name: string;
  readonly seconds: number;
  readonly peakMemory?: number | undefined;
}

const tasks = fileURLToPath(new URL('tasks.ts', import.meta.url));

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

async function runOnce(contender: Contender, folder: string): Promise<{ seconds: number; peakMemory?: number }> {
  const [command, args] =
    'shell' in contender
      ? ['sh', ['-c', contender.shell]]
      : [process.execPath, ['--conditions=@ovfkit/source', tasks, ...contender.task]];
  const start = performance.now();
  const child = spawn(command, args, { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.on('data', (part: Buffer) => {
    output += part.toString();
  });
  const [code] = await once(child, 'close');
  const seconds = (performance.now() - start) / 1000;
  if (code !== 0) throw new Error(`${contender.name} ended with ${code}`);
  const [, kibibytes] = /peak (\d+)/.exec(output) ?? [];
  return kibibytes === undefined ? { seconds } : { seconds, peakMemory: Number(kibibytes) * 1024 };
}

/** Prints a row per contender, with its speed against the first. */
export async function compare(
  title: string,
  { contenders, folder, rounds = 3 }: { contenders: readonly Contender[]; folder: string; rounds?: number },
): Promise<void> {
  const results = contenders.map(() => [] as { seconds: number; peakMemory?: number }[]);
  for (let round = 0; round < rounds; round += 1)
    for (const [index, contender] of contenders.entries()) results[index]?.push(await runOnce(contender, folder));
  const figures = contenders.map(({ name }, index): Figure => {
    const own = results[index] ?? [];
    const peaks = own.flatMap(({ peakMemory }) => peakMemory ?? []);
    return {
      name,
      seconds: median(own.map(({ seconds }) => seconds)),
      peakMemory: peaks.length > 0 ? Math.max(...peaks) : undefined,
    };
  });
  const [ours] = figures;
  for (const { name, seconds, peakMemory } of figures) {
    const memory = peakMemory === undefined ? '' : `${Math.round(peakMemory / 1024 ** 2)} MiB`;
    const ratio =
      ours === undefined || ours.name === name ? '' : `ours is ${(seconds / ours.seconds).toFixed(2)} times as fast`;
    console.log(`| ${title} | ${name} | ${seconds.toFixed(3)} s | ${memory} | ${ratio} |`);
  }
}
