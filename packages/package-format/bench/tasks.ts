// One measured task per process, so that its peak memory is its own: `node tasks.ts NAME ARGUMENT…`.
import { readFile } from 'node:fs/promises';
import { readDescriptor } from '@ovfkit/package-format';
import { convertDisk, openPackage, verifyPackage } from '@ovfkit/package-format/node';

const [task = '', path = '', second = ''] = process.argv.slice(2);

if (task === 'nothing') {
  // what starting costs
} else if (task === 'list') {
  const reader = await openPackage(path);
  if (reader.members.length < 2) throw new Error('nothing was listed');
  await reader.close();
} else if (task === 'verify') {
  const { problems } = await verifyPackage(path, { disks: second === 'grains' ? 'grains' : undefined });
  const errors = problems.filter(({ severity }) => severity === 'error');
  if (errors.length > 0) throw new Error(errors.map(({ message }) => message).join('\n'));
} else if (task === 'convert') {
  await convertDisk(path, { to: 'streamOptimized', path: second, ifExists: 'replace' });
} else if (task === 'parse') {
  const bytes = await readFile(path);
  for (let round = 0; round < Number(second); round += 1) {
    const { findings } = readDescriptor(bytes);
    if (findings.some(({ severity }) => severity === 'error')) throw new Error('the descriptor is not sound');
  }
} else {
  throw new Error(`There is no task ${task}`);
}
console.log(`peak ${process.resourceUsage().maxRSS}`);
