import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { createRestBackend, type RestBackend } from '@ovfkit/rest';
import { ovfkitdPath } from '../../src/programs.ts';
import type { Scene } from './scene.ts';

/** A client in this process that has patience with a service that is coming back. */
export const connectTo = ({ service }: Scene): Promise<RestBackend> => {
  const { url, user, password, thumbprint } = service;
  return createRestBackend({ url, user, password, thumbprint, attempts: 12 });
};

/** Works while the service is killed after `afterMs` and started again; the work has to come to its end all the same. */
export async function killedDuring<Result>(
  scene: Scene,
  { afterMs, work }: { readonly afterMs: number; readonly work: () => Promise<Result> },
): Promise<Result> {
  const working = work();
  working.catch(() => undefined); // it is awaited below
  await sleep(afterMs);
  await scene.restart();
  return working;
}

/** Moments spread over `ms`, each at a random point of its part. */
export const moments = (count: number, ms: number): readonly number[] =>
  Array.from({ length: count }, (_, index) => Math.round(((index + Math.random()) * ms) / count));

/** What `ovfkitd gc` lists, of a scene whose service is stopped. */
export async function garbageOf({ folder }: Scene): Promise<string> {
  const args = [ovfkitdPath, 'gc', '--dry-run', '--data', join(folder, 'data')];
  return (await promisify(execFile)(process.execPath, args)).stdout;
}
