// Packs every publishable package as a user would install it, and says what is wrong with the tarballs.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { manifestOf, problemsOf } from './packed-package.ts';
import { workspaceFolders } from './workspace.ts';

const destination = await mkdtemp(join(tmpdir(), 'ovfkit-packages-'));
try {
  const problems: string[] = [];
  for (const folder of await workspaceFolders()) {
    if ((await manifestOf(folder)).private === true) continue;
    problems.push(...(await problemsOf(folder, destination)));
  }
  for (const problem of problems) console.error(problem);
  if (problems.length > 0) process.exitCode = 1;
} finally {
  await rm(destination, { recursive: true, force: true });
}
