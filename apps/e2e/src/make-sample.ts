// Makes a sample appliance to try things on: node apps/e2e/src/make-sample.ts PATH.ova
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeAppliance, packAppliance } from './sample-appliance.ts';

const [path = 'appliance.ova'] = process.argv.slice(2);
const folder = await mkdtemp(join(tmpdir(), 'ovfkit-sample-'));
try {
  await packAppliance(
    await makeAppliance({ folder, name: 'sample', capacities: [64 * 1024 ** 2, 16 * 1024 ** 2] }),
    path,
  );
  process.stdout.write(`${path}\n`);
} finally {
  await rm(folder, { recursive: true, force: true });
}
