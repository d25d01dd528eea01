import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Path of a program on the PATH; nothing when there is none. */
export function programOnPath(name: string): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  return folders.map((folder) => join(folder, name)).find((program) => existsSync(program));
}

/** Tells a run of tests its simulator, where it is not the one over Debian's packages. */
export const simulatorVariable = 'OVFKIT_TEST_VCSIM';
