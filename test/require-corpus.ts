import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';

/** Vitest's global set-up of the corpus run: a run without the corpus fails, it does not vanish. */
export function setup(project: TestProject): void {
  const folder = project.config.env['OVFKIT_CORPUS'] ?? '';
  if (!existsSync(join(folder, 'INDEX.md'))) {
    throw new Error(`There is no corpus at ${folder}. Put it there, or set OVFKIT_CORPUS to its folder.`);
  }
}
