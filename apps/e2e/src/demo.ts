// Shows the main job from end to end with the built programs, as a user would run them.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runDemo } from './demo-run.ts';
import { createSteps } from './steps.ts';

const startedAt = performance.now();
const folder = await mkdtemp(join(tmpdir(), 'ovfkit-demo-'));
const controller = new AbortController();
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.once(name, () => controller.abort(new Error(`canceled by ${name}`)));

try {
  await runDemo({ folder, steps: createSteps(), signal: controller.signal });
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  process.stdout.write(`\nAll of it worked, in ${seconds} s. Nothing is left behind.\n`);
} catch (error) {
  const text = error instanceof Error ? error.message : String(error);
  process.stderr.write(`\nThe demo failed: ${text}\n`);
  process.exitCode = controller.signal.aborted ? 130 : 1;
} finally {
  await rm(folder, { recursive: true, force: true });
}
