import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Ended, type JsonLine, jsonLines, runOvfkit } from '../../src/ovfkit.ts';
import { makeAppliance, packAppliance, type SampleAppliance } from '../../src/sample-appliance.ts';
import { type Service, startService } from '../../src/service.ts';
import { openVcenterRest, type VcenterRest } from '../../src/vcenter-rest.ts';

/** The built programs on a folder of their own, with `lab` as a stored target. */
export interface Scene {
  readonly folder: string;
  readonly service: Service;
  /** Disks of 3 and 1 MiB. */
  readonly appliance: SampleAppliance;
  /** Packs the appliance; resolves to the path of the archive. */
  pack(): Promise<string>;
  ovfkit(args: readonly string[], options?: Omit<Parameters<typeof runOvfkit>[1], 'config'>): Promise<Ended>;
  rest(): Promise<VcenterRest>;
  /** Ends the service as a power cut would, and starts it at the same address. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

/** What the sample cannot be imported without. */
export const needed = ['--net', 'Frontend=VM Network', '--net', 'Backend=VM Network', '--accept-eula'] as const;

export const mib = 1024 ** 2;

/** `flags` are the service's. */
export async function openScene(
  capacities: readonly number[] = [3 * mib, mib],
  flags: readonly string[] = [],
): Promise<Scene> {
  const folder = await mkdtemp(join(tmpdir(), 'ovfkit-e2e-'));
  const appliance = await makeAppliance({ folder: join(folder, 'sample'), name: 'sample', capacities });
  let service = await startService({ data: join(folder, 'data'), flags });
  const ovfkit: Scene['ovfkit'] = (args, options = {}) =>
    runOvfkit(args, { config: join(folder, 'config'), ...options });
  const { url, user, thumbprint, password } = service;
  const target = ['target', 'add', 'lab', url, '--user', user, '--thumbprint', thumbprint, '--password-stdin'];
  const added = await ovfkit(target, { input: password });
  if (added.exitCode !== 0) throw new Error(added.stderr);
  return {
    folder,
    get service() {
      return service;
    },
    appliance,
    async pack() {
      const archive = join(folder, 'sample.ova');
      await packAppliance(appliance, archive);
      return archive;
    },
    ovfkit,
    rest: () => openVcenterRest(service),
    restart: async () => {
      await service.kill();
      service = await startService({ data: join(folder, 'data'), port: Number(new URL(service.url).port), flags });
    },
    close: async () => {
      await service.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** The last JSON line of a command. */
export function resultOf({ stdout }: Ended): JsonLine {
  const last = jsonLines(stdout).at(-1);
  if (last?.type !== 'result') throw new Error(`the last line is no result: ${stdout}`);
  return last;
}
