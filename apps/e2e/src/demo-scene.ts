import { basename, join } from 'node:path';
import { type FileServer, serveFolder } from './file-server.ts';
import { type JsonLine, runOvfkit } from './ovfkit.ts';
import { makeAppliance, packAppliance, type SampleAppliance } from './sample-appliance.ts';
import { type Service, startService } from './service.ts';
import type { Steps } from './steps.ts';

/** How a command of the demo ended. */
export interface CommandResult {
  readonly exitCode: number;
  /** Every state a session was seen in. */
  readonly states: readonly string[];
  /** The last JSON line. */
  readonly result: Readonly<Record<string, unknown>>;
  /** What was wrong; empty when nothing was. */
  readonly message: string;
}

/** Everything that runs during the demo. */
export interface Demo {
  readonly folder: string;
  readonly steps: Steps;
  readonly appliance: SampleAppliance;
  /** Path of the appliance as an OVA. */
  readonly archive: string;
  readonly service: Service;
  readonly files: FileServer;
  /** Prints and runs a command; one that fails unexpectedly ends the demo. */
  ovfkit(args: readonly string[], options?: { readonly fails: 'expected' }): Promise<CommandResult>;
  close(): Promise<void>;
}

interface Options {
  readonly folder: string;
  readonly steps: Steps;
  readonly signal: AbortSignal;
}

const mib = 1024 ** 2;
const quoted = (arg: string): string => (/[\s"'$]/.test(arg) ? `"${arg}"` : arg);

/** Shows states as they come, and a file each time it has got a quarter further. */
function createWatcher(steps: Steps): { line(text: string): void; readonly lines: readonly JsonLine[] } {
  const lines: JsonLine[] = [];
  const shown = new Map<string, number>();
  const showFile = ({ name, transferred, size }: JsonLine): void => {
    if (typeof transferred !== 'number' || typeof size !== 'number' || size < mib) return;
    const quarter = Math.floor((4 * transferred) / size);
    if (quarter === (shown.get(String(name)) ?? 0)) return;
    shown.set(String(name), quarter);
    steps.note(`${quarter * 25} % of ${String(name)}`);
  };
  return {
    lines,
    line: (text) => {
      const line: JsonLine = JSON.parse(text);
      lines.push(line);
      if (line.type === 'state') steps.note(String(line['state']));
      if (line.type === 'file') showFile(line);
      if (line.type === 'warning' || line.type === 'retry')
        steps.note(`${line.type}: ${String(line['message'] ?? line['reason'])}`);
    },
  };
}

function messageOf(result: JsonLine | undefined): string {
  const error = result?.['error'];
  return typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : '';
}

function createCommands({ folder, steps, signal }: Options): Demo['ovfkit'] {
  return async (args, options) => {
    steps.command(`ovfkit ${args.map((arg) => quoted(arg.replace(`${folder}/`, ''))).join(' ')}`);
    const watcher = createWatcher(steps);
    const { exitCode, stderr } = await runOvfkit(args, {
      config: join(folder, 'config'),
      onLine: watcher.line,
      signal,
    });
    signal.throwIfAborted();
    const result = watcher.lines.findLast(({ type }) => type === 'result');
    if (exitCode !== 0 && options?.fails !== 'expected') throw new Error(`ovfkit ended with ${exitCode}:\n${stderr}`);
    const states = watcher.lines.filter(({ type }) => type === 'state').map((line) => String(line['state']));
    return { exitCode, states, result: result ?? {}, message: messageOf(result) };
  };
}

async function makeSample({ folder, steps }: Options): Promise<{ appliance: SampleAppliance; archive: string }> {
  return steps.step(
    'Make a sample appliance: two disks, properties, networks, a licence, options, a manifest',
    async () => {
      const capacities = [256 * mib, 16 * mib];
      const appliance = await makeAppliance({ folder: join(folder, 'sample'), name: 'sample', capacities });
      const archive = join(folder, 'sample.ova');
      await packAppliance(appliance, archive);
      for (const name of appliance.members) steps.note(name);
      return { said: `${basename(archive)}, ${Math.round(appliance.size / mib)} MiB`, value: { appliance, archive } };
    },
  );
}

async function start({ folder, steps }: Options): Promise<Service> {
  return steps.step('Start the service: TLS, a certificate of its own, an empty data folder', async () => {
    steps.command('ovfkitd --data data --listen 127.0.0.1:0');
    const service = await startService({ data: join(folder, 'data') });
    steps.note(`thumbprint ${service.thumbprint}`);
    return { said: service.url, value: service };
  });
}

async function addTarget(
  { folder, steps, signal }: Options,
  { url, user, password, thumbprint }: Service,
): Promise<void> {
  await steps.step('Remember it as a target, its certificate pinned', async () => {
    const args = ['target', 'add', 'demo', url, '--user', user, '--thumbprint', thumbprint, '--password-stdin'];
    steps.command(`ovfkit ${args.join(' ')} < password.txt`);
    const { exitCode, stdout, stderr } = await runOvfkit(args, {
      config: join(folder, 'config'),
      input: password,
      signal,
    });
    if (exitCode !== 0) throw new Error(stderr);
    return { said: stdout, value: undefined };
  });
}

/** Makes the sample and starts everything. Whoever opens it closes it. */
export async function openDemo(options: Options): Promise<Demo> {
  const { folder, steps } = options;
  const { appliance, archive } = await makeSample(options);
  options.signal.throwIfAborted();
  const service = await start(options);
  try {
    await addTarget(options, service);
    const files = await serveFolder(appliance.folder);
    return {
      folder,
      steps,
      appliance,
      archive,
      service,
      files,
      ovfkit: createCommands(options),
      close: () => closeAll({ steps, service, files }),
    };
  } catch (error) {
    await service.stop();
    throw error;
  }
}

async function closeAll({ steps, service, files }: Pick<Demo, 'steps' | 'service' | 'files'>): Promise<void> {
  await steps.step('Stop everything', async () => {
    await files.close();
    const exitCode = await service.stop();
    if (exitCode !== 0) throw new Error(`ovfkitd ended with ${exitCode}`);
    return { said: 'the service ended with exit code 0', value: undefined };
  });
}
