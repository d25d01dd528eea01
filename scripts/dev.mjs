// Runs pnpm on this repository's pinned toolchain: `node scripts/dev.mjs run check`.
//
// Needs npm and Node.js 18 or newer, and nothing else. A Node.js that satisfies "engines"
// is used as it is, and so is a pnpm that is already running us. What is missing comes
// from the npm registry into .toolchain/ (or TOOLCHAIN_DIR), once per pinned version.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../', import.meta.url));
const read = (name) => readFileSync(join(root, name), 'utf8');
const { packageManager, engines } = JSON.parse(read('package.json'));

const wanted = {};
if (!process.env.npm_config_user_agent?.startsWith('pnpm/')) {
  wanted.pnpm = /^pnpm@([^+]+)/.exec(packageManager)[1];
}
if (isOlder(process.versions.node, engines.node.replace('>=', ''))) {
  wanted.node = read('.node-version').trim();
}

// npm exports its own settings to the scripts it runs; they must not leak into pnpm.
const env = Object.fromEntries(Object.entries(process.env).filter(([key]) => !/^npm_/i.test(key)));

env.DO_NOT_TRACK ??= '1'; // turbo and others ask for this before they report anything
env.TURBO_TELEMETRY_DISABLED ??= '1';

const names = Object.keys(wanted);
if (names.length > 0) {
  const base = process.env.TOOLCHAIN_DIR ?? join(root, '.toolchain');
  const dir = join(base, names.map((name) => `${name}-${wanted[name]}`).join('_'));
  if (!existsSync(join(dir, 'installed'))) installToolchain(dir);
  const path = Object.keys(env).find((key) => key.toUpperCase() === 'PATH') ?? 'PATH';
  env[path] = [join(dir, 'node_modules', '.bin'), env[path]].join(delimiter);
}

run('pnpm', ['install', '--prefer-offline', '--reporter=append-only', ...(env.CI ? ['--frozen-lockfile'] : [])], {
  cwd: root,
  env,
  quiet: true,
});
run('pnpm', process.argv.slice(2), { cwd: root, env });

// Installs beside the final folder and renames: an interrupted install is never taken for a whole one.
function installToolchain(dir) {
  console.error(`Installing ${names.map((name) => `${name} ${wanted[name]}`).join(' and ')} (once)`);
  const partial = `${dir}.${process.pid}.partial`;
  rmSync(partial, { recursive: true, force: true });
  mkdirSync(partial, { recursive: true });
  const allowScripts = Object.fromEntries(names.map((name) => [name, true])); // npm 12 blocks them
  writeFileSync(
    join(partial, 'package.json'),
    JSON.stringify({ private: true, dependencies: wanted, allowScripts }, null, 2),
  );
  run('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: partial, env: process.env });
  writeFileSync(join(partial, 'installed'), '');
  if (!existsSync(join(dir, 'installed'))) {
    rmSync(dir, { recursive: true, force: true });
    renameSync(partial, dir);
  }
}

function isOlder(version, minimum) {
  const [a, b] = [version, minimum].map((text) => text.split('.').map(Number));
  for (const i of [0, 1, 2]) if (a[i] !== (b[i] ?? 0)) return a[i] < (b[i] ?? 0);
  return false;
}

// With `quiet`, output is shown only when the command fails.
function run(command, args, { cwd, env: environment, quiet = false }) {
  const shell = process.platform === 'win32'; // npm and pnpm are .cmd files there
  const stdio = quiet ? ['ignore', 'pipe', 'pipe'] : 'inherit';
  const { status, signal, error, stdout, stderr } = spawnSync(command, args, {
    cwd,
    env: environment,
    stdio,
    shell,
    maxBuffer: 64 * 1024 * 1024,
  });
  if (error) console.error(`Could not start ${command}: ${error.message}`);
  if (status === 0) return;
  if (quiet) process.stderr.write(`${stdout ?? ''}${stderr ?? ''}`);
  if (signal) process.kill(process.pid, signal);
  process.exit(status ?? 1);
}
