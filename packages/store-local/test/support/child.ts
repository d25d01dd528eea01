import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

/** A process of its own that works on a store until it is killed. */
export interface Child {
  /** Each line it prints. */
  readonly lines: AsyncIterableIterator<string>;
  /** Ends it as a power cut would: no handler of it runs. */
  kill(): Promise<void>;
}

const script = fileURLToPath(new URL('./working-child.ts', import.meta.url));

/** Starts `working-child.ts` on `folder`. */
export function startChild(work: 'append' | 'insert' | 'update' | 'hold', folder: string): Child {
  const child: ChildProcessByStdio<null, Readable, null> = spawn(
    process.execPath,
    ['--conditions=@ovfkit/source', '--no-warnings', script, work, folder],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const gone = once(child, 'exit');
  const kill = async () => {
    child.kill('SIGKILL');
    await gone;
  };
  onTestFinished(kill);
  return { lines: createInterface({ input: child.stdout })[Symbol.asyncIterator](), kill };
}

/** The lines that were printed before the end, without one that was cut off. */
export async function restOf(lines: AsyncIterable<string>): Promise<string[]> {
  const all: string[] = [];
  for await (const line of lines) all.push(line);
  return all;
}
