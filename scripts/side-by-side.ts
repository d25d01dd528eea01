// Runs commands in turns, so that what else the machine does falls on all of them, and takes the median of each.
import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** What one run took; `peakMemory` in bytes, where it is known. */
export interface Run {
  readonly seconds: number;
  readonly peakMemory?: number | undefined;
}

/** Who is measured. The first of several is ours. */
export interface Contender {
  readonly name: string;
  run(): Promise<Run>;
}

/** The median of a contender's rounds, and the least and the most of them. */
export interface Figure {
  readonly name: string;
  readonly seconds: number;
  readonly least: number;
  readonly most: number;
  readonly peakMemory?: number | undefined;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

/** Measures a command; a line `peak N` of its output is its peak memory in KiB. */
export async function runCommand(command: string, args: readonly string[], cwd: string): Promise<Run> {
  const start = performance.now();
  const child = spawn(command, args, { cwd, stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.on('data', (part: Buffer) => {
    output += part.toString();
  });
  const [code] = await once(child, 'close');
  const seconds = (performance.now() - start) / 1000;
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${code}: ${output}`);
  const [, kibibytes] = /^peak (\d+)$/m.exec(output) ?? [];
  return kibibytes === undefined ? { seconds } : { seconds, peakMemory: Number(kibibytes) * 1024 };
}

/** A command line for a shell. */
export const shell = (
  name: string,
  { command, cwd }: { readonly command: string; readonly cwd: string },
): Contender => ({
  name,
  run: () => runCommand('sh', ['-c', command], cwd),
});

function figureOf(name: string, runs: readonly Run[]): Figure {
  const seconds = runs.map((run) => run.seconds);
  const peaks = runs.flatMap(({ peakMemory }) => peakMemory ?? []);
  return {
    name,
    seconds: median(seconds),
    least: Math.min(...seconds),
    most: Math.max(...seconds),
    peakMemory: peaks.length > 0 ? Math.max(...peaks) : undefined,
  };
}

/** Prints a row per contender, with its speed against the first, and gives the figures. */
export async function compare(
  title: string,
  { contenders, rounds = 3 }: { readonly contenders: readonly Contender[]; readonly rounds?: number },
): Promise<readonly Figure[]> {
  const runs = contenders.map((): Run[] => []);
  for (let round = 0; round < rounds; round += 1)
    for (const [index, contender] of contenders.entries()) runs[index]?.push(await contender.run());
  const figures = contenders.map(({ name }, index) => figureOf(name, runs[index] ?? []));
  const [ours] = figures;
  for (const { name, seconds, least, most, peakMemory } of figures) {
    const memory = peakMemory === undefined ? '' : `${Math.round(peakMemory / 1024 ** 2)} MiB`;
    const ratio =
      ours === undefined || ours.name === name ? '' : `ours is ${(seconds / ours.seconds).toFixed(2)} times as fast`;
    const spread = `${seconds.toFixed(3)} s [${least.toFixed(2)}-${most.toFixed(2)}]`;
    console.log(`| ${title} | ${name} | ${spread} | ${memory} | ${ratio} |`);
  }
  return figures;
}
