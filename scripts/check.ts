// `pnpm check` does all that CI does, from turbo's cache where nothing changed.
// `pnpm check rest` runs only the tests whose path holds `rest`.
import { spawnSync } from 'node:child_process';

const tasks = ['lint', 'typecheck', 'build', 'check:packages', 'test:run'];
const filters = process.argv.slice(2);
const [command, args] =
  filters.length > 0
    ? ['vitest', ['run', ...filters]]
    : ['turbo', ['run', ...tasks, '--continue=dependencies-successful']];

const { status, error } = spawnSync(command, args, {
  stdio: 'inherit',
  shell: process.platform === 'win32', // the tools are .cmd files there
});
if (error) console.error(`Could not start ${command}: ${error.message}`);
process.exitCode = status ?? 1;
