// `pnpm bench [name]`: runs the files NAME.bench.ts in the folders bench of packages and apps, one process each, from source.
// They print their figures as rows of a table; nothing else should run on the machine meanwhile.
import { spawnSync } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { basename, join, relative } from 'node:path';
import { root, workspaceFolders } from './workspace.ts';

const wanted = process.argv.slice(2);
const files: string[] = [];
for (const folder of await workspaceFolders()) {
  const names = await readdir(join(folder, 'bench')).catch(() => []);
  const found = names.filter((name) => name.endsWith('.bench.ts'));
  const chosen = found.filter((name) => wanted.length === 0 || wanted.includes(basename(name, '.bench.ts')));
  files.push(...chosen.map((name) => join(folder, 'bench', name)));
}
if (files.length === 0) {
  console.error(`No benchmarks${wanted.length > 0 ? ` in ${wanted.join(', ')}` : ''}`);
  process.exitCode = 1;
}
for (const file of files) {
  console.log(`\n${relative(root, file)}\n`);
  const { status } = spawnSync(process.execPath, ['--conditions=@ovfkit/source', file], {
    stdio: 'inherit',
    cwd: root,
  });
  if (status !== 0) process.exitCode = 1;
}
