import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { bear } from './bear.ts';
import { hardships } from './hardship.ts';
import { createRandom } from './random.ts';
import type { Form } from './random-package.ts';

interface Options {
  /** Decides the packages. */
  readonly seed: number;
  readonly form: Form;
  /** Where each has a folder. */
  readonly folder: string;
  readonly tell: (line: string) => void;
}

/** All hardships, one after the other; those that need root are left out in words without it. Resolves to how many had problems. */
export async function tortureHardships({ seed, form, folder, tell }: Options): Promise<number> {
  const isRoot = process.getuid?.() === 0;
  let failed = 0;
  for (const [index, hardship] of hardships(folder).entries()) {
    if (hardship.needsRoot && !isRoot) {
      tell(`${hardship.name}: left out, for mounts need root`);
      continue;
    }
    const own = join(folder, `hardship-${index}`);
    await mkdir(own, { recursive: true });
    const { problems, log } = await bear(hardship, { folder: own, random: createRandom(seed + index), form });
    tell(`${hardship.name} ${problems.length === 0 ? 'ok' : 'FAILED'}`);
    for (const line of [...problems, ...log]) tell(`  ${line}`);
    if (problems.length > 0) failed += 1;
    else await rm(own, { recursive: true, force: true });
  }
  return failed;
}
