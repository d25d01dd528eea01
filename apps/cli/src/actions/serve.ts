import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, realpath } from 'node:fs/promises';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import type { Context } from '../context.ts';
import { CliError } from '../errors.ts';

const program = 'ovfkitd.mjs';
const minimum = [24, 11] as const;

interface Service {
  readonly command: string;
  readonly args: readonly string[];
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

/** Beside this program, then where the repository builds it, then on PATH. */
async function findService(path: readonly string[]): Promise<Service> {
  const own = dirname(await realpath(process.argv[1] ?? '.'));
  for (const folder of [own, join(own, '../../service/dist')]) {
    const file = join(folder, program);
    if (await exists(file)) return { command: process.execPath, args: [file] };
  }
  for (const folder of path) {
    const file = join(folder, 'ovfkitd');
    if (await exists(file)) return { command: file, args: [] };
  }
  throw new CliError('usage', `The service (${program}) is not installed beside ovfkit, nor is ovfkitd on PATH`, {
    hint: `Put ${program} into ${own}, or install the package ovfkitd.`,
  });
}

function checkNode(): void {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major > minimum[0] || (major === minimum[0] && minor >= minimum[1])) return;
  throw new CliError(
    'usage',
    `The service needs Node.js ${minimum.join('.')} or newer; this is ${process.versions.node}`,
    { hint: 'Start ovfkit serve with a newer Node.js; all other commands run with this one.' },
  );
}

/** A terminal sends Ctrl-C to the service too; a signal meant for this process alone has to be passed on. */
function passSignalsTo(child: ChildProcess, signal: AbortSignal): void {
  signal.addEventListener('abort', () => {
    child.kill('SIGTERM');
  });
}

/** Runs the service until it ends; resolves to its exit code. */
export async function serve({ config, signal }: Context, options: readonly string[]): Promise<number> {
  const { command, args } = await findService(config.path);
  if (command === process.execPath) checkNode();
  const child = spawn(command, [...args, ...options], { stdio: 'inherit' });
  passSignalsTo(child, signal);
  const [code, name]: [number | null, NodeJS.Signals | null] = await once(child, 'exit').then(([first, second]) => [
    typeof first === 'number' ? first : null,
    isSignal(second) ? second : null,
  ]);
  if (code !== null) return code;
  return name === null ? 1 : 128 + constants.signals[name];
}

const isSignal = (value: unknown): value is NodeJS.Signals => typeof value === 'string' && value in constants.signals;
