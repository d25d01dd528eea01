// `pnpm bench [package]`: runs the files in packages/*/bench, one process each, from source. They print their figures as
// rows of a table; nothing else should run on the machine meanwhile.
import { spawnSync } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { basename, join, relative } from 'node:path';
import { root, workspaceFolders } from './workspace.ts';

const wanted = process.argv.slice(2);
const files: string[] = [];
for (const folder of await workspaceFolders()) {
  if (wanted.length > 0 && !wanted.includes(basename(folder))) continue;
  const names = await readdir(join(folder, 'bench')).catch(() => []);
  files.push(...names.filter((name) => name.endsWith('.bench.ts')).map((name) => join(folder, 'bench', name)));
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
